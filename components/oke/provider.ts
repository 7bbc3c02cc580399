import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";

import type { Cluster } from "./cluster.js";
import type { Network } from "./network/network.js";

/**
 * The kubernetes provider of an OKE cluster. It needs no workers, so objects other than Pods are created beside them.
 *
 * @param args `kubeconfig`: the cluster's, with this package's token helper. `deleteUnreachable`: whether objects leave
 * the state when their cluster is unreachable, so that `destroy` succeeds without an API server. `refresh` then drops
 * them during an outage too, so it is only for an object that must be deleted by itself and that an `up` adopts again:
 * the LoadBalancer Service. Default: false.
 *
 * @example
 * const args = { cluster, network, kubeconfig: cluster.providerKubeconfig };
 * const provider = okeProvider("kubernetes", args);
 */
export function okeProvider(
  name: string,
  {
    cluster,
    network,
    kubeconfig,
    deleteUnreachable = false,
  }: {
    cluster: Cluster;
    network: Network;
    kubeconfig: pulumi.Input<string>;
    deleteUnreachable?: boolean;
  },
  opts?: pulumi.ResourceOptions,
): k8s.Provider {
  return new k8s.Provider(
    name,
    {
      kubeconfig,
      // A changed kubeconfig must not replace everything in the cluster.
      clusterIdentifier: cluster.clusterId,
      // After an interrupted create, adopt the object instead of failing with AlreadyExists.
      upsertExistingObjects: true,
      // A field changed by hand belongs to another field manager; without force, `up` fails on it.
      enablePatchForce: true,
      ...(deleteUnreachable && { deleteUnreachable }),
    },
    // The network rules that lead to the API server outlive every object in the cluster.
    { ...opts, dependsOn: [network, cluster] },
  );
}
