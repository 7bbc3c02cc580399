import type * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";

import { ociLoadBalancer } from "./mesh/ingress-gateway.js";
import { onceAnswering } from "./oke/api-server.js";
import { chooseOke } from "./oke/choice.js";
import { Cluster } from "./oke/cluster.js";
import { Network } from "./oke/network.js";
import { NodePool } from "./oke/node-pool.js";
import { okeProvider } from "./oke/provider.js";
import { reaches, type Settings } from "./settings.js";

/** Where the rest of the graph stands. */
export interface Target {
  provider: k8s.Provider;
  /** The LoadBalancer Service's, where the cluster is this program's. */
  serviceProvider?: k8s.Provider;
  clusterId: pulumi.Output<string>;
  /** What Pods wait for. */
  workers: pulumi.Resource[];
  /** The cluster where it is this program's: with it goes what is in it. */
  cluster?: pulumi.Resource;
  /** Secret; Oracle's own text. */
  kubeconfig?: pulumi.Output<string>;
  /** How programs of this package reach the cluster. */
  access: { kubeconfig?: pulumi.Input<string>; context?: string };
  loadBalancerAnnotations?: Record<string, string>;
  versions: Record<string, pulumi.Input<string>>;
}

/**
 * Step 1 on Oracle's cloud: registers `network`, `cluster`, `nodes` and the providers.
 *
 * @throws pulumi.RunError before anything is registered where OKE offers nothing that fits.
 */
export async function oke(settings: Settings): Promise<Target> {
  const choice = await chooseOke(settings);
  const { compartmentId, freeformTags, services, standingVcns } = choice;
  const network = new Network("network", {
    ...settings.network,
    compartmentId,
    services,
    freeformTags,
    standingVcns,
  });
  const cluster = new Cluster(
    "cluster",
    {
      compartmentId,
      freeformTags,
      kubernetesVersion: choice.controlPlane,
      keepVersion: choice.keepControlPlane,
      clusterType: settings.clusterType,
      vcnId: network.vcnId,
      apiSubnetId: network.apiSubnetId,
      loadBalancerSubnetId: network.loadBalancerSubnetId,
    },
    // Every rule stands before the cluster and goes after it.
    { dependsOn: network },
  );
  const nodes = new NodePool(
    "nodes",
    {
      ...settings.nodes,
      compartmentId,
      freeformTags,
      clusterId: cluster.clusterId,
      clusterType: settings.clusterType,
      kubernetesVersion: choice.worker,
      imageId: choice.imageId,
      keepImage: choice.keepWorker,
      chosenFor: choice.chosenFor,
      availabilityDomains: choice.availabilityDomains,
      subnetId: network.workerSubnetId,
    },
    { dependsOn: cluster },
  );
  const { providerKubeconfig } = cluster;
  // Where nothing is put into the cluster, nobody has to wait for it.
  const kubeconfig = reaches(settings.stage)("mesh")
    ? onceAnswering(providerKubeconfig, cluster)
    : providerKubeconfig;
  const inCluster = { cluster, network, kubeconfig };
  return {
    provider: okeProvider("kubernetes", inCluster),
    // The Service alone is deleted through the API, and its absence must not keep the rest from going.
    serviceProvider: okeProvider("kubernetes-load-balancer", {
      ...inCluster,
      forgetUnreachable: true,
    }),
    clusterId: cluster.clusterId,
    workers: [nodes],
    cluster: cluster.cluster,
    kubeconfig: cluster.kubeconfig,
    access: { kubeconfig: providerKubeconfig },
    loadBalancerAnnotations: ociLoadBalancer(freeformTags),
    versions: { kubernetes: cluster.kubernetesVersion, worker: nodes.kubernetesVersion },
  };
}

/**
 * Step 1 on a cluster that is there already: registers the provider.
 *
 * @throws pulumi.RunError before anything is registered where the cluster does not fit.
 */
export async function existing(settings: Settings): Promise<Target> {
  // It looks at the cluster through a client that takes longer to load than all else.
  const { existingCluster } = await import("./existing.js");
  const { provider, clusterId, kubernetesVersion, access } = await existingCluster(
    "kubernetes",
    settings,
  );
  return {
    provider,
    clusterId,
    workers: [],
    access,
    versions: { kubernetes: kubernetesVersion },
  };
}
