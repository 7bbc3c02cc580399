import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { parseAllDocuments } from "yaml";

import { caCertificate } from "../../../components/mesh/names.js";
import { hasProgramLabels, programLabels } from "../../../components/resources/program-labels.js";
import { enrollmentLabel } from "../checks/not-restarted.js";
import { UncheckedError } from "../finding.js";
import { root } from "../../paths.js";
import type { Access } from "../cluster/access.js";
import { get } from "../cluster/api.js";
import { systemNamespace } from "../cluster/snapshot.js";
import type { Inventory, Leftover } from "./leftovers.js";

interface KubernetesObject {
  apiVersion: string;
  kind: string;
  metadata: {
    name: string;
    namespace?: string;
    labels?: Record<string, string>;
    annotations?: Record<string, string>;
    deletionTimestamp?: string;
  };
  spec?: { controllerName?: string };
}

/** Cluster-scoped kinds that charts and bundles create. */
const clusterWide: Record<string, string> = {
  MutatingWebhookConfiguration:
    "/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations",
  ValidatingWebhookConfiguration:
    "/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations",
  ClusterRoleBinding: "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings",
  GatewayClass: "/apis/gateway.networking.k8s.io/v1/gatewayclasses",
  ClusterRole: "/apis/rbac.authorization.k8s.io/v1/clusterroles",
  CustomResourceDefinition: "/apis/apiextensions.k8s.io/v1/customresourcedefinitions",
};

/**
 * What is left in an existing cluster: the application's objects, by the manifests; the charts' objects, by Helm's
 * annotations; CRDs, labels, and namespaces. Never throws: what cannot be checked is in `unchecked`.
 *
 * @param kubectl a kubectl command line that reaches this cluster, for the commands that remove what is left.
 */
export async function existingInventory(
  access: Access,
  namespace: string,
  kubectl = "kubectl",
): Promise<Inventory> {
  const unchecked: string[] = [];
  const ask = async <T>(path: string): Promise<T | undefined> => {
    try {
      return await get<T>(access, path);
    } catch (error) {
      if (!(error instanceof UncheckedError)) throw error;
      unchecked.push(error.message);
      return undefined;
    }
  };
  const application = await Promise.all(
    applicationObjects().map(async ({ apiVersion, kind, metadata: { name } }) => {
      const object = await ask<KubernetesObject>(objectPath(apiVersion, kind, namespace, name));
      const group = apiVersion.includes("/") ? `.${apiVersion.split("/")[0]}` : "";
      return object
        ? [leftover(object, kind, "the program's own", `${kind}${group} ${name} -n ${namespace}`)]
        : [];
    }),
  );
  const wide = await Promise.all(
    Object.entries(clusterWide).map(async ([kind, path]) => {
      const list = await ask<{ items: KubernetesObject[] }>(path);
      return (list?.items ?? []).flatMap((object) => {
        const why = whose(kind, object);
        return why ? [leftover(object, kind, why, `${kind} ${object.metadata.name}`)] : [];
      });
    }),
  );
  const certificates = await certificateNamespaces(ask, namespace);
  const label = await ask<KubernetesObject>(`/api/v1/namespaces/${namespace}`);
  const system = await ask<KubernetesObject>(`/api/v1/namespaces/${systemNamespace}`);
  const leftovers = [
    ...application.flat(),
    ...(label?.metadata.labels?.[enrollmentLabel.key] ? [labelLeftover(namespace)] : []),
    ...certificates.map(certificateLeftover),
    ...wide.flat(),
    ...[system, namespace === "default" ? undefined : label].flatMap((object) =>
      object
        ? [
            leftover(
              object,
              "Namespace",
              "created for the mesh",
              `namespace ${object.metadata.name}`,
            ),
          ]
        : [],
    ),
  ];
  return {
    leftovers: leftovers.map((left) => ({ ...left, remove: `${kubectl} ${left.remove}` })),
    unchecked: [...new Set(unchecked)],
  };
}

function whose(kind: string, { metadata, spec }: KubernetesObject): string | undefined {
  const { labels = {}, annotations = {} } = metadata;
  if (hasProgramLabels(labels))
    return `labeled ${Object.entries(programLabels).join().replace(",", "=")}`;
  if (annotations["meta.helm.sh/release-namespace"] === systemNamespace) {
    return `of Helm release ${annotations["meta.helm.sh/release-name"]}`;
  }
  return kind === "GatewayClass" && spec?.controllerName?.startsWith("istio.io/")
    ? "of istiod"
    : undefined;
}

/**
 * Every object of the application's namespace in manifests/ once. Namespaces only label an existing one, and what is in
 * Istio's goes with it.
 */
function applicationObjects(): KubernetesObject[] {
  const folder = join(root, "manifests");
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" });
  const objects = files
    .filter((file) => file.endsWith(".yaml"))
    .flatMap((file) => parseAllDocuments(readFileSync(join(folder, file), "utf8")))
    .map((document) => document.toJS() as KubernetesObject | null)
    .filter((object): object is KubernetesObject => object?.metadata.namespace === "default");
  return [
    ...new Map(objects.map((o) => [`${o.apiVersion} ${o.kind} ${o.metadata.name}`, o])).values(),
  ];
}

function objectPath(apiVersion: string, kind: string, namespace: string, name: string): string {
  const root = apiVersion.includes("/") ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
  const plural = kind
    .toLowerCase()
    .replace(/([^aeiou])y$/, "$1ie")
    .concat("s");
  return `${root}/namespaces/${namespace}/${plural}/${name}`;
}

function leftover(
  { metadata }: KubernetesObject,
  kind: string,
  why: string,
  target: string,
): Leftover {
  return {
    kind,
    name: metadata.name,
    why,
    remove: `delete ${target}`,
    going: metadata.deletionTimestamp !== undefined,
  };
}

/**
 * The namespaces with an istiod's CA certificate. istiod keeps to its own by discoverySelectors; without them, or when it
 * does not read them, it writes one into every namespace. Another Istio's are not this stack's.
 */
async function certificateNamespaces(
  ask: <T>(path: string) => Promise<T | undefined>,
  namespace: string,
): Promise<KubernetesObject[]> {
  type List = { items: KubernetesObject[] };
  const [found, istiods] = await Promise.all([
    ask<List>(`/api/v1/configmaps?fieldSelector=metadata.name%3D${caCertificate}`),
    ask<List>("/apis/apps/v1/deployments?labelSelector=app%3Distiod"),
  ]);
  const others = istiods?.items.some(({ metadata }) => metadata.namespace !== systemNamespace);
  return (found?.items ?? []).filter(
    ({ metadata }) =>
      // What is in Istio's own namespace goes with it.
      metadata.namespace === namespace || (metadata.namespace !== systemNamespace && !others),
  );
}

/** A terminating istiod may write it once more, without the program's label. */
function certificateLeftover(object: KubernetesObject): Leftover {
  const { namespace = "" } = object.metadata;
  const target = `configmap ${caCertificate} -n ${namespace}`;
  return leftover(object, "ConfigMap", `of istiod, in namespace ${namespace}`, target);
}

function labelLeftover(namespace: string): Leftover {
  return {
    kind: "label",
    name: enrollmentLabel.key,
    why: `on Namespace ${namespace}`,
    remove: `label namespace ${namespace} ${enrollmentLabel.key}-`,
  };
}
