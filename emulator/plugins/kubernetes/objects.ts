import { createHash } from "node:crypto";
import { isObject } from "../server.js";
import type { Properties } from "../server.js";

export interface KubernetesObject extends Properties {
  apiVersion: string;
  kind: string;
  metadata: Properties & { name: string; namespace?: string };
}

/** What a type token such as `kubernetes:core/v1:NamespacePatch` says. */
export interface TypeToken {
  apiVersion: string;
  kind: string;
  isPatch: boolean;
}

/** @param kind the kind among the inputs, where there are any: tells `XPatch` from a kind of that name */
export function parseType(type: string, kind?: unknown): TypeToken {
  const [, module = "", name = ""] = type.split(":");
  const base = name.replace(/Patch$/, "");
  const isPatch = base !== name && (kind === undefined || kind === base);
  return {
    apiVersion: module.replace(/^core\//, ""),
    kind: isPatch ? base : name,
    isPatch,
  };
}

/** `namespace/name`, or `name` for what has no namespace: the resource's id. */
export function idOf({ metadata: { namespace, name } }: KubernetesObject): string {
  return namespace ? `${namespace}/${name}` : name;
}

export function parseId(id: string): { namespace?: string; name: string } {
  const [first = "", second] = id.split("/");
  return second === undefined ? { name: first } : { namespace: first, name: second };
}

/** `Deployment default/reviews-v1`, for messages. */
export const describe = (object: KubernetesObject): string => `${object.kind} ${idOf(object)}`;

export function annotation(object: Properties, name: string): string | undefined {
  const metadata = object["metadata"];
  const annotations = isObject(metadata) ? metadata["annotations"] : undefined;
  const value = isObject(annotations) ? annotations[name] : undefined;
  return typeof value === "string" ? value : undefined;
}

export const isAnnotated = (object: Properties, name: string): boolean =>
  annotation(object, name)?.toLowerCase() === "true";

/**
 * Inputs without nulls, and with the API's own spelling of `x-kubernetes-*`, which the SDK's types
 * write with underscores.
 */
export function normalize<T>(value: T): T {
  if (Array.isArray(value)) return value.map(normalize) as T;
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, item]) => item !== null && item !== undefined)
      .map(([key, item]) => [
        key.startsWith("x_kubernetes_") ? key.replaceAll("_", "-") : key,
        normalize(item),
      ]),
  ) as T;
}

/** The owner of what a resource applies: the same in every run, so that a create that was cut off is its own. */
export function fieldManager(urn: string, inputs: Properties, state?: Properties): string {
  const chosen = annotation(inputs, "pulumi.com/patchFieldManager");
  const known = state?.["__fieldManager"];
  const own = createHash("sha256").update(urn).digest("hex").slice(0, 8);
  return chosen ?? (typeof known === "string" ? known : `pulumi-kubernetes-${own}`);
}

/** Seconds to wait: `customTimeouts`, else `pulumi.com/timeoutSeconds`, else the default. */
export function timeoutOf(object: Properties, customSeconds: number, otherwise: number): number {
  if (customSeconds > 0) return customSeconds;
  const annotated = Number(annotation(object, "pulumi.com/timeoutSeconds"));
  return annotated > 0 ? annotated : otherwise;
}

/** A nested value by plain keys. */
export function at(value: unknown, ...keys: (string | number)[]): unknown {
  return keys.reduce<unknown>(
    (found, key) =>
      typeof found === "object" && found !== null ? Reflect.get(found, key) : undefined,
    value,
  );
}

/** A copy without some of its keys. */
export function omit(object: Properties, ...keys: string[]): Properties {
  return Object.fromEntries(Object.entries(object).filter(([key]) => !keys.includes(key)));
}

/** Both, at every depth; of what both have, the second's. */
export function merge(a: Properties, b: Properties): Properties {
  const result = { ...a };
  for (const [key, value] of Object.entries(b)) {
    const known = result[key];
    result[key] = isObject(known) && isObject(value) ? merge(known, value) : value;
  }
  return result;
}
