import * as pulumi from "@pulumi/pulumi";

import type { KubeClient } from "../kubeconfig/client.js";
import { systemNamespace } from "../mesh/names.js";
import { reaches, type Settings } from "../settings/settings.js";
import { statusError } from "./lists.js";

interface Access {
  verb: string;
  group: string;
  resource: string;
  /** Absent for all namespaces, or for kinds without one. */
  namespace?: string;
}

/** What the program reads before it deploys. */
const reads: Access[] = [
  { verb: "get", group: "", resource: "namespaces" },
  { verb: "list", group: "", resource: "namespaces" },
  { verb: "list", group: "", resource: "configmaps" },
  { verb: "list", group: "apps", resource: "deployments" },
  { verb: "list", group: "apiextensions.k8s.io", resource: "customresourcedefinitions" },
  { verb: "list", group: "gateway.networking.k8s.io", resource: "gatewayclasses" },
];

/** What the program changes in a cluster. */
const changes: Access[] = [
  { verb: "create", group: "", resource: "namespaces" },
  { verb: "patch", group: "", resource: "namespaces" },
  { verb: "create", group: "apiextensions.k8s.io", resource: "customresourcedefinitions" },
  { verb: "create", group: "rbac.authorization.k8s.io", resource: "clusterroles" },
  { verb: "create", group: "rbac.authorization.k8s.io", resource: "clusterrolebindings" },
  {
    verb: "create",
    group: "admissionregistration.k8s.io",
    resource: "validatingwebhookconfigurations",
  },
  {
    verb: "create",
    group: "admissionregistration.k8s.io",
    resource: "mutatingwebhookconfigurations",
  },
  { verb: "create", group: "apps", resource: "daemonsets", namespace: "istio-system" },
  { verb: "create", group: "", resource: "secrets", namespace: "istio-system" },
];

/** What it changes for Prometheus and Kiali besides. */
function ofObservability({ stage, observability, namespace }: Settings): Access[] {
  if (!observability || !reaches(stage)("mesh")) return [];
  const namespaces = [systemNamespace, ...(reaches(stage)("bookinfo") ? [namespace] : [])];
  return namespaces.flatMap((where) =>
    ["roles", "rolebindings"].map((resource) => ({
      verb: "create",
      group: "rbac.authorization.k8s.io",
      resource,
      namespace: where,
    })),
  );
}

/** The permissions that the identity lacks: `create daemonsets.apps in istio-system`. */
export async function refusals(client: KubeClient, settings: Settings): Promise<string[]> {
  const all = [...reads, ...changes, ...ofObservability(settings)];
  const answers = await Promise.all(all.map((access) => refusal(client, access)));
  return answers.flatMap((answer) => answer ?? []);
}

async function refusal(client: KubeClient, access: Access): Promise<string | undefined> {
  const { verb, group, resource, namespace } = access;
  const answer = await client.request("/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", {
    method: "POST",
    body: {
      apiVersion: "authorization.k8s.io/v1",
      kind: "SelfSubjectAccessReview",
      spec: { resourceAttributes: { verb, group, resource, namespace } },
    },
  });
  if (answer.status !== 201) throw statusError(answer);
  const { status } = JSON.parse(answer.body) as { status?: { allowed?: boolean } };
  if (status?.allowed) return undefined;
  return `${verb} ${resource}${group && `.${group}`}${namespace ? ` in ${namespace}` : ""}`;
}

/** The error about missing permissions. */
export function lackingPermissions(context: string, forbidden: string[]): pulumi.RunError {
  return new pulumi.RunError(
    [
      `In the cluster of context ${context || "(none)"} this identity lacks permission to ${forbidden.join(", to ")}.`,
      "Needed: the ClusterRole cluster-admin, granted by someone who has it.",
      "Next: kubectl create clusterrolebinding <name> --clusterrole=cluster-admin --user=<user>",
    ].join("\n"),
  );
}
