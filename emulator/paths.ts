import { homedir } from "node:os";
import { isAbsolute, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

/** The repository's root. */
export const root = resolve(fileURLToPath(import.meta.url), "..", "..");

/** What is built or downloaded once and shared by every checkout, keyed by pinned versions inside. */
export const cacheDir = join(cacheBase(process.env["XDG_CACHE_HOME"]), "oke-ambient-mesh");

// Empty and relative values count as unset: https://specifications.freedesktop.org/basedir-spec/latest/
function cacheBase(set = ""): string {
  return isAbsolute(set) ? set : join(homedir(), ".cache");
}

/** Everything one sandbox knows and writes: state, ports, certificates, logs, the Pulumi backend. */
export function stateDir(name: string): string {
  return join(root, ".sandbox", name);
}
