import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";

import { cacheFolder, writeCache } from "../../cache.js";

/** A token and when it expires. */
export interface CachedToken {
  token: string;
  expires: Date;
}

/** A token this close to its end is not used, so that it does not expire during a request. */
const marginMs = 60_000;

/** The folder of cached tokens. */
export function tokenFolder(env: Record<string, string | undefined> = process.env): string {
  return join(cacheFolder(env), "tokens");
}

/** The file of an identity and cluster. */
export function tokenFile(folder: string, ...identity: string[]): string {
  return join(folder, `${createHash("sha256").update(identity.join("\0")).digest("hex")}.json`);
}

/** The cached token, if it is valid for another minute. */
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

/** Caches a token. */
export function writeToken(file: string, { token, expires }: CachedToken): void {
  writeCache(file, JSON.stringify({ token, expires: expires.toISOString() }));
}
