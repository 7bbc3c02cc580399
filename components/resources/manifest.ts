import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { LineCounter, parseAllDocuments } from "yaml";

/** A Kubernetes object as a manifest writes it; anything but its name may become an output. */
export interface KubernetesObject {
  apiVersion: string;
  kind: string;
  metadata: {
    name: string;
    namespace?: pulumi.Input<string>;
    labels?: Record<string, string>;
    annotations?: Record<string, string>;
  };
  spec?: unknown;
}

/** What is wrong with a manifest, with its file and line. A mistake of a user's: shown without a stack. */
export class ManifestError extends pulumi.RunError {}

const folder = new URL("../../manifests/", import.meta.url);

/**
 * The objects of a YAML file, one per document; empty documents are passed over.
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
    throw new ManifestError(`manifests/${path} cannot be read: ${(error as Error).message}`);
  }
}

/**
 * The objects in a YAML text.
 *
 * @param source named in errors.
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
    const missing = missingField(object);
    if (missing) {
      const start = at(document.contents?.range?.[0] ?? document.range[0]);
      throw new ManifestError(`${start}: not a Kubernetes object: ${missing} must be a text`);
    }
    objects.push(object as KubernetesObject);
  }
  return objects;
}

const firstLine = (message: string) => message.split("\n", 1)[0] ?? message;

function missingField(value: unknown): string | undefined {
  const object = value as Partial<KubernetesObject>;
  if (typeof object !== "object" || Array.isArray(object)) return "apiVersion";
  if (typeof object.apiVersion !== "string") return "apiVersion";
  if (typeof object.kind !== "string") return "kind";
  // Without a name Pulumi would make one up, and other objects refer to these by name.
  if (typeof object.metadata?.name !== "string") return "metadata.name";
  return undefined;
}

type Constructor = new (
  name: string,
  args: never,
  opts?: pulumi.CustomResourceOptions,
) => pulumi.CustomResource;

/** Thunks: each class is a module that loads on first use. */
const builtIn: Record<string, () => Constructor> = {
  "v1/Namespace": () => k8s.core.v1.Namespace,
  "v1/Service": () => k8s.core.v1.Service,
  "v1/ServiceAccount": () => k8s.core.v1.ServiceAccount,
  "v1/ConfigMap": () => k8s.core.v1.ConfigMap,
  "apps/v1/Deployment": () => k8s.apps.v1.Deployment,
  "apiextensions.k8s.io/v1/CustomResourceDefinition": () =>
    k8s.apiextensions.v1.CustomResourceDefinition,
};

/**
 * Registers one object under `${prefix}-${kind}-${name}`: built-in kinds as their typed class, which
 * is what the provider's waiting and previews go by, everything else as a CustomResource.
 *
 * @throws ManifestError for a built-in kind that has no class in the table above: as a CustomResource
 *   the provider would not find it.
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
      `${kind} ${metadata.name}: no class is known for ${apiVersion}/${kind}; add it to the table in components/resources/manifest.ts`,
    );
  }
  return new k8s.apiextensions.CustomResource(name, object, opts);
}

/**
 * Registers every object of a manifest.
 *
 * @param edit sets on the parsed object what configuration changes; names stay.
 * @returns the resources by `<kind>/<name>`: a Deployment after its service account, a Service after
 *   the Deployments it leads to.
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
    const dependsOn = waitsFor(object, objects).flatMap((key) => registered.get(key) ?? []);
    const resource = registerObject(prefix, object, pulumi.mergeOptions(opts, { dependsOn }));
    registered.set(keyOf(object), resource);
  }
  return registered;
}

const keyOf = ({ kind, metadata }: KubernetesObject) => `${kind}/${metadata.name}`;

const rank = ({ kind }: KubernetesObject) =>
  kind === "Service" ? 2 : kind === "Deployment" ? 1 : 0;

/**
 * What of the same file an object becomes ready by. The engine works on few resources at a time, and one
 * that waits for another holds its place: enough of them, and what they wait for is never begun
 * (https://www.pulumi.com/docs/iac/cli/commands/pulumi_up/, `--parallel`).
 */
function waitsFor(object: KubernetesObject, all: KubernetesObject[]): string[] {
  const spec = object.spec as
    | { selector?: Record<string, string>; template?: { spec?: { serviceAccountName?: string } } }
    | undefined;
  if (object.kind === "Deployment") {
    return [`ServiceAccount/${spec?.template?.spec?.serviceAccountName ?? "default"}`];
  }
  if (object.kind !== "Service" || !spec?.selector) return [];
  const selector = Object.entries(spec.selector);
  return all
    .filter(
      ({ kind, metadata: { labels } }) =>
        kind === "Deployment" && selector.every(([key, value]) => labels?.[key] === value),
    )
    .map(keyOf);
}

/** The edit that moves an object to another namespace. */
export function inNamespace(namespace: pulumi.Input<string>): (object: KubernetesObject) => void {
  return (object) => {
    object.metadata.namespace = namespace;
  };
}
