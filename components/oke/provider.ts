import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";

import type { Cluster } from "./cluster.js";
import type { Network } from "./network.js";

/**
 * The kubernetes provider of an OKE cluster. It needs no worker: objects that run nothing go in while the workers
 * come up. `okeProvider("kubernetes", { cluster, network })`
 */
export function okeProvider(
  name: string,
  { cluster, network }: { cluster: Cluster; network: Network },
  opts?: pulumi.ResourceOptions,
): k8s.Provider {
  return new k8s.Provider(
    name,
    {
      kubeconfig: cluster.providerKubeconfig,
      // A changed kubeconfig is the same cluster, and must not replace all that is in it.
      clusterIdentifier: cluster.clusterId,
      // A create that was cut off is taken over instead of ending in AlreadyExists.
      upsertExistingObjects: true,
    },
    // While there is an object in the cluster, every rule on the way to its API stands.
    { ...opts, dependsOn: [network, cluster] },
  );
}
