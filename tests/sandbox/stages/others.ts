const definition = (kind: string, group: string) => {
  const singular = kind.toLowerCase();
  const schema = { openAPIV3Schema: { type: "object" } };
  return {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: `${singular}s.${group}` },
    spec: {
      group,
      scope: "Namespaced",
      names: { kind, plural: `${singular}s`, singular },
      versions: [{ name: "v1", served: true, storage: true, schema }],
    },
  };
};

const webhook = {
  name: "widgets.example.com",
  clientConfig: { url: "https://localhost:9/check" },
  rules: [
    {
      apiGroups: ["example.com"],
      apiVersions: ["*"],
      operations: ["CREATE"],
      resources: ["widgets"],
    },
  ],
  sideEffects: "None",
  admissionReviewVersions: ["v1"],
};

/** Objects that a cluster has before the program's. */
export const others: object[] = [
  definition("Widget", "example.com"),
  ...["Mutating", "Validating"].map((kind) => ({
    apiVersion: "admissionregistration.k8s.io/v1",
    kind: `${kind}WebhookConfiguration`,
    metadata: { name: "theirs" },
    webhooks: [webhook],
  })),
  { apiVersion: "v1", kind: "Namespace", metadata: { name: "theirs" } },
  {
    apiVersion: "v1",
    kind: "Service",
    metadata: { name: "productpage", namespace: "theirs", labels: { app: "productpage" } },
    spec: { selector: { app: "productpage" }, ports: [{ port: 9080 }] },
  },
  {
    apiVersion: "rbac.authorization.k8s.io/v1",
    kind: "ClusterRole",
    metadata: {
      name: "theirs",
      labels: { "app.kubernetes.io/managed-by": "Helm" },
      annotations: { "meta.helm.sh/release-namespace": "theirs" },
    },
    rules: [],
  },
];

/** Objects that an uninstalled Istio leaves behind. */
export const earlierIstio: object[] = [
  definition("Sidecar", "networking.istio.io"),
  { apiVersion: "v1", kind: "Namespace", metadata: { name: "istio-system" } },
  {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name: "istio-ca-root-cert", namespace: "default" },
  },
  {
    apiVersion: "gateway.networking.k8s.io/v1",
    kind: "GatewayClass",
    metadata: { name: "istio-waypoint" },
    spec: { controllerName: "istio.io/mesh-controller" },
  },
  {
    apiVersion: "rbac.authorization.k8s.io/v1",
    kind: "ClusterRole",
    metadata: { name: "istiod-clusterrole-istio-system" },
    rules: [],
  },
  { apiVersion: "v1", kind: "ServiceAccount", metadata: { name: "sleep", namespace: "default" } },
];

/** Rules of a namespace that leave no room for Bookinfo. */
export const narrow: object[] = [
  {
    apiVersion: "v1",
    kind: "LimitRange",
    metadata: { name: "narrow", namespace: "default" },
    spec: { limits: [{ type: "Container", max: { cpu: "60m" } }] },
  },
  {
    apiVersion: "v1",
    kind: "ResourceQuota",
    metadata: { name: "narrow", namespace: "default" },
    spec: { hard: { pods: "3" } },
  },
];
