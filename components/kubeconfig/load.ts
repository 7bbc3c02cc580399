import { readFileSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, dirname, isAbsolute, join, resolve, sep } from "node:path";

import { parseAllDocuments } from "yaml";

import { kubeconfigSchema } from "./schema.js";
import type { ClusterEntry, ContextEntry, UserEntry } from "./schema.js";

// kubectl's rules, from client-go:
// https://github.com/kubernetes/client-go/blob/v0.36.3/tools/clientcmd/loader.go

/** One or several kubeconfigs, merged; paths in it are absolute where their file is known. */
export interface Kubeconfig {
  currentContext?: string;
  clusters: Map<string, ClusterEntry>;
  users: Map<string, UserEntry>;
  contexts: Map<string, ContextEntry>;
}

/** A kubeconfig that kubectl would refuse too. The message repeats no value of it. */
export class InvalidKubeconfig extends Error {}

type Environment = Record<string, string | undefined>;

/**
 * The kubeconfig that kubectl uses: the files of `KUBECONFIG`, else `~/.kube/config`. Missing files count as empty; of
 * two entries with one name the first counts.
 *
 * @throws InvalidKubeconfig, and what `readFileSync` throws except for a missing file.
 */
export function loadDefault(env: Environment = process.env, home = homedir()): Kubeconfig {
  const files = env["KUBECONFIG"]
    ? new Set(env["KUBECONFIG"].split(delimiter).filter((file) => file !== ""))
    : [join(home, ".kube", "config")];
  const merged: Kubeconfig = { clusters: new Map(), users: new Map(), contexts: new Map() };
  for (const file of files) {
    const config = ifPresent(file);
    merged.currentContext ||= config?.currentContext;
    for (const kind of ["clusters", "users", "contexts"] as const) {
      const into = merged[kind] as Map<string, unknown>;
      for (const [name, entry] of config?.[kind] ?? []) {
        if (!into.has(name)) into.set(name, entry);
      }
    }
  }
  return merged;
}

function ifPresent(file: string): Kubeconfig | undefined {
  try {
    return loadFile(file);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === "ENOENT") return undefined;
    if (code) throw new InvalidKubeconfig(`${file} can't be read (${code})`);
    throw new InvalidKubeconfig(`${file} is not a valid kubeconfig: ${message}`);
  }
}

/**
 * A file's kubeconfig, with the paths in it relative to its folder.
 *
 * @throws InvalidKubeconfig, and what `readFileSync` throws.
 */
export function loadFile(file: string): Kubeconfig {
  const config = loadText(readText(file));
  const folder = resolve(dirname(file));
  const absolute = (path: string | undefined) =>
    path && !isAbsolute(path) ? join(folder, path) : path;
  for (const cluster of config.clusters.values()) {
    cluster["certificate-authority"] = absolute(cluster["certificate-authority"]);
  }
  for (const user of config.users.values()) {
    for (const key of ["client-certificate", "client-key", "tokenFile"] as const) {
      user[key] = absolute(user[key]);
    }
    // A command without a separator is looked up in PATH.
    if (user.exec?.command?.includes(sep)) user.exec.command = absolute(user.exec.command);
  }
  return config;
}

/** A file's text. PowerShell redirects into UTF-16 with a byte order mark, which kubectl reads too. */
export function readText(file: string): string {
  const bytes = readFileSync(file);
  const isUtf16 = bytes[0] === 0xff && bytes[1] === 0xfe;
  return bytes.toString(isUtf16 ? "utf16le" : "utf8");
}

/**
 * A kubeconfig's YAML as kubectl reads it: the first document, with merged keys (`<<`).
 *
 * @throws InvalidKubeconfig
 */
export function parseYaml(text: string): unknown {
  const documents = parseAllDocuments(text, { uniqueKeys: true, merge: true });
  const [document] = Array.isArray(documents) ? documents : [];
  const [broken] = document?.errors ?? [];
  if (broken) {
    const { line = 1, col = 1 } = broken.linePos?.[0] ?? {};
    throw new InvalidKubeconfig(`invalid YAML at line ${line}, column ${col}`);
  }
  return document?.toJS();
}

/** @throws InvalidKubeconfig */
export function loadText(text: string): Kubeconfig {
  const parsed = kubeconfigSchema.safeParse(parseYaml(text) ?? {});
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new InvalidKubeconfig(describeIssue(issue?.path ?? [], issue?.message ?? ""));
  }
  const { clusters, users, contexts, "current-context": currentContext } = parsed.data;
  return {
    currentContext,
    clusters: byName("clusters", clusters, ({ cluster }) => cluster),
    users: byName("users", users, ({ user }) => user),
    contexts: byName("contexts", contexts, ({ context }) => context),
  };
}

/** `users[0].name is missing`, without the value. */
function describeIssue(path: PropertyKey[], message: string): string {
  const at = path
    .map((key) => (typeof key === "number" ? `[${key}]` : `.${String(key)}`))
    .join("")
    .replace(/^\./, "");
  if (at === "") return "it is not a YAML mapping";
  if (/received undefined/.test(message)) return `${at} is missing`;
  const expected = /expected (\S+)/.exec(message)?.[1]?.replace(/,$/, "") ?? "another value";
  return `${at} is not ${/^[aeiou]/.test(expected) ? "an" : "a"} ${expected}`;
}

function byName<T extends { name: string }, E>(
  list: string,
  items: T[],
  entry: (item: T) => E,
): Map<string, E> {
  const map = new Map<string, E>();
  for (const item of items) {
    if (map.has(item.name)) throw new InvalidKubeconfig(`${list} has two entries ${item.name}`);
    map.set(item.name, entry(item));
  }
  return map;
}
