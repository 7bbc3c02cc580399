import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, isAbsolute, join } from "node:path";

/**
 * This project's folder in the user's cache, outside any checkout: tokens, bundles, and the emulator's builds.
 * https://specifications.freedesktop.org/basedir-spec/latest/
 */
export function cacheFolder(env: Record<string, string | undefined> = process.env): string {
  const { XDG_CACHE_HOME: base = "" } = env;
  return join(isAbsolute(base) ? base : join(homedir(), ".cache"), "oke-ambient-mesh");
}

/**
 * Writes a file that only its owner can read, and renames it into place so that no reader sees half of it. A cache
 * only saves time, so a folder that is not writable is no error.
 */
export function writeCache(file: string, text: string): void {
  const draft = `${file}.${process.pid}`;
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    writeFileSync(draft, text, { mode: 0o600 });
    renameSync(draft, file);
  } catch {
    if (existsSync(draft)) rmSync(draft);
  }
}
