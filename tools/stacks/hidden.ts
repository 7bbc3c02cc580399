import { wordsOf } from "../../components/kubeconfig/words.js";
import { secretTexts, withoutWords } from "../../components/resources/secret-texts.js";
import { secretValues } from "../../components/settings/stack-file.js";
import { ownKeys, ownNames } from "../../components/settings/types.js";
import type { VerifyInput } from "../../components/verification/input.js";
import type { StackValues } from "./stack-config.js";

/** Shorter ones would hide parts of other words. */
const shortest = 3;
/** Texts that may be shorter than what is searched for anywhere. */
const short = ["existing.context", "existing.kubeconfig", "mesh.chartRepository", "mesh.imageHub"];

/** Whether a setting of the stack (`existing.context`) has a value that is encrypted, or may be. */
export function secretSettings(values: StackValues): (setting: string) => boolean {
  const secret = secretOf(values);
  return (setting) => secret(setting) !== undefined;
}

const secretOf = ({ config, secretKeys = [], file }: StackValues) =>
  secretValues(ownKeys(config), ownNames(secretKeys), file);

/** A function that puts `[secret]` in place of a stack's encrypted values in a text. */
export function hiding(values: StackValues): (text: string) => string {
  const { config, secretKeys = [] } = values;
  const texts = secretKeys.flatMap((key) => secretTexts(config[key]));
  const secret = secretOf(values);
  // Rows about the mesh's configuration repeat it.
  texts.push(...secretTexts(Object.values((secret("mesh.helmValues") ?? {}) as object)));
  const words = [...short.map(secret), ...wordsOf(secret("existing.kubeconfig"))];
  const withoutSecretWords = withoutWords(
    words.filter((word) => typeof word === "string").filter(({ length }) => length >= shortest),
  );
  return (text) =>
    withoutSecretWords(texts.reduce((shown, value) => shown.replaceAll(value, "[secret]"), text));
}

/** The same for how a verification reaches the cluster, which the engine hides only as a whole. */
export function hidingAccess(access: Access): (text: string) => string {
  const { kubeconfig, context, isSecret } = access;
  const words = isSecret ? [kubeconfig, context, ...wordsOf(kubeconfig)] : [];
  return withoutWords(words.filter((word) => word !== undefined));
}

type Access = Pick<VerifyInput, "kubeconfig" | "context" | "isSecret">;

/** The same in every text of a document. */
export function hiddenIn<T>(document: T, hide: (text: string) => string): T {
  if (typeof document === "string") return hide(document) as T;
  if (Array.isArray(document)) return document.map((each) => hiddenIn<unknown>(each, hide)) as T;
  if (typeof document !== "object" || document === null) return document;
  return Object.fromEntries(
    Object.entries(document).map(([key, each]) => [key, hiddenIn<unknown>(each, hide)]),
  ) as T;
}
