import type { KubernetesObject } from "./kubernetes-object.js";

export const keyOf = ({ kind, metadata }: KubernetesObject) => `${kind}/${metadata.name}`;

/** Objects of a lower rank are registered first. */
export function rank({ kind }: KubernetesObject): number {
  const later = ["RoleBinding", "ClusterRoleBinding", "Deployment", "Service"];
  return later.indexOf(kind);
}

interface Spec {
  selector?: Record<string, string>;
  template?: {
    spec?: { serviceAccountName?: string; volumes?: { configMap?: { name?: string } }[] };
  };
}

interface Binding {
  roleRef?: { kind: string; name: string };
  subjects?: { kind: string; name: string }[];
}

/**
 * Objects in this file that must exist first. The engine works on a limited number of resources at once: too many
 * that wait for others would prevent those from starting
 * (https://www.pulumi.com/docs/iac/cli/commands/pulumi_up/, `--parallel`).
 */
export function prerequisites(object: KubernetesObject, all: KubernetesObject[]): string[] {
  const spec = object.spec as Spec | undefined;
  const { roleRef } = object as Binding;
  if (roleRef) return [`${roleRef.kind}/${roleRef.name}`];
  if (object.kind === "Deployment") {
    const account = spec?.template?.spec?.serviceAccountName ?? "default";
    const rights = all.filter((other) =>
      (other as Binding).subjects?.some(
        ({ kind, name }) => kind === "ServiceAccount" && name === account,
      ),
    );
    const files = (spec?.template?.spec?.volumes ?? []).flatMap(({ configMap }) =>
      configMap ? [`ConfigMap/${configMap.name}`] : [],
    );
    return [`ServiceAccount/${account}`, ...rights.map(keyOf), ...files];
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
