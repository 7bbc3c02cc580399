import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { fetchUrl } from "../http/fetch.js";
import { parseObjects, type KubernetesObject } from "../resources/manifest.js";

const timeoutMs = 60_000;

/**
 * The Kubernetes objects at an `https:` or `file:` URL or a path; of a folder, those of all its YAML files.
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
    const response = await fetchUrl(url, { signal: AbortSignal.timeout(timeoutMs) });
    if (response.ok) return await response.text();
    reason = `HTTP ${response.status}`;
  } catch (error) {
    const { message, cause } = error as Error;
    reason = cause instanceof Error ? `${message}: ${cause.message}` : message;
  }
  throw new Error(`can't download ${url}: ${reason}.`);
}
