import { isObject } from "../server.js";
import type { Diff, DiffKind, Properties } from "../server.js";
import { at } from "./objects.js";

type Path = (string | number)[];

export interface DiffOptions {
  isPatch?: boolean;
  ignoreChanges?: string[];
  /** ConfigMaps are replaced when their data change, unless the provider says otherwise. */
  mutableConfigMaps?: boolean;
  mutableSecrets?: boolean;
}

/**
 * What changes between the inputs of last time and those of now, and whether the API allows it in
 * place. Both have their defaults (namespace) filled in.
 */
export function diffObjects(olds: Properties, news: Properties, options: DiffOptions = {}): Diff {
  const fixed = options.isPatch ? identity : [...identity, ...immutable(news, options)];
  const changes = comparePaths(olds, news, fixed, options.ignoreChanges);
  const replaced = Object.values(changes).some((kind) => kind.endsWith("-replace"));
  const sameName =
    at(olds, "metadata", "name") === at(news, "metadata", "name") &&
    at(olds, "metadata", "namespace") === at(news, "metadata", "namespace");
  return { changes, deleteBeforeReplace: replaced && sameName };
}

/**
 * Paths that differ, each with what happens to it.
 *
 * @param fixed paths (`.spec.selector`) at or below which a change needs a replacement
 */
export function comparePaths(
  olds: Properties,
  news: Properties,
  fixed: string[],
  ignored: string[] = [],
): Record<string, DiffKind> {
  const changes: Record<string, DiffKind> = {};
  for (const { path, kind } of differences([], olds, news)) {
    const text = pathText(path);
    if (ignored.some((ignore) => isBelow(text, ignore))) continue;
    const replaces = fixed.some((fix) => isBelow(text, fix.slice(1)));
    changes[text] = replaces ? (`${kind}-replace` as DiffKind) : kind;
  }
  return changes;
}

type Difference = { path: Path; kind: "add" | "delete" | "update" };

function* differences(path: Path, old: unknown, now: unknown): Generator<Difference> {
  if (old === undefined && now === undefined) return;
  if (old === undefined) yield { path, kind: "add" };
  else if (now === undefined) yield { path, kind: "delete" };
  else if (Array.isArray(old) && Array.isArray(now)) {
    for (let i = 0; i < Math.max(old.length, now.length); i++)
      yield* differences([...path, i], old[i], now[i]);
  } else if (isObject(old) && isObject(now)) {
    for (const key of new Set([...Object.keys(old), ...Object.keys(now)]))
      yield* differences([...path, key], old[key], now[key]);
  } else if (old !== now) yield { path, kind: "update" };
}

/** `spec.ports[0].port`, `metadata.labels["app.kubernetes.io/name"]` */
function pathText(path: Path): string {
  return path.reduce<string>((text, part) => {
    if (typeof part === "number") return `${text}[${part}]`;
    if (/[."[\]]/.test(part)) return `${text}["${part.replaceAll('"', '\\"')}"]`;
    return text ? `${text}.${part}` : part;
  }, "");
}

const isBelow = (path: string, root: string) =>
  path === root || (path.startsWith(root) && /[.[]/.test(path.charAt(root.length)));

const identity = [".metadata.name", ".metadata.namespace"];

// After the provider's own table:
// https://github.com/pulumi/pulumi-kubernetes/blob/master/provider/pkg/provider/diff.go
const immutableFields: Record<string, string[]> = {
  "apps/v1/DaemonSet": [".spec.selector"],
  "apps/v1/Deployment": [".spec.selector"],
  "apps/v1/StatefulSet": [
    ".spec.podManagementPolicy",
    ".spec.selector",
    ".spec.serviceName",
    ".spec.volumeClaimTemplates",
  ],
  "batch/v1/Job": [".spec.completions", ".spec.parallelism", ".spec.selector", ".spec.template"],
  "rbac.authorization.k8s.io/v1/ClusterRoleBinding": [".roleRef"],
  "rbac.authorization.k8s.io/v1/RoleBinding": [".roleRef"],
  "storage.k8s.io/v1/StorageClass": [".parameters", ".provisioner"],
  "v1/ConfigMap": [".binaryData", ".data"],
  "v1/PersistentVolumeClaim": [".spec"],
  "v1/Pod": [".spec"],
  "v1/Secret": [".type", ".stringData", ".data"],
  "v1/Service": [".spec.clusterIP"],
};

function immutable(news: Properties, options: DiffOptions): string[] {
  const kind = `${String(news["apiVersion"])}/${String(news["kind"])}`;
  if (kind === "v1/ConfigMap" && options.mutableConfigMaps) return [];
  if (kind === "v1/Secret" && options.mutableSecrets) return [".type"];
  return immutableFields[kind] ?? [];
}
