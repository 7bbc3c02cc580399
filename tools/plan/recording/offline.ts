import { nothingPresent } from "../../../components/existing/present.js";
import { kubernetesRange } from "../../../components/mesh/compatibility.js";
import type { BundleRequest } from "../../../components/mesh/gateway-api-bundle.js";
import { neededResources } from "../../../components/mesh/gateway-api-pins.js";
import type { Settings } from "../../../components/settings/settings.js";
import type { Sources } from "../../../index.js";

/** Answers for everything that the program asks outside Pulumi: a cluster that fits, and definitions by name only. */
export function offlineSources(settings: Settings): Sources {
  return {
    inspectCluster: () => Promise.resolve(fittingCluster(settings)),
    gatewayApi: definitionsByName,
  };
}

let running = 0;
let { stackTraceLimit } = Error;

/** Runs `work` without stack traces: the SDK takes one with every resource and promise, two thirds of a plan's time. */
export async function withoutStackTraces<T>(work: () => Promise<T>): Promise<T> {
  if (running === 0) ({ stackTraceLimit } = Error);
  running += 1;
  Error.stackTraceLimit = 0;
  try {
    return await work();
  } finally {
    running -= 1;
    if (running === 0) Error.stackTraceLimit = stackTraceLimit;
  }
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
      ...nothingPresent,
      ...(settings.mesh.gatewayApi === "existing" && {
        gatewayApi: [
          { name: "gateways.gateway.networking.k8s.io", version: "v1.6.0", ours: false },
        ],
        gatewayApiV1: [...neededResources],
      }),
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
