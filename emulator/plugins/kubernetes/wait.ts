import { setTimeout as sleep } from "node:timers/promises";
import { cancelled, isObject, log } from "../server.js";
import type { Properties } from "../server.js";
import { isNotFound, Unreachable } from "./client.js";
import type { Client } from "./client.js";
import { at, describe } from "./objects.js";
import type { KubernetesObject } from "./objects.js";
import type { Lacks, Readiness } from "./readiness.js";

export interface Waiting {
  client: Client;
  /** The object's own path. */
  path: string;
  urn: string;
  seconds: number;
}

/**
 * Waits until an object is ready.
 *
 * @returns the object as it was seen last, and the reasons why it is not ready (none: it is)
 */
export async function waitReady(
  object: KubernetesObject,
  isReady: Readiness,
  { client, path, urn, seconds }: Waiting,
): Promise<{ live: KubernetesObject; reasons: string[] }> {
  const end = Date.now() + seconds * 1000;
  let live = object;
  let told = "";
  for (let pause = 50; ; pause = Math.min(pause * 2, 500)) {
    const lacks = await look(live, isReady, client);
    if (lacks.length === 0) return { live, reasons: [] };
    const text = `waiting: ${lacks.join(", ")}`;
    // Most objects are ready within a blink; only what takes longer is worth a line.
    if (pause >= 500 && text !== told) log("info", (told = text), urn, true);
    if (cancelled.aborted) return { live, reasons: ["cancelled while waiting for it", ...lacks] };
    if (Date.now() > end) {
      const title = `${describe(live)} was not ready after ${seconds} s: ${lacks.join(", ")}`;
      return { live, reasons: [title, ...(await explain(live, client))] };
    }
    await pauseFor(pause);
    live = await seen(client, path, live);
  }
}

/** Waits until nothing is left at a path. */
export async function waitGone(
  object: KubernetesObject,
  { client, path, urn, seconds }: Waiting,
): Promise<void> {
  const end = Date.now() + seconds * 1000;
  const uid = object.metadata["uid"];
  let told = "";
  for (let pause = 25; ; pause = Math.min(pause * 2, 500)) {
    const live = await client.get(path).catch((error: unknown) => {
      if (isNotFound(error)) return undefined;
      throw error;
    });
    // The same name with another uid: this one is gone, somebody made the next.
    if (!live || live.metadata["uid"] !== uid) return;
    const finalizers = live.metadata["finalizers"];
    const held = Array.isArray(finalizers) && finalizers.length > 0;
    const why = held ? `, held by the finalizers ${finalizers.join(", ")}` : "";
    const text = `waiting until it is gone${why}`;
    if (pause >= 500 && text !== told) log("info", (told = text), urn, true);
    if (cancelled.aborted) throw new Error(`cancelled while ${describe(object)} is being deleted`);
    if (Date.now() > end)
      throw new Error(`${describe(object)} was still there after ${seconds} s${why}`);
    await pauseFor(pause);
  }
}

async function pauseFor(milliseconds: number): Promise<void> {
  await sleep(milliseconds, undefined, { signal: cancelled }).catch(() => undefined);
}

// A look that fails is not the end of a wait: the next one may succeed.
async function look(live: KubernetesObject, isReady: Readiness, client: Client): Promise<Lacks> {
  try {
    return await isReady(live, client);
  } catch (error) {
    if (error instanceof Unreachable) return [error.message];
    throw error;
  }
}

async function seen(client: Client, path: string, last: KubernetesObject) {
  try {
    return await client.get(path);
  } catch (error) {
    if (error instanceof Unreachable) return last;
    if (isNotFound(error)) throw new Error(`${describe(last)} was deleted while it was waited for`);
    throw error;
  }
}

interface List {
  items: Properties[];
}

/** What the object's Pods and the warnings about them say. */
export async function explain(object: KubernetesObject, client: Client): Promise<string[]> {
  try {
    const base = `/api/v1/namespaces/${object.metadata.namespace ?? "default"}`;
    const labels = at(object, "spec", "selector", "matchLabels");
    const labelSelector = isObject(labels)
      ? Object.entries(labels)
          .map(([key, value]) => `${key}=${String(value)}`)
          .join(",")
      : undefined;
    const pods = labelSelector
      ? (await client.get<List>(`${base}/pods`, { labelSelector, limit: "20" })).items
      : [];
    const names = [object.metadata.name, ...pods.map((pod) => String(at(pod, "metadata", "name")))];
    const fieldSelector = "type=Warning";
    const events = (await client.get<List>(`${base}/events`, { fieldSelector })).items
      .filter((event) => names.includes(String(at(event, "involvedObject", "name"))))
      .map((event) => `${String(event["reason"])}: ${String(event["message"])}`);
    const reasons = [...pods.flatMap(podReasons), ...events.slice(-3)];
    return [...new Set(reasons)].slice(0, 8);
  } catch {
    return [];
  }
}

function podReasons(pod: Properties): string[] {
  const name = `Pod ${String(at(pod, "metadata", "name"))}`;
  const list = (...keys: string[]) => (at(pod, ...keys) ?? []) as Properties[];
  const containers = [
    ...list("status", "initContainerStatuses"),
    ...list("status", "containerStatuses"),
  ].flatMap((container) => {
    const { reason, message } = (at(container, "state", "waiting") ?? {}) as Properties;
    if (!reason) return [];
    const detail = message ? `: ${String(message)}` : "";
    return [`${name}, container ${String(container["name"])}: ${String(reason)}${detail}`];
  });
  const conditions = list("status", "conditions")
    .filter(({ status, message }) => status === "False" && message)
    .map(({ reason, message }) => `${name}: ${String(reason)}: ${String(message)}`);
  return containers.length > 0 ? containers : conditions;
}
