import { dirname, isAbsolute, join, resolve, sep } from "node:path";

import { stringify } from "yaml";

import { filePath } from "./connect.js";
import { parseYaml, readText } from "./load.js";
import { isPath } from "./unreadable.js";

interface Entries {
  clusters?: { cluster?: Record<string, unknown> }[];
  users?: { user?: Record<string, unknown> & { exec?: Record<string, unknown> } }[];
}

/**
 * A kubeconfig's text for the kubernetes provider, which takes the relative paths in a file that it is given as
 * relative to the project's folder, not to the file's
 * (https://github.com/pulumi/pulumi-kubernetes/blob/v4.34.2/provider/pkg/provider/util.go).
 *
 * @returns the text, with absolute paths; undefined for a file without relative paths, whose path is enough.
 */
export function forProvider(kubeconfig: string): string | undefined {
  if (!isPath(kubeconfig)) return kubeconfig;
  const file = filePath(kubeconfig);
  let config: Entries | null;
  try {
    config = parseYaml(readText(file)) as Entries | null;
  } catch {
    // The inspection has read it, or is replaced.
    return undefined;
  }
  const folder = resolve(dirname(file));
  let changed = false;
  const makeAbsolute = (entry: Record<string, unknown> | undefined, key: string) => {
    const path = entry?.[key];
    if (!entry || typeof path !== "string" || path === "" || isAbsolute(path)) return;
    entry[key] = join(folder, path);
    changed = true;
  };
  for (const { cluster } of config?.clusters ?? []) makeAbsolute(cluster, "certificate-authority");
  for (const { user } of config?.users ?? []) {
    for (const key of ["client-certificate", "client-key", "tokenFile"]) makeAbsolute(user, key);
    const command = user?.exec?.["command"];
    if (typeof command === "string" && command.includes(sep)) makeAbsolute(user?.exec, "command");
  }
  return changed ? stringify(config, { lineWidth: 0 }) : undefined;
}
