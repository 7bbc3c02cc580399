import { existsSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";

import { parseProjectYaml } from "../../components/settings/project-yaml.js";
import { readStackFile, type StackFile } from "../../components/settings/stack-file.js";
import { qualified } from "../../components/settings/types.js";
import { ToolError } from "../command-line/errors.js";
import { root } from "../paths.js";
import { pulumiJson } from "./pulumi.js";

/** A stack's configuration by full key: `oke-ambient-mesh:nodes`, `oci:region`. */
export type Config = Record<string, unknown>;

/** What a stack is configured with. */
export interface StackValues {
  config: Config;
  /** Keys that hold an encrypted value, which nothing may show. */
  secretKeys?: string[];
  /** The stack's file, which tells which fields of those keys are encrypted. */
  file?: StackFile;
}

/** A stack's name without organization and project, as in `Pulumi.<name>.yaml` and the tag of its resources. */
export const shortName = (fullName: string): string => fullName.split("/").at(-1) ?? fullName;

/**
 * A stack's configuration from its backend. Without Pulumi, or if the backend does not have the stack, its file, where
 * secrets stay encrypted.
 *
 * @param unknownStack makes the error for a stack without either from Pulumi's error.
 * @throws ToolError if there is neither.
 */
export async function stackConfig(
  fullName: string,
  unknownStack: (error: ToolError) => ToolError = (error) => error,
): Promise<StackValues> {
  interface Entry {
    value?: string;
    objectValue?: unknown;
    secret?: boolean;
  }
  try {
    const args = ["config", "--show-secrets", "--stack", fullName];
    const entries = await pulumiJson<Record<string, Entry>>(args);
    const values = Object.entries(entries).map(([key, { value, objectValue, secret }]) => ({
      key,
      value: objectValue ?? value,
      secret,
    }));
    return {
      config: Object.fromEntries(values.map(({ key, value }) => [key, value])),
      secretKeys: values.flatMap(({ key, secret }) => (secret ? [key] : [])),
      file: readStackFile(shortName(fullName), root),
    };
  } catch (error) {
    if (!(error instanceof ToolError)) throw error;
    const file = join(root, `Pulumi.${shortName(fullName)}.yaml`);
    const config = fileConfig(file);
    if (!config) throw unknownStack(error);
    const environments = fileEnvironments(file);
    if (environments.length > 0) {
      throw new ToolError(
        `${basename(file)} imports from Pulumi ESC: ${environments.join(", ")}. Only Pulumi can open these environments, and it could not:\n${error.message}`,
      );
    }
    return { config };
  }
}

/**
 * The configuration in a stack's file; undefined if there is no such file.
 *
 * @throws ToolError if it is not YAML, or not a mapping.
 */
export function fileConfig(file: string): Config | undefined {
  return existsSync(file) ? qualified(readFile(file).config) : undefined;
}

/** Names of the Pulumi ESC environments that a stack's file imports: https://www.pulumi.com/docs/esc/ */
export function fileEnvironments(file: string): string[] {
  return environmentsOf(readFile(file));
}

/** {@link fileEnvironments} of a parsed file; one that the file itself defines is `(inline)`. */
export function environmentsOf({ environment }: { environment?: unknown }): string[] {
  if (typeof environment !== "object" || environment === null) return [];
  const isList = Array.isArray(environment);
  const imports = isList ? environment : ((environment as { imports?: unknown }).imports ?? []);
  const names = (Array.isArray(imports) ? imports : []).flatMap((one: unknown) =>
    typeof one === "object" && one !== null ? Object.keys(one) : [String(one)],
  );
  return !isList && "values" in environment ? [...names, "(inline)"] : names;
}

function readFile(file: string): { config?: Config | null; environment?: unknown } {
  try {
    return parseProjectYaml(readFileSync(file, "utf8"));
  } catch (error) {
    throw new ToolError(`${file} is not a valid stack file: ${(error as Error).message}`);
  }
}
