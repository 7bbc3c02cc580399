import { homedir } from "node:os";
import { isAbsolute, join } from "node:path";

/**
 * This project's folder in the user's cache, outside any checkout: tokens, bundles, and the emulator's builds.
 * https://specifications.freedesktop.org/basedir-spec/latest/
 */
export function cacheFolder(env: Record<string, string | undefined> = process.env): string {
  const { XDG_CACHE_HOME: base = "" } = env;
  return join(isAbsolute(base) ? base : join(homedir(), ".cache"), "oke-ambient-mesh");
}
