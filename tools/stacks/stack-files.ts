import { readdirSync } from "node:fs";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";

/** The repository's root. */
export const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/** Names of the stacks with a `Pulumi.<stack>.yaml` here, but the sandbox's own. */
export function stackNames(folder = root): string[] {
  return readdirSync(folder)
    .map((file) => /^Pulumi\.(.+)\.yaml$/.exec(file)?.[1])
    .filter((name): name is string => name !== undefined && !/^sandbox(-|$)/.test(name))
    .sort();
}
