import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { parse } from "yaml";

import { UsageError } from "../command-line/errors.js";
import { root } from "../paths.js";
import { pulumiJson } from "./pulumi.js";

/** A stack's configuration by full key: `oke-ambient-mesh:nodes`, `oci:region`. */
export type Config = Record<string, unknown>;

/** A stack's name without organization and project, as in `Pulumi.<name>.yaml` and the tag of its resources. */
export const shortName = (fullName: string): string => fullName.split("/").at(-1) ?? fullName;

/**
 * A stack's configuration from its backend. Without Pulumi, or if the backend does not have the stack, its file, where
 * secrets stay encrypted.
 *
 * @param unknownStack makes the error for a stack without either from Pulumi's error.
 * @throws UsageError if there is neither.
 */
export async function stackConfig(
  fullName: string,
  unknownStack: (error: UsageError) => UsageError = (error) => error,
): Promise<Config> {
  interface Entry {
    value?: string;
    objectValue?: unknown;
  }
  try {
    const args = ["config", "--show-secrets", "--stack", fullName];
    const entries = await pulumiJson<Record<string, Entry>>(args);
    return Object.fromEntries(
      Object.entries(entries).map(([key, { value, objectValue }]) => [key, objectValue ?? value]),
    );
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    const config = fileConfig(join(root, `Pulumi.${shortName(fullName)}.yaml`));
    if (!config) throw unknownStack(error);
    return config;
  }
}

/**
 * The configuration in a stack's file; undefined if there is no such file.
 *
 * @throws UsageError if it is not YAML.
 */
export function fileConfig(file: string): Config | undefined {
  if (!existsSync(file)) return undefined;
  try {
    return (parse(readFileSync(file, "utf8")) as { config?: Config } | null)?.config ?? {};
  } catch (error) {
    throw new UsageError(`${file} is not valid YAML: ${(error as Error).message}`);
  }
}
