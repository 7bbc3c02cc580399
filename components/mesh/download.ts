import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { parse } from "yaml";

import { fetchUrl } from "../http/fetch.js";
import { withoutCredentials } from "../resources/credentials.js";
import { parseObjects, type KubernetesObject } from "../resources/manifest.js";

const timeoutMs = 60_000;

/**
 * The Kubernetes objects at an `https:` or `file:` URL or a path; of a folder, those of its kustomization's resources,
 * or else of all its YAML files.
 *
 * @throws Error with the location and the reason in its message.
 */
export async function fetchObjects(location: string): Promise<KubernetesObject[]> {
  if (/^https?:/.test(location)) return parseObjects(await download(location), location);
  const path = location.startsWith("file:") ? fileURLToPath(location) : location;
  if (!(await stat(path)).isDirectory()) return parseObjects(await readFile(path, "utf8"), path);
  const names = await readdir(path);
  const kustomization = names.find((name) => /^kustomization(\.ya?ml)?$/i.test(name));
  const paths = kustomization
    ? await kustomized(path, join(path, kustomization))
    : names
        .filter((name) => /\.ya?ml$/.test(name))
        .sort()
        .map((name) => join(path, name));
  return (await Promise.all(paths.map(fetchObjects))).flat();
}

/** Fields of a kustomization that change no object. */
const plainFields = ["apiVersion", "kind", "metadata", "resources", "bases"];

/** The locations of a kustomization's resources. @throws Error for one that only kustomize can build. */
async function kustomized(folder: string, file: string): Promise<string[]> {
  const render = `Build it first: kubectl kustomize ${folder} > crds.yaml, then use that file`;
  const fields = (parse(await readFile(file, "utf8")) ?? {}) as Record<string, unknown>;
  const changing = Object.keys(fields).filter((field) => !plainFields.includes(field));
  if (changing.length > 0) throw new Error(`${file} has ${changing.join(", ")}. ${render}.`);
  const listed = [fields["resources"], fields["bases"]].flatMap((list) => list ?? []).map(String);
  return listed.map((resource) => {
    if (/^https?:\S+\.ya?ml$/.test(resource)) return resource;
    if (/^(\w+:\/\/|github\.com\/|git@)/.test(resource)) {
      throw new Error(`${file} names ${resource}, which only kustomize fetches. ${render}.`);
    }
    return join(folder, resource);
  });
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
  throw new Error(withoutCredentials(`can't download ${url}: ${reason}.`));
}
