import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { LineCounter, parseAllDocuments } from "yaml";

import type { KubernetesObject } from "./kubernetes-object.js";
import { itemsOf } from "./lists.js";
import { keyOf, prerequisites, rank } from "./order.js";
import { programLabels } from "./program-labels.js";

export type { KubernetesObject } from "./kubernetes-object.js";

/** A problem in a manifest, with its file and line; Pulumi shows it without a stack trace. */
export class ManifestError extends pulumi.RunError {}

const folder = new URL("../../manifests/", import.meta.url);

/**
 * The objects of a YAML file, one per document; empty documents are skipped.
 *
 * @param path relative to `manifests/`.
 * @throws ManifestError when the file cannot be read, is not strict YAML, or a document is not a
 *   Kubernetes object with a name.
 */
export function readManifest(path: string): KubernetesObject[] {
  const file = fileURLToPath(new URL(path, folder));
  try {
    return parseObjects(readFileSync(file, "utf8"), `manifests/${path}`);
  } catch (error) {
    if (error instanceof ManifestError) throw error;
    throw new ManifestError(`manifests/${path}: cannot be read: ${(error as Error).message}`);
  }
}

/**
 * The objects of a YAML text, also of Lists.
 *
 * @param source the text's name in errors.
 * @throws ManifestError with line and column.
 */
export function parseObjects(text: string, source: string): KubernetesObject[] {
  const lineCounter = new LineCounter();
  const at = (offset: number) => {
    const { line, col } = lineCounter.linePos(offset);
    return `${source}:${line}:${col}`;
  };
  const objects: KubernetesObject[] = [];
  for (const document of parseAllDocuments(text, { strict: true, uniqueKeys: true, lineCounter })) {
    const problem = document.errors[0];
    if (problem) throw new ManifestError(`${at(problem.pos[0])}: ${firstLine(problem.message)}`);
    const object: unknown = document.toJS();
    if (object === null || object === undefined) continue;
    for (const item of itemsOf(object) ?? [object]) {
      const missing = missingField(item);
      if (missing) {
        const start = at(document.contents?.range?.[0] ?? document.range[0]);
        throw new ManifestError(`${start}: not a Kubernetes object: ${missing} must be a string`);
      }
      objects.push(item as KubernetesObject);
    }
  }
  return objects;
}

const firstLine = (message: string) => message.split("\n", 1)[0] ?? message;

function missingField(value: unknown): string | undefined {
  const object = value as Partial<KubernetesObject>;
  if (typeof object !== "object" || Array.isArray(object)) return "apiVersion";
  if (typeof object.apiVersion !== "string") return "apiVersion";
  if (typeof object.kind !== "string") return "kind";
  // Without a name Pulumi would generate one, but other objects refer to these by name.
  if (typeof object.metadata?.name !== "string") return "metadata.name";
  return undefined;
}

type Constructor = new (
  name: string,
  args: never,
  opts?: pulumi.CustomResourceOptions,
) => pulumi.CustomResource;

/** Functions, because each class is a module that loads on first use. */
const builtIn: Record<string, () => Constructor> = {
  "v1/Namespace": () => k8s.core.v1.Namespace,
  "v1/Service": () => k8s.core.v1.Service,
  "v1/ServiceAccount": () => k8s.core.v1.ServiceAccount,
  "v1/ConfigMap": () => k8s.core.v1.ConfigMap,
  "rbac.authorization.k8s.io/v1/Role": () => k8s.rbac.v1.Role,
  "rbac.authorization.k8s.io/v1/RoleBinding": () => k8s.rbac.v1.RoleBinding,
  "rbac.authorization.k8s.io/v1/ClusterRole": () => k8s.rbac.v1.ClusterRole,
  "rbac.authorization.k8s.io/v1/ClusterRoleBinding": () => k8s.rbac.v1.ClusterRoleBinding,
  "apps/v1/Deployment": () => k8s.apps.v1.Deployment,
  "apiextensions.k8s.io/v1/CustomResourceDefinition": () =>
    k8s.apiextensions.v1.CustomResourceDefinition,
};

