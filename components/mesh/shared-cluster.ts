import type * as pulumi from "@pulumi/pulumi";

import { registerObject, type KubernetesObject } from "../resources/manifest.js";
import type { Values } from "./chart.js";
import { discoverySelectors } from "./mesh-config/requested.js";
import { caCertificate, waypointClass } from "./names.js";
import { programLabels } from "../resources/program-labels.js";

// On an existing cluster the mesh keeps to its namespaces. What istiod would leave behind is either not created, or is
// a resource and is deleted with the stack.

/** An existing cluster, which the program does not own. */
export interface SharedCluster {
  /** Bookinfo's namespace. */
  namespace: string;
  /** Whether that namespace outlives the stack, together with what istiod writes into it. */
  keepsNamespace: boolean;
}

/**
 * istiod's values on a shared cluster. It ignores other namespaces, in each of which it would leave a ConfigMap
 * (https://istio.io/latest/docs/reference/config/istio.mesh.v1alpha1/#MeshConfig-discovery_selectors); it creates no
 * GatewayClass, and publishes no list of revoked certificates, which only a plugged-in CA has
 * (https://istio.io/latest/docs/reference/commands/pilot-discovery/#envvars).
 */
export function sharedClusterValues({ namespace }: SharedCluster): Values {
  return {
    env: {
      PILOT_ENABLE_GATEWAY_API_GATEWAYCLASS_CONTROLLER: "false",
      PILOT_ENABLE_CA_CRL: "false",
    },
    meshConfig: { discoverySelectors: discoverySelectors(namespace) },
  };
}

/**
 * Registers what istiod would create and never delete: the waypoints' GatewayClass and, in a namespace that stays, its
 * CA's certificate. istiod keeps writing the certificate's data; deleted after istiod, the ConfigMap does not return.
 */
export function registerIstiodLeftovers(
  prefix: string,
  { namespace, keepsNamespace }: SharedCluster,
  options: (extra?: pulumi.CustomResourceOptions) => pulumi.CustomResourceOptions,
): pulumi.CustomResource[] {
  const gatewayClass: KubernetesObject = {
    apiVersion: "gateway.networking.k8s.io/v1",
    kind: "GatewayClass",
    metadata: { name: waypointClass, labels: programLabels },
    spec: { controllerName: "istio.io/mesh-controller" },
  };
  const certificate: KubernetesObject = {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: {
      name: caCertificate,
      namespace,
      labels: { "istio.io/config": "true", ...programLabels },
    },
  };
  return [
    registerObject(prefix, gatewayClass, options()),
    ...(keepsNamespace
      ? [registerObject(prefix, certificate, options({ ignoreChanges: ["data"] }))]
      : []),
  ];
}
