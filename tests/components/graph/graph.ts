import type { ClusterFacts } from "../../../components/existing/inspect.js";
import { nothingPresent } from "../../../components/existing/present.js";
import type { Sources } from "../../../index.js";
import { record, type Recording, type Registration } from "../../../tools/plan/recording/record.js";

/** A complete configuration for OKE; `change` overrides it. */
export const oke = (change: Record<string, unknown> = {}) => ({
  cluster: "oke",
  compartmentId: "ocid1.compartment.oc1..aaaaaaaatest",
  network: { apiAllowedCidrs: ["192.0.2.0/24"] },
  verify: "false",
  ...change,
});

const crd = (name: string, annotations: Record<string, string> = {}) => ({
  apiVersion: "apiextensions.k8s.io/v1",
  kind: "CustomResourceDefinition",
  metadata: { name, annotations },
  spec: {},
});

/** The results of the providers' functions. */
const invokes = {
  getClusters: { clusters: [] },
  template: {
    result: [
      crd("gateways.networking.istio.io", { "helm.sh/resource-policy": "keep", note: "stays" }),
      { apiVersion: "v1", kind: "ServiceAccount", metadata: { name: "istio-reader" } },
    ],
  },
};

/** An existing cluster that fits; it has the Gateway API if the configuration expects so. */
const clusterFor = ({ mesh }: { mesh?: { gatewayApi?: string } }): ClusterFacts => ({
  name: "kind-kind",
  context: "kind-kind",
  uid: "c5ca7b2e-0000-4000-8000-000000000000",
  kubernetesVersion: "v1.35.0",
  istiods: [],
  present: {
    ...nothingPresent,
    ...(mesh?.gatewayApi === "existing" && {
      gatewayApi: [{ name: "gateways.gateway.networking.k8s.io", version: "v1.6.0", ours: false }],
      gatewayApiV1: ["gatewayclasses", "gateways"],
    }),
  },
});

/** Records the program with an existing cluster that fits, and a Gateway API whose definitions only have names. */
export async function graphOf(
  config: Record<string, unknown>,
  facts: Partial<ClusterFacts> = {},
): Promise<Graph> {
  const sources: Sources = {
    inspectCluster: async () => ({ ...clusterFor(config), ...facts }),
    gatewayApi: async ({ pinned }) =>
      (pinned?.names ?? ["gateways.gateway.networking.k8s.io"]).map((name) => crd(name)),
  };
  return new Graph(await record(config, { invokes, sources }));
}

/** A recording, queried by logical name. */
export class Graph {
  readonly all: Registration[];
  readonly outputs: Record<string, unknown>;
  private readonly byName: Map<string, Registration>;
  private readonly byUrn: Map<string, Registration>;

  constructor({ registrations, outputs }: Recording) {
    this.all = registrations;
    this.outputs = outputs;
    this.byName = new Map(registrations.map((resource) => [resource.name, resource]));
    this.byUrn = new Map(registrations.map((resource) => [resource.urn, resource]));
  }

  get names(): string[] {
    return [...this.byName.keys()];
  }

  get(name: string): Registration {
    const found = this.byName.get(name);
    if (!found) throw new Error(`no resource ${name}; there are: ${this.names.join(", ")}`);
    return found;
  }

  parent(resource: Registration): Registration | undefined {
    return resource.parent === undefined ? undefined : this.byUrn.get(resource.parent);
  }

  /** The resource and its ancestors. */
  lineage(resource: Registration): Registration[] {
    const parent = this.parent(resource);
    return parent ? [resource, ...this.lineage(parent)] : [resource];
  }

  /** Names of a resource's dependencies. */
  direct(name: string): string[] {
    return this.get(name).dependencies.map((urn) => this.byUrn.get(urn)?.name ?? urn);
  }

  /** Names of everything that must exist before a resource. */
  before(name: string, seen = new Set<string>()): Set<string> {
    for (const dependency of this.direct(name)) {
      if (seen.has(dependency)) continue;
      seen.add(dependency);
      this.before(dependency, seen);
    }
    return seen;
  }

  /** Name of the resource's `deletedWith`, or its nearest ancestor's, as the engine inherits it. */
  deletedWith(resource: Registration): string | undefined {
    const urn = this.lineage(resource).find(({ deletedWith }) => deletedWith)?.deletedWith;
    return urn === undefined ? undefined : this.byUrn.get(urn)?.name;
  }
}

/** A configuration for an existing cluster; `change` overrides it. */
export const existing = (change: Record<string, unknown> = {}) => ({
  cluster: "existing",
  existing: { context: "kind-kind" },
  verify: "false",
  ...change,
});