/**
 * Registers an object as `${prefix}-${kind}-${name}`: built-in kinds by their typed class, which the provider needs to
 * await and preview them, other kinds as a CustomResource.
 *
 * @throws ManifestError for a built-in kind that the table above lacks; the provider has no CustomResource for it.
 */
export function registerObject(
  prefix: string,
  object: KubernetesObject,
  opts: pulumi.CustomResourceOptions,
): pulumi.CustomResource {
  const { apiVersion, kind, metadata } = object;
  const name = `${prefix}-${kind.toLowerCase()}-${metadata.name}`;
  const typed = builtIn[`${apiVersion}/${kind}`];
  if (typed) {
    const Class = typed();
    return new Class(name, object as never, opts);
  }
  const group = apiVersion.includes("/") ? apiVersion.slice(0, apiVersion.indexOf("/")) : "";
  if (!group.includes(".")) {
    throw new ManifestError(
      `${kind} ${metadata.name}: no class for ${apiVersion}/${kind}; add it to the table in components/resources/manifest.ts`,
    );
  }
  return new k8s.apiextensions.CustomResource(name, object, opts);
}

/**
 * Makes the provider not wait for a Service's endpoints, and 10 s more for stragglers, whenever the Service is created
 * or one of its labels changes
 * (https://github.com/pulumi/pulumi-kubernetes/blob/v4.25.0/provider/pkg/await/service.go). A Service comes after its
 * Deployments, whose Pods are ready by then; the verification sees whether requests reach them.
 */
export const skipAwait = { "pulumi.com/skipAwait": "true" };

/**
 * Registers every object of a manifest.
 *
 * @param edit applies the configuration to each object; it must not change names.
 * @returns the resources by `<kind>/<name>`. A Deployment comes after its service account and that account's rights,
 *   and after its ConfigMaps, a Service after its Deployments.
 * @throws ManifestError as `readManifest` and `registerObject` do.
 */
export function registerManifest(
  prefix: string,
  path: string,
  edit: (object: KubernetesObject) => void,
  opts: pulumi.CustomResourceOptions,
): Map<string, pulumi.CustomResource> {
  const registered = new Map<string, pulumi.CustomResource>();
  const objects = readManifest(path);
  for (const object of [...objects].sort((a, b) => rank(a) - rank(b))) {
    edit(object);
    if (object.kind === "Service") {
      object.metadata.annotations = { ...object.metadata.annotations, ...skipAwait };
    }
    const dependsOn = prerequisites(object, objects).flatMap((key) => registered.get(key) ?? []);
    const resource = registerObject(prefix, object, pulumi.mergeOptions(opts, { dependsOn }));
    registered.set(keyOf(object), resource);
  }
  return registered;
}

/**
 * An edit that moves an object, and the service accounts of namespace `default` that it names, to another namespace, and
 * marks it as the program's.
 */
export function inNamespace(namespace: pulumi.Input<string>): (object: KubernetesObject) => void {
  return (object) => {
    const { apiVersion, metadata } = object;
    metadata.namespace = namespace;
    // A waypoint's labels would go on to its Pods, which a new label restarts.
    if (!apiVersion.startsWith("gateway.networking.k8s.io/")) {
      metadata.labels = { ...metadata.labels, ...programLabels };
    }
    if (object.spec !== undefined) object.spec = withPrincipalsIn(namespace, object.spec);
  };
}

const inDefault = /^(cluster\.local\/ns\/)default(\/sa\/.+)$/;

function withPrincipalsIn(namespace: pulumi.Input<string>, tree: unknown): unknown {
  if (typeof tree === "string") {
    const [, before, after] = inDefault.exec(tree) ?? [];
    return before && after ? pulumi.interpolate`${before}${namespace}${after}` : tree;
  }
  if (Array.isArray(tree)) return tree.map((item) => withPrincipalsIn(namespace, item));
  if (typeof tree !== "object" || tree === null) return tree;
  return Object.fromEntries(
    Object.entries(tree).map(([key, value]) => [key, withPrincipalsIn(namespace, value)]),
  );
}
