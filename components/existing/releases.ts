import { hasProgramLabels, systemNamespace } from "../mesh/names.js";
import type { Metadata } from "./lists.js";

type Kind =
  | "ClusterRole"
  | "ClusterRoleBinding"
  | "MutatingWebhookConfiguration"
  | "ValidatingWebhookConfiguration";

/** The API path of each kind. */
export const clusterWideKinds: Record<Kind, string> = {
  ClusterRole: "/apis/rbac.authorization.k8s.io/v1/clusterroles",
  ClusterRoleBinding: "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings",
  MutatingWebhookConfiguration:
    "/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations",
  ValidatingWebhookConfiguration:
    "/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations",
};

const istiodRoles = [
  "istiod-clusterrole",
  "istiod-gateway-controller",
  "istio-reader-clusterrole",
].map((role) => `${role}-${systemNamespace}`);

/**
 * Cluster-wide objects of the five releases, by release. Those in Istio's namespace go with it.
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
