import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join } from "node:path";

/** A folder of the program's cache: https://specifications.freedesktop.org/basedir-spec/latest/ */
export function cacheFolder(
  name: string,
  env: Record<string, string | undefined> = process.env,
): string {
  return join(env["XDG_CACHE_HOME"] || join(homedir(), ".cache"), "oke-ambient-mesh", name);
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
