import { homedir } from "node:os";
import { isAbsolute, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

/** The repository's root. */
export const root = resolve(fileURLToPath(import.meta.url), "..", "..");

/** Builds and downloads that every checkout shares, in folders keyed by pinned versions. */
export const cacheDir = join(cacheBase(process.env["XDG_CACHE_HOME"]), "oke-ambient-mesh");

// Empty and relative values count as unset: https://specifications.freedesktop.org/basedir-spec/latest/
function cacheBase(set = ""): string {
  return isAbsolute(set) ? set : join(homedir(), ".cache");
}

/** Folder of one sandbox's files: state, ports, certificates, logs, the Pulumi backend. */
export function stateDir(name: string): string {
  return join(root, ".sandbox", name);
}
