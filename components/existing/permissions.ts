import type { AuthorizationV1Api } from "@kubernetes/client-node";
import * as pulumi from "@pulumi/pulumi";

interface Access {
  verb: string;
  group: string;
  resource: string;
  /** Absent: in all of them, or the kind has none. */
  namespace?: string;
}

/** What is looked at before anything is put into a cluster. */
const looks: Access[] = [
  { verb: "get", group: "", resource: "namespaces" },
  { verb: "list", group: "", resource: "namespaces" },
  { verb: "list", group: "", resource: "configmaps" },
  { verb: "list", group: "apps", resource: "deployments" },
  { verb: "list", group: "apiextensions.k8s.io", resource: "customresourcedefinitions" },
  { verb: "list", group: "gateway.networking.k8s.io", resource: "gatewayclasses" },
];

/** Everything the program does to a cluster, as the API server can be asked about it. */
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

/** What the identity may not do of all that the program does, in words: `create daemonsets.apps in istio-system`. */
export async function refusals(api: AuthorizationV1Api): Promise<string[]> {
  const answers = await Promise.all([...looks, ...changes].map((access) => refusal(api, access)));
  return answers.flatMap((answer) => answer ?? []);
}

async function refusal(api: AuthorizationV1Api, access: Access): Promise<string | undefined> {
  const { verb, group, resource, namespace } = access;
  const { status } = await api.createSelfSubjectAccessReview({
    body: { spec: { resourceAttributes: { verb, group, resource, namespace } } },
  });
  if (status?.allowed) return undefined;
  return `${verb} ${resource}${group && `.${group}`}${namespace ? ` in ${namespace}` : ""}`;
}

/** What to do about it. */
export function lackingPermissions(context: string, forbidden: string[]): pulumi.RunError {
  return new pulumi.RunError(
    [
      `In the cluster of context ${context || "(none)"} the identity may not ${forbidden.join(", nor ")}.`,
      "Needed: the ClusterRole cluster-admin, from somebody who has it.",
      "Next: kubectl create clusterrolebinding <name> --clusterrole=cluster-admin --user=<user>",
    ].join("\n"),
  );
}
