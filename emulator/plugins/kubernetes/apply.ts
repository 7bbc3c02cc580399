import { setTimeout as sleep } from "node:timers/promises";
import { cancelled, log } from "../server.js";
import type { Properties } from "../server.js";
import { ApiError, isNotFound, isReason } from "./client.js";
import type { Client, Query } from "./client.js";
import { describe, merge } from "./objects.js";
import type { KubernetesObject } from "./objects.js";

export interface Writing {
  client: Client;
  /** Path of the object's collection. */
  collection: string;
  urn: string;
  /** Who owns the fields: https://kubernetes.io/docs/reference/using-api/server-side-apply/ */
  manager: string;
  dryRun: boolean;
}

/** Creates an object that must not exist yet. */
export function create(object: KubernetesObject, writing: Writing): Promise<KubernetesObject> {
  const { client, collection, urn } = writing;
  return patiently(writing, () =>
    client.send("POST", collection, { body: object, urn, query: options(writing) }),
  );
}

/**
 * Makes an existing object what the inputs say, and gives back what they no longer say.
 *
 * @param force takes over fields that somebody else owns by now
 * @throws ApiError among others for such fields, without `force`
 */
export async function update(
  object: KubernetesObject,
  force: boolean,
  writing: Writing,
): Promise<KubernetesObject> {
  const path = `${writing.collection}/${object.metadata.name}`;
  if (object.kind === "CustomResourceDefinition") return replace(object, path, writing);
  const isAdopted = await adopt(path, writing);
  return apply(object, path, force || !isAdopted, writing);
}

/** Applies fields to an object that belongs to somebody else; the API server makes it where it is not there. */
export function patch(
  object: KubernetesObject,
  force: boolean,
  writing: Writing,
): Promise<KubernetesObject> {
  return apply(object, `${writing.collection}/${object.metadata.name}`, force, writing);
}

/**
 * The same once more, to an object that has to be there.
 *
 * @throws ApiError among others where it is not
 */
export async function patchAgain(
  object: KubernetesObject,
  force: boolean,
  writing: Writing,
): Promise<KubernetesObject> {
  await writing.client.get(`${writing.collection}/${object.metadata.name}`);
  return patch(object, force, writing);
}

/** Gives back every field that a manager applied: what nobody else owns disappears. */
export async function relinquish(object: KubernetesObject, writing: Writing): Promise<void> {
  const { apiVersion, kind, metadata } = object;
  const { name, namespace } = metadata;
  const bare = { apiVersion, kind, metadata: { name, ...(namespace ? { namespace } : {}) } };
  const path = `${writing.collection}/${name}`;
  try {
    await writing.client.get(path);
    await apply(bare, path, true, writing);
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
}

async function apply(object: KubernetesObject, path: string, force: boolean, writing: Writing) {
  const { client, urn } = writing;
  try {
    return await patiently(writing, () =>
      client.send("PATCH", path, {
        body: object,
        type: "application/apply-patch+yaml",
        query: { ...options(writing), force },
        urn,
      }),
    );
  } catch (error) {
    if (!isReason(error, "Conflict")) throw error;
    throw new Error(
      `${describe(object)} has fields that somebody else changed: ${(error as Error).message}\n` +
        'Set "enablePatchForce" on the provider or the annotation "pulumi.com/patchForce" to take them back.',
    );
  }
}

// As `kubectl replace` does; a CustomResourceDefinition may be too big for the API's merge.
async function replace(object: KubernetesObject, path: string, writing: Writing) {
  const { client, urn } = writing;
  for (let attempt = 0; ; attempt++) {
    const { metadata } = await client.get(path);
    const body = {
      ...object,
      metadata: { ...object.metadata, resourceVersion: metadata["resourceVersion"] },
    };
    try {
      return await client.send("PUT", path, { body, query: options(writing), urn });
    } catch (error) {
      if (!isReason(error, "Conflict") || attempt === 3) throw error;
    }
  }
}

interface Entry {
  manager: string;
  operation: string;
  subresource?: string;
  fieldsV1: Properties;
}

/**
 * What a manager created it owns by "Update"; applying as the same manager would conflict with
 * that. So the entry becomes one of "Apply", as
 * https://kubernetes.io/docs/reference/using-api/server-side-apply/#migration-between-client-side-and-server-side-apply
 * describes.
 *
 * @returns false where a dry run leaves that to be done
 */
async function adopt(path: string, { client, manager, urn, dryRun }: Writing): Promise<boolean> {
  for (let attempt = 0; ; attempt++) {
    const live = await client.get(path);
    const entries = (live.metadata["managedFields"] ?? []) as Entry[];
    const isOwn = (entry: Entry) => entry.manager === manager && !entry.subresource;
    const created = entries.find((entry) => isOwn(entry) && entry.operation === "Update");
    if (!created || dryRun) return !created;
    const applied = entries.find((entry) => isOwn(entry) && entry.operation === "Apply");
    const merged = {
      ...created,
      operation: "Apply",
      fieldsV1: merge(created.fieldsV1, applied?.fieldsV1 ?? {}),
    };
    const kept = entries.filter((entry) => entry !== created && entry !== applied);
    try {
      await client.send("PATCH", path, {
        type: "application/json-patch+json",
        urn,
        body: [
          { op: "replace", path: "/metadata/managedFields", value: [...kept, merged] },
          {
            op: "replace",
            path: "/metadata/resourceVersion",
            value: live.metadata["resourceVersion"],
          },
        ],
      });
      return true;
    } catch (error) {
      if (!isReason(error, "Conflict") || attempt === 3) throw error;
    }
  }
}

const options = ({ manager, dryRun }: Writing): Query => ({
  fieldManager: manager,
  fieldValidation: "Warn",
  ...(dryRun ? { dryRun: "All" } : {}),
});

/** The API server could not ask a webhook: it neither accepted nor refused the object. */
export const isWebhookAway = (error: unknown): boolean =>
  error instanceof ApiError && /failed calling webhook/.test(error.message);

/** The namespace is still being made. */
export const isNamespaceMissing = (error: unknown): boolean =>
  isNotFound(error) && /^namespaces? .*not found/.test((error as Error).message);

async function patiently<T>({ dryRun, urn }: Writing, send: () => Promise<T>): Promise<T> {
  for (const end = Date.now() + 30_000; ;) {
    try {
      return await send();
    } catch (error) {
      const soon = isWebhookAway(error) || isNamespaceMissing(error);
      if (!soon || dryRun || cancelled.aborted || Date.now() > end) throw error;
      log("info", `trying again: ${(error as Error).message}`, urn, true);
      await sleep(1_000, undefined, { signal: cancelled }).catch(() => undefined);
    }
  }
}
