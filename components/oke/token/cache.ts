import { createHash, randomUUID } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { cacheFolder } from "../../cache-folder.js";

/** A token and when it ends. */
export interface CachedToken {
  token: string;
  expires: Date;
}

/** A token this near to its end is made anew: a request under way must not outlive it. */
const marginMs = 60_000;

/** Where tokens are kept, outside any repository. */
export function tokenFolder(env: Record<string, string | undefined> = process.env): string {
  return join(cacheFolder(env), "tokens");
}

/** The file of one identity and cluster. */
export function tokenFile(folder: string, ...identity: string[]): string {
  return join(folder, `${createHash("sha256").update(identity.join("\0")).digest("hex")}.json`);
}

/** The kept token, as long as it is good for another minute. */
export function readToken(file: string, now = new Date()): CachedToken | undefined {
  try {
    const { token, expires } = JSON.parse(readFileSync(file, "utf8")) as Record<string, unknown>;
    const end = new Date(String(expires));
    return typeof token === "string" && end.getTime() - now.getTime() > marginMs
      ? { token, expires: end }
      : undefined;
  } catch {
    return undefined;
  }
}

/** Keeps a token, readable by its owner alone; in one step, as several clients may ask at once. */
export function writeToken(file: string, { token, expires }: CachedToken): void {
  const folder = join(file, "..");
  const draft = `${file}.${randomUUID()}`;
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    writeFileSync(draft, JSON.stringify({ token, expires: expires.toISOString() }), {
      mode: 0o600,
    });
    renameSync(draft, file);
  } catch {
    // A read-only home is no reason to go without a token.
    if (existsSync(draft)) rmSync(draft);
  }
}
