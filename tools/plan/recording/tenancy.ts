/** A provider function's result, or a function that computes it from the arguments. */
export type Answer =
  Record<string, unknown> | ((args: Record<string, unknown>) => Record<string, unknown>);

/** Answers by the function's name, such as `getNodePoolOption`. */
export type Invokes = Record<string, Answer>;

const image = (name: string) => ({
  sourceName: name,
  imageId: `<image ${name}>`,
  sourceType: "IMAGE",
});

/**
 * The answers of a plausible tenancy in 2026: image names as Oracle publishes them
 * (https://docs.oracle.com/iaas/images/), unordered, and including images that must not be chosen.
 */
const tenancy: Invokes = {
  getNodePoolOption: {
    kubernetesVersions: ["v1.35.2", "v1.33.1", "v1.34.2", "v1.36.1", "v1.33.10"],
    shapes: ["VM.Standard.E3.Flex", "VM.Standard.E5.Flex", "VM.Standard.E4.Flex", "VM.GPU.A10.1"],
    sources: [
      "Oracle-Linux-9.7-2026.06.15-0-OKE-1.36.1-1505",
      "Oracle-Linux-9.7-Gen2-GPU-2026.06.15-0-OKE-1.36.1-1505",
      "Oracle-Linux-9.7-aarch64-2026.06.15-0-OKE-1.36.1-1505",
      "Oracle-Linux-9.7-2026.06.15-0-OKE-1.35.2-1505",
      "Oracle-Linux-9.7-2026.06.15-0-OKE-1.34.2-1505",
      "Oracle-Linux-9.7-2026.06.15-0-OKE-1.33.10-1505",
      "Oracle-Linux-8.10-2026.06.15-0-OKE-1.33.10-1505",
      "Oracle-Linux-8.10-2026.06.15-0-OKE-1.36.1-1505",
      "Oracle-Linux-8.10-2026.06.15-0-OKE-1.35.2-1505",
      "Oracle-Linux-8.10-2026.06.15-0-OKE-1.34.2-1505",
      "Oracle-Linux-7.9-2025.01.31-0-OKE-1.33.1-764",
      "Oracle-Linux-7.9-Gen2-GPU-2025.01.31-0-OKE-1.33.1-764",
      "Oracle-Linux-7.9-2026.07.20-0",
      "Oracle-Linux-8.10-2026.06.30-0",
    ].map(image),
  },
  getClusterOption: {
    kubernetesVersions: ["v1.34.2", "v1.36.1", "v1.33.10", "v1.35.2", "v1.33.1"],
  },
  getVcns: { virtualNetworks: [] },
  getClusters: { clusters: [] },
  getNodePools: { nodePools: [] },
  // Only a preview can tell.
  getResourceAvailability: {},
  getAvailabilityDomains: {
    availabilityDomains: [
      { id: "<availability domain 1>", name: "<availability domain 1>" },
      { id: "<availability domain 2>", name: "<availability domain 2>" },
      { id: "<availability domain 3>", name: "<availability domain 3>" },
    ],
  },
  getServices: {
    services: [
      {
        id: "<Object Storage service>",
        name: "OCI PHX Object Storage",
        cidrBlock: "<Object Storage service>",
      },
      {
        id: "<all services of the region>",
        name: "All PHX Services In Oracle Services Network",
        cidrBlock: "<all services of the region>",
      },
    ],
  },
  getClusterKubeConfig: ({ clusterId }) => ({ content: kubeconfig(String(clusterId)) }),
  template: ({ jsonOpts }) => ({ result: definitionsOf(JSON.parse(String(jsonOpts))) }),
};

/**
 * A tenancy that offers what the settings name. Only a preview can tell whether the real one does.
 *
 * @param wanted Oracle Linux release, shape, and the configured version (`v1.34.2`), if any.
 */
