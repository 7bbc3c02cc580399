import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";

import type { Cluster } from "./cluster.js";
import type { Network } from "./network/network.js";

/**
 * The kubernetes provider of an OKE cluster. It needs no worker: objects that run nothing go in while the workers
 * come up. `okeProvider("kubernetes", { cluster, network, kubeconfig: cluster.providerKubeconfig })`
 *
 * @param args `kubeconfig`: the cluster's, with this package's token helper. `forgetUnreachable`: whether objects leave
 * the state when their cluster does not answer. It lets `destroy` end where the API server is gone, and `refresh`
 * forget what is merely out of reach, so it is for objects that have to be deleted one by one and can be taken over
 * again: the LoadBalancer Service. Default: false.
 */
export function okeProvider(
  name: string,
  {
    cluster,
    network,
    kubeconfig,
    forgetUnreachable = false,
  }: {
    cluster: Cluster;
    network: Network;
    kubeconfig: pulumi.Input<string>;
    forgetUnreachable?: boolean;
  },
  opts?: pulumi.ResourceOptions,
): k8s.Provider {
  return new k8s.Provider(
    name,
    {
      kubeconfig,
      // A changed kubeconfig is the same cluster, and must not replace all that is in it.
      clusterIdentifier: cluster.clusterId,
      // A create that was cut off is taken over instead of ending in AlreadyExists.
      upsertExistingObjects: true,
      // What was changed by hand belongs to whoever changed it; without force, `up` is refused the field.
      enablePatchForce: true,
      ...(forgetUnreachable && { deleteUnreachable: true }),
    },
    // While there is an object in the cluster, every rule on the way to its API stands.
    { ...opts, dependsOn: [network, cluster] },
  );
}
