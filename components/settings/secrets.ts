import { withoutWords } from "../resources/secret-texts.js";
import type { Problem } from "./problems.js";

/**
 * Settings that names, labels, outputs, or messages show, which Pulumi and the cluster store in plain text; and numbers
 * and choices that decide what the program makes.
 */
const shown: readonly string[] = [
  "cluster",
  "kubernetesVersion",
  "clusterType",
  "network.apiOpenToAll",
  "nodes.os",
  "nodes.ocpus",
  "nodes.memoryGb",
  "nodes.count",
  "nodes.bootVolumeGb",
  "gateway.serviceType",
  "mesh.version",
  "mesh.platform",
  "namespace",
  "stage",
  "reviews.v2Percent",
  "observability",
  "load",
  "verify",
  "verifySettleSeconds",
  "expiresAt",
];

/**
 * A problem for each encrypted setting that a deployment could not keep.
 *
 * @param secretKeys keys that hold an encrypted value.
 * @param encrypted the encrypted values themselves, as far as the stack's file tells: `nodes.count`.
 * @param given the values by key.
 */
export function secretsThatShow(
  secretKeys: readonly string[],
  encrypted: readonly string[],
  given: Readonly<Record<string, unknown>>,
): Problem[] {
  const keys = secretKeys.filter((key) => isShownWhole(key));
  return settingsIn(given)
    .filter(([path, value]) => isShown(path, value))
    .filter(([path]) => [...keys, ...encrypted].some((secret) => isWithin(path, secret)))
    .map(([key]) => ({
      key,
      value: "[secret]",
      expected: `expected plain text: state and messages show this value. Store it with \`pulumi config set --plaintext ${key.includes(".") ? "--path " : ""}${key} <value>\``,
    }));
}

/** Whether every field of a key is shown, so that it does not matter which of them is the secret. */
const isShownWhole = (key: string) => shown.includes(key) || ["gateway", "reviews"].includes(key);

/** A version of the Gateway API is in annotations and outputs; a path or URL is in neither. */
const isShown = (path: string, value: unknown) =>
  shown.includes(path) || (path === "mesh.gatewayApi" && !String(value).includes("#sha256="));

const isWithin = (path: string, outer: string) => path === outer || path.startsWith(`${outer}.`);

function settingsIn(given: Readonly<Record<string, unknown>>): [path: string, value: unknown][] {
  return Object.entries(given).flatMap(([key, value]): [string, unknown][] =>
    typeof value === "object" && value !== null
      ? Object.entries(value).map(([field, inner]) => [`${key}.${field}`, inner])
      : [[key, value]],
  );
}

/**
 * Hides texts and numbers in a message, for checks that compare one setting with another.
 *
 * @param values of encrypted keys; which of their fields is the secret may be unknown.
 */
export const withoutValues = (values: readonly unknown[]): ((message: string) => string) =>
  withoutWords(values.flatMap(leaves));

function leaves(value: unknown): string[] {
  if (typeof value === "string" || typeof value === "number")
    return value === "" ? [] : [`${value}`];
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(leaves) : [];
}