export function tenancyWith(wanted: { os: string; shape: string; version?: string }): Invokes {
  const { os, shape, version } = wanted;
  const offered = tenancy["getNodePoolOption"] as {
    kubernetesVersions: string[];
    shapes: string[];
    sources: { sourceName: string }[];
  };
  const versions = [...new Set([...offered.kubernetesVersions, ...(version ? [version] : [])])];
  const known = offered.sources.map(({ sourceName }) => sourceName);
  const has = (release: string) =>
    known.some((name) => name.startsWith(`Oracle-Linux-${release}-`) && name.includes("-OKE-"));
  // Oracle Linux 7 has no image for Kubernetes 1.35 or later, so none is invented here.
  const made = versions
    .filter((each) => !os.startsWith("7.") || /^v1\.(2\d|3[0-4])\./.test(each))
    .map((each) => `Oracle-Linux-${os}-2026.06.15-0-OKE-${each.slice(1)}-1505`)
    .filter((name) => !has(os) || name.includes(`OKE-${version?.slice(1)}-`));
  return {
    getClusterOption: { kubernetesVersions: versions },
    getNodePoolOption: {
      kubernetesVersions: versions,
      shapes: [...new Set([...offered.shapes, shape])],
      sources: [...new Set([...known, ...made])].map(image),
    },
  };
}

/** The CRDs in Istio's chart `base`: manifests/charts/base/files/crd-all.gen.yaml in istio/istio. */
const istioDefinitions = [
  "trafficextensions.extensions",
  "wasmplugins.extensions",
  "destinationrules.networking",
  "envoyfilters.networking",
  "gateways.networking",
  "proxyconfigs.networking",
  "serviceentries.networking",
  "sidecars.networking",
  "virtualservices.networking",
  "workloadentries.networking",
  "workloadgroups.networking",
  "authorizationpolicies.security",
  "peerauthentications.security",
  "requestauthentications.security",
  "telemetries.telemetry",
];

function definitionsOf({ chart, path, version }: Record<string, string>) {
  return istioDefinitions.map((name) => ({
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: `${name}.istio.io` },
    spec: `<${["chart", chart ?? path, version].filter(Boolean).join(" ")}>`,
  }));
}

/** A kubeconfig as OKE generates it: https://docs.oracle.com/iaas/Content/ContEng/Tasks/contengdownloadkubeconfigfile.htm */
function kubeconfig(clusterId: string): string {
  return `---
apiVersion: v1
kind: Config
clusters:
- name: cluster-c6vufluhxqa
  cluster:
    certificate-authority-data: PHRoZSBjbHVzdGVyJ3MgQ0E+
    server: https://192.0.2.10:6443
users:
- name: user-c6vufluhxqa
  user:
    exec:
      apiVersion: client.authentication.k8s.io/v1beta1
      command: oci
      args: [ce, cluster, generate-token, --cluster-id, '${clusterId}', --region, us-phoenix-1]
      env: []
contexts:
- name: context-c6vufluhxqa
  context: { cluster: cluster-c6vufluhxqa, user: user-c6vufluhxqa }
current-context: context-c6vufluhxqa
`;
}

/** A provider function that a plan can't answer, unlike one that a test lets fail. */
export class NoAnswer extends Error {
  override readonly name = "NoAnswer";
}

/**
 * The result of a provider function, such as `oci:Core/getServices:getServices`.
 *
 * @throws NoAnswer if there is no answer for it.
 */
export function answer(
  token: string,
  args: Record<string, unknown>,
  given: Invokes,
): Record<string, unknown> {
  const name = token.slice(token.lastIndexOf(":") + 1);
  const found = given[name] ?? tenancy[name];
  if (found === undefined) {
    throw new NoAnswer(
      `The plan has no answer for the provider function ${token}. Add one in tools/plan/recording/tenancy.ts.`,
    );
  }
  const result = typeof found === "function" ? found(args) : found;
  // A function's result includes its arguments.
  return { id: name, ...args, ...result };
}
