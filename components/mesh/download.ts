import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, rename, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

import { cacheFolder } from "../cache-folder.js";
import { parseObjects, type KubernetesObject } from "../resources/manifest.js";

const timeoutMs = 60_000;

/**
 * The Kubernetes objects at an `https:` or `file:` URL or a path; of a folder, those of all its YAML
 * files.
 *
 * @throws Error with the location and the reason in its message.
 */
export async function fetchObjects(location: string): Promise<KubernetesObject[]> {
  if (/^https?:/.test(location)) return parseObjects(await download(location), location);
  const path = location.startsWith("file:") ? fileURLToPath(location) : location;
  if (!(await stat(path)).isDirectory()) return parseObjects(await readFile(path, "utf8"), path);
  const names = (await readdir(path)).filter((name) => /\.ya?ml$/.test(name));
  const files = names.sort().map((name) => join(path, name));
  const objects = files.map(async (file) => parseObjects(await readFile(file, "utf8"), file));
  return (await Promise.all(objects)).flat();
}

async function download(url: string): Promise<string> {
  let reason: string;
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(timeoutMs) });
    if (response.ok) return await response.text();
    reason = `HTTP ${response.status}`;
  } catch (error) {
    const { message, cause } = error as Error;
    reason = cause instanceof Error ? `${message}: ${cause.message}` : message;
  }
  throw new Error(`${url} cannot be fetched (${reason}).`);
}

function file(folder: string, digest: string): string {
  return join(cacheFolder(), folder, `${digest}.json`);
}

/** A kept text by its SHA-256 in hexadecimal; undefined where it is missing or damaged. */
export async function cached(folder: string, digest: string): Promise<string | undefined> {
  const text = await readFile(file(folder, digest), "utf8").catch(() => undefined);
  if (text === undefined) return undefined;
  return createHash("sha256").update(text).digest("hex") === digest ? text : undefined;
}

/** Keeps a text. The cache saves time and nothing else: where it cannot be written, that is no error. */
export async function keep(folder: string, digest: string, text: string): Promise<void> {
  const target = file(folder, digest);
  const part = `${target}.${process.pid}`;
  try {
    await mkdir(dirname(target), { recursive: true });
    await writeFile(part, text);
    // A reader never sees half a file.
    await rename(part, target);
  } catch {
    return;
  }
}
