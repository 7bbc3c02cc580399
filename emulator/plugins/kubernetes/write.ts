import { containsUnknown, InitializationError, isObject, log, secret } from "../server.js";
import type * as rpc from "../server.js";
import { create, isNamespaceMissing, patch, patchAgain, update } from "./apply.js";
import type { Writing } from "./apply.js";
import { isReason, Unreachable } from "./client.js";
import type { Client } from "./client.js";
import { NoKind } from "./discovery.js";
import type { Discovery } from "./discovery.js";
import * as objects from "./objects.js";
import type { KubernetesObject } from "./objects.js";
import type { Settings } from "./provider.js";
import { readinessOf } from "./readiness.js";
import { waitReady } from "./wait.js";

export interface Cluster {
  client: Client;
  discovery: Discovery;
  settings: Settings;
}

/** Creates an object and waits until it is ready; in a preview asks the API server whether it would. */
export async function createObject(cluster: Cluster, r: rpc.CreateRequest) {
  const { urn, type, inputs, preview } = r;
  const asPlanned = { id: "", state: inputs };
  const { isPatch } = objects.parseType(type, inputs["kind"]);
  if (preview && (isPatch || containsUnknown(inputs))) return asPlanned;
  const object = inputs as KubernetesObject;
  const force = isForced(cluster, object);
  try {
    const writing = await writingTo(cluster, object, { urn, dryRun: preview });
    const made = isPatch
      ? await patch(object, force, writing)
      : await create(object, writing).catch((error: unknown) => {
          // Also one that an interrupted run made: it is taken over where the provider allows it.
          const takesOver = isReason(error, "AlreadyExists") && cluster.settings.upsert;
          if (!takesOver || preview) throw error;
          return update(object, force, writing);
        });
    if (preview) return { id: "", state: withoutServerFields(made) };
    const state = await whenReady(object, made, writing, r.timeoutSeconds);
    return { id: objects.idOf(made), state };
  } catch (error) {
    // Before a replacement the old object is still there.
    if (preview && isReason(error, "AlreadyExists")) return asPlanned;
    if (preview && isUnknowable(error, urn)) return asPlanned;
    throw refused(error, object, "created");
  }
}

/** Updates an object and waits until it is ready; in a preview asks the API server whether it would. */
export async function updateObject(cluster: Cluster, r: rpc.UpdateRequest) {
  const { urn, type, news, preview, oldState } = r;
  if (preview && containsUnknown(news)) return news;
  const object = news as KubernetesObject;
  const { isPatch } = objects.parseType(type, news["kind"]);
  let writing: Writing | undefined;
  try {
    writing = await writingTo(cluster, object, { urn, dryRun: preview, state: oldState });
    const made = await (isPatch ? patchAgain : update)(object, isForced(cluster, object), writing);
    if (preview) return stateOf(object, made, writing.manager);
    return await whenReady(object, made, writing, r.timeoutSeconds);
  } catch (error) {
    if (preview && isUnknowable(error, urn)) return news;
    const refusal = refused(error, object, "updated");
    if (preview || !writing || error instanceof Unreachable) throw refusal;
    throw await recorded(refusal, object, writing);
  }
}

/**
 * The provider keeps the inputs of an update that was refused, and that it was, so that the next one tries again; where
 * it can't see the object either, nothing.
 * https://github.com/pulumi/pulumi-kubernetes/blob/master/provider/pkg/provider/provider.go
 */
async function recorded(refusal: unknown, object: KubernetesObject, writing: Writing) {
  if (refusal instanceof InitializationError || !(refusal instanceof Error)) return refusal;
  const { client, collection, manager } = writing;
  try {
    const live: KubernetesObject = await client.get(`${collection}/${object.metadata.name}`);
    const state = stateOf(object, live, manager);
    return new InitializationError(objects.idOf(live), state, [refusal.message]);
  } catch {
    return refusal;
  }
}

/** Where and as whom an object is written. */
export async function writingTo(
  { client, discovery }: Cluster,
  object: KubernetesObject,
  {
    urn,
    dryRun = false,
    state,
    wait = dryRun ? 0 : 30,
  }: { urn: string; dryRun?: boolean; state?: rpc.Properties; wait?: number },
): Promise<Writing> {
  const endpoint = await discovery.await(object.apiVersion, object.kind, wait);
  const collection = endpoint.collection(object.metadata.namespace);
  return { client, collection, urn, dryRun, manager: objects.fieldManager(urn, object, state) };
}

/** The live object as outputs, with what the provider keeps beside it, so that either can go on with the other's state. */
export function stateOf(inputs: rpc.Properties, live: KubernetesObject, manager: string) {
  const state: rpc.Properties = {
    ...live,
    metadata: objects.omit(live.metadata, "managedFields"),
    // The engine encrypts what was a secret input under its own name, but not the copy.
    __inputs: secret(inputs),
    __initialApiVersion: live.apiVersion,
    __fieldManager: manager,
  };
  if (live.kind === "Secret") for (const key of ["data", "stringData"]) conceal(state, key);
  return state;
}

function conceal(state: rpc.Properties, key: string): void {
  if (state[key] !== undefined) state[key] = secret(state[key]);
}

async function whenReady(
  inputs: KubernetesObject,
  made: KubernetesObject,
  { client, collection, urn, manager }: Writing,
  customSeconds: number,
): Promise<rpc.Properties> {
  const skips = objects.isAnnotated(inputs, "pulumi.com/skipAwait");
  const isReady = skips ? undefined : readinessOf(inputs);
  if (!isReady) return stateOf(inputs, made, manager);
  const path = `${collection}/${made.metadata.name}`;
  const seconds = objects.timeoutOf(inputs, customSeconds, 600);
  const { live, reasons } = await waitReady(made, isReady, { client, path, urn, seconds });
  const state = stateOf(inputs, live, manager);
  if (reasons.length === 0) return state;
  throw new InitializationError(objects.idOf(live), state, reasons);
}

function isForced({ settings }: Cluster, object: KubernetesObject): boolean {
  return objects.isAnnotated(object, "pulumi.com/patchForce") || settings.patchForce;
}

/** A preview cannot know: the kind, the namespace or the API server is not there yet. A silent webhook ends one, as with the provider. */
function isUnknowable(error: unknown, urn: string): boolean {
  if (error instanceof Unreachable) {
    log("warning", `${error.message}; the preview shows the inputs only`, urn);
    return true;
  }
  return (
    error instanceof NoKind ||
    isNamespaceMissing(error) ||
    isReason(error, "Forbidden") ||
    isReason(error, "NotFound")
  );
}

function refused(error: unknown, object: KubernetesObject, verb: string): unknown {
  if (error instanceof InitializationError || !(error instanceof Error)) return error;
  const hint = isReason(error, "AlreadyExists")
    ? "; import it, give it another name, or set upsertExistingObjects on the provider"
    : "";
  return new Error(`${objects.describe(object)} was not ${verb}: ${error.message}${hint}`);
}

// What a dry run makes up is not what the create will give.
function withoutServerFields(made: KubernetesObject): rpc.Properties {
  const metadata = objects.omit(made.metadata, "managedFields", "uid", "creationTimestamp");
  const planned = { ...objects.omit(made, "status"), metadata };
  if (made.kind !== "Service" || !isObject(made["spec"])) return planned;
  return { ...planned, spec: objects.omit(made["spec"], "clusterIP", "clusterIPs") };
}
