import * as pulumi from "@pulumi/pulumi";

import { systemNamespace } from "../mesh/names.js";
import { hasProgramLabels } from "../resources/program-labels.js";
import type { Settings } from "../settings/settings.js";
import type { Metadata } from "./lists.js";

type ClusterWideKind =
  | "ClusterRole"
  | "ClusterRoleBinding"
  | "MutatingWebhookConfiguration"
  | "ValidatingWebhookConfiguration";

type Kind = ClusterWideKind | "NetworkAttachmentDefinition";

/** The API path of each kind. */
export const clusterWideKinds: Record<ClusterWideKind, string> = {
  ClusterRole: "/apis/rbac.authorization.k8s.io/v1/clusterroles",
  ClusterRoleBinding: "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings",
  MutatingWebhookConfiguration:
    "/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations",
  ValidatingWebhookConfiguration:
    "/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations",
};

/** Where the CNI chart creates its own, whichever namespace the release has. */
const attachments = {
  namespace: "default",
  path: "/apis/k8s.cni.cncf.io/v1/namespaces/default/network-attachment-definitions",
};

/** The API path of each kind of the releases' objects outside of Istio's namespace. */
export function releaseKinds(settings: Pick<Settings, "mesh">): [Kind, string][] {
  const kinds = Object.entries(clusterWideKinds) as [Kind, string][];
  return usesMultus(settings)
    ? [...kinds, ["NetworkAttachmentDefinition", attachments.path]]
    : kinds;
}

/** Whether Istio's CNI agent is set up for Multus, as on OpenShift. Secret values are not looked into. */
function usesMultus({ mesh }: Pick<Settings, "mesh">): boolean {
  const values = pulumi.Output.isInstance(mesh.helmValues.cni) ? {} : mesh.helmValues.cni;
  const { provider, platform, global } = (values ?? {}) as Record<string, unknown>;
  if (provider) return provider === "multus";
  const named = [platform, mesh.platform, (global as { platform?: unknown } | undefined)?.platform];
  return named.find(Boolean) === "openshift";
}

const istiodRoles = [
  "istiod-clusterrole",
  "istiod-gateway-controller",
  "istio-reader-clusterrole",
].map((role) => `${role}-${systemNamespace}`);

/**
 * Objects of the five releases outside of Istio's namespace, by release. Those in it go with it.
 * https://github.com/istio/istio/tree/release-1.31/manifests/charts
 */
const releases: Record<string, Partial<Record<Kind, string[]>>> = {
  "istio-base": { ValidatingWebhookConfiguration: ["istiod-default-validator"] },
  istiod: {
    ClusterRole: istiodRoles,
    ClusterRoleBinding: istiodRoles,
    MutatingWebhookConfiguration: ["istio-sidecar-injector", "istio-revision-tag-default"],
    ValidatingWebhookConfiguration: [`istio-validator-${systemNamespace}`],
  },
  "istio-cni": {
    ClusterRole: ["istio-cni", "istio-cni-repair-role", "istio-cni-ambient"],
    ClusterRoleBinding: ["istio-cni", "istio-cni-repair-rolebinding", "istio-cni-ambient"],
    NetworkAttachmentDefinition: ["istio-cni"],
  },
  ztunnel: { ClusterRole: ["ztunnel"], ClusterRoleBinding: ["ztunnel"] },
};

/** An object that one of the releases would create. */
export interface ReleaseObject {
  kind: string;
  name: string;
  /** Whether Helm takes it for the release's own; otherwise it refuses to install the release. */
  isReleases: boolean;
}

/** What `kubectl delete` is given for them. */
export function deletionOf(objects: ReleaseObject[]): string {
  const isAttachment = ({ kind }: ReleaseObject) => kind === "NetworkAttachmentDefinition";
  const targets = objects.map(
    (each) =>
      `${each.kind.toLowerCase()}${isAttachment(each) ? ".k8s.cni.cncf.io" : ""}/${each.name}`,
  );
  // kubectl ignores a namespace for the others, which have none.
  const where = objects.some(isAttachment) ? ["-n", attachments.namespace] : [];
  return [...targets, ...where].join(" ");
}

/** The releases' objects among the existing ones of a kind. */
export function releaseObjects(kind: Kind, existing: Metadata[]): ReleaseObject[] {
  return Object.entries(releases).flatMap(([release, kinds]) =>
    existing
      .filter(({ name }) => kinds[kind]?.includes(name))
      .map((metadata) => ({ kind, name: metadata.name, isReleases: belongsTo(release, metadata) })),
  );
}

/** Helm's own rule: https://github.com/helm/helm/blob/v3.19.0/pkg/action/validate.go */
function belongsTo(release: string, { labels = {}, annotations = {} }: Metadata): boolean {
  return (
    labels["app.kubernetes.io/managed-by"] === "Helm" &&
    annotations["meta.helm.sh/release-name"] === release &&
    annotations["meta.helm.sh/release-namespace"] === systemNamespace
  );
}

/** A cluster-wide object with the name of one of Kiali's in manifests/observability/kiali.yaml. */
export interface KialiObject {
  kind: string;
  ours: boolean;
}

/** Kiali's objects among the existing ones of a kind. */
export function kialiObjects(kind: Kind, existing: Metadata[]): KialiObject[] {
  if (!kind.startsWith("ClusterRole")) return [];
  return existing
    .filter(({ name }) => name === "kiali")
    .map(({ labels }) => ({ kind, ours: hasProgramLabels(labels) }));
}
