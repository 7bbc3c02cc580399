import { readdirSync } from "node:fs";

import { root } from "../paths.js";

/** Names of the stacks with a `Pulumi.<stack>.yaml`, except sandboxes. */
export function stackNames(folder = root): string[] {
  return readdirSync(folder)
    .map((file) => /^Pulumi\.(.+)\.yaml$/.exec(file)?.[1])
    .filter((name): name is string => name !== undefined && !/^sandbox(-|$)/.test(name))
    .sort();
}
