/** The API group of the Gateway API's definitions. */
export const gatewayApiGroup = "gateway.networking.k8s.io";

/** What the mesh needs of the Gateway API, in v1: waypoints are Gateways. */
export const neededResources = ["gatewayclasses", "gateways"] as const;

/** A release of the Gateway API with known content. */
export interface PinnedBundle {
  /** `v1.6.0` */
  version: string;
  url: string;
  /** SHA-256 as `digestOf` computes it. */
  digest: string;
  /** Names of the CustomResourceDefinitions. */
  names: readonly string[];
}

const kinds = [
  "backendtlspolicies",
  "gatewayclasses",
  "gateways",
  "grpcroutes",
  "httproutes",
  "listenersets",
  "referencegrants",
  "tcproutes",
  "tlsroutes",
  "udproutes",
];

/**
 * Bundles by version, standard channel. Istio 1.31 is built against v1.6.0
 * (https://github.com/istio/istio/blob/release-1.31/go.mod).
 */
export const pinnedBundles: Readonly<Record<string, PinnedBundle>> = {
  "v1.6.0": {
    version: "v1.6.0",
    url: "https://github.com/kubernetes-sigs/gateway-api/releases/download/v1.6.0/standard-install.yaml",
    digest: "e41a4906286595f0fba1e479daa16f3ba4be55bdd3ec49cd7d1a73af8c7d007e",
    names: kinds.map((kind) => `${kind}.${gatewayApiGroup}`),
  },
};
