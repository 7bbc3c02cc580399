import { kubernetesRange } from "../../../components/mesh/compatibility.js";
import { setBundleSource } from "../../../components/mesh/gateway-api-bundle.js";
import type { BundleRequest } from "../../../components/mesh/gateway-api-bundle.js";
import type { Settings } from "../../../components/settings/settings.js";

/** One run at a time: the replacements are global to the process. */
let previous: Promise<unknown> = Promise.resolve();

/**
 * Does `work` while nothing of the program looks outside: an existing cluster is one that fits, and
 * the Gateway API's definitions are named instead of fetched.
 */
export function offline<T>(settings: Settings, work: () => Promise<T>): Promise<T> {
  const run = async () => {
    const { stackTraceLimit } = Error;
    // The SDK captures a stack trace for every resource and promise: two thirds of a plan's time.
    Error.stackTraceLimit = 0;
    setBundleSource(definitionsByName);
    // Loaded on demand: its Kubernetes client takes longer to load than a plan takes.
    const existing =
      settings.cluster === "existing"
        ? await import("../../../components/existing/provider.js")
        : undefined;
    existing?.setClusterInspector(() => Promise.resolve(fittingCluster(settings)));
    try {
      return await work();
    } finally {
      Error.stackTraceLimit = stackTraceLimit;
      setBundleSource(undefined);
      existing?.setClusterInspector();
    }
  };
  const result = previous.then(run, run);
  previous = result.catch(() => undefined);
  return result;
}

/** A Kubernetes version that the configured Istio supports; the plan shows `<kubernetes.version>`. */
export function fittingVersion(settings: Settings): string {
  return `v1.${kubernetesRange(settings.mesh.version)?.last ?? 36}.0`;
}

function fittingCluster(settings: Settings) {
  const context = settings.existing.context ?? "<current context>";
  return {
    name: context,
    context,
    uid: "<kube-system.uid>",
    kubernetesVersion: fittingVersion(settings),
    istiods: [],
    present: {
      gatewayApi:
        settings.mesh.gatewayApi === "existing"
          ? [{ name: "gateways.gateway.networking.k8s.io", version: "v1.6.0", ours: false }]
          : [],
      istioCrds: [],
      gatewayClasses: [],
      namespaces: [],
      caCertificates: [],
    },
  };
}

function definitionsByName({ location, digest, pinned }: BundleRequest) {
  const source = pinned ? `Gateway API ${pinned.version}` : location;
  const names = pinned?.names ?? ["<what the bundle defines>"];
  return Promise.resolve(
    names.map((name) => ({
      apiVersion: "apiextensions.k8s.io/v1",
      kind: "CustomResourceDefinition",
      metadata: { name },
      spec: `<${source}, sha256:${digest}>`,
    })),
  );
}
