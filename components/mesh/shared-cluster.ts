import * as pulumi from "@pulumi/pulumi";

import { childOptions } from "../resources/component.js";
import { registerObject, type KubernetesObject } from "../resources/manifest.js";
import type { ChartSource, Values } from "./chart.js";
import { locate } from "./chart.js";
import { ours } from "./definitions.js";
import { caCertificate, systemNamespace, waypointClass } from "./names.js";

// On a cluster that is somebody else's the mesh is a guest: it keeps to its namespaces, and what Istio
// would leave behind is either not made or made a resource, so that it ends with the stack.

/** Somebody else's cluster. */
export interface Guest {
  /** Bookinfo's namespace. */
  namespace: string;
  /** Whether that namespace outlives the stack, and with it what istiod writes there. */
  keepsNamespace: boolean;
}

/**
 * istiod's values on somebody else's cluster: it neither watches nor writes to other namespaces
 * (https://istio.io/latest/docs/reference/config/istio.mesh.v1alpha1/#MeshConfig-discovery_selectors),
 * where it would leave a ConfigMap each, makes no GatewayClass of its own, and publishes no list of
 * revoked certificates, which only a plugged-in CA has
 * (https://istio.io/latest/docs/reference/commands/pilot-discovery/#envvars).
 */
export function guestValues({ namespace }: Guest): Values {
  const names = [...new Set([systemNamespace, namespace])];
  return {
    env: {
      PILOT_ENABLE_GATEWAY_API_GATEWAYCLASS_CONTROLLER: "false",
      PILOT_ENABLE_CA_CRL: "false",
    },
    meshConfig: {
      discoverySelectors: names.map((name) => ({
        matchLabels: { "kubernetes.io/metadata.name": name },
      })),
    },
  };
}

/**
 * Registers what istiod would make and never take away: the waypoints' class, and its CA's certificate
 * in a namespace that stays. istiod goes on writing the certificate; deleted after istiod, it stays so.
 */
export function registerTraces(
  prefix: string,
  component: pulumi.ComponentResource,
  { namespace, keepsNamespace }: Guest,
  opts: pulumi.ComponentResourceOptions | undefined,
): pulumi.CustomResource[] {
  const waypoints: KubernetesObject = {
    apiVersion: "gateway.networking.k8s.io/v1",
    kind: "GatewayClass",
    metadata: { name: waypointClass, labels: ours },
    spec: { controllerName: "istio.io/mesh-controller" },
  };
  const certificate: KubernetesObject = {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name: caCertificate, namespace, labels: { "istio.io/config": "true", ...ours } },
  };
  const traces = [registerObject(prefix, waypoints, childOptions(component, opts))];
  if (keepsNamespace) {
    const options = childOptions(component, opts, { ignoreChanges: ["data"] });
    traces.push(registerObject(prefix, certificate, options));
  }
  return traces;
}

/**
 * Istio's CustomResourceDefinitions as the chart `base` has them: left to the chart, which marks them
 * `helm.sh/resource-policy: keep`, they would stay when it goes.
 *
 * @param provider fetches the chart, from wherever the Releases have theirs.
 * @throws pulumi.RunError where the chart cannot be had or holds none.
 */
export async function loadIstioDefinitions(
  source: pulumi.Unwrap<ChartSource>,
  provider: pulumi.ProviderResource,
): Promise<KubernetesObject[]> {
  const { chart, version, repositoryOpts } = locate(source.chartRepository, "base", source.version);
  const options = {
    release_name: "istio-base",
    namespace: systemNamespace,
    ...(version ? { chart, version, fetch_opts: repositoryOpts } : { path: chart }),
  };
  // What the SDK's own Chart asks the provider: sdk/nodejs/helm/v3/helm.ts in pulumi-kubernetes.
  const template = pulumi.runtime.invoke(
    "kubernetes:helm:template",
    { jsonOpts: JSON.stringify(options) },
    { provider },
  ) as Promise<{ result: KubernetesObject[] }>;
  const { result } = await template.catch((error: Error) => {
    throw new pulumi.RunError(
      `Istio's definitions cannot be read from the chart base in ${source.chartRepository}: ${error.message}\n` +
        `It holds the chart? pulumi config set --path mesh.chartRepository <URL or folder>`,
    );
  });
  const definitions = result.filter(({ kind }) => kind === "CustomResourceDefinition");
  if (definitions.length === 0) {
    throw new pulumi.RunError(
      `The chart base in ${source.chartRepository} holds no CustomResourceDefinition.`,
    );
  }
  return definitions.map(({ metadata, ...definition }) => {
    const annotations = { ...metadata.annotations };
    delete annotations["helm.sh/resource-policy"];
    return { ...definition, metadata: { name: metadata.name, annotations } };
  });
}
