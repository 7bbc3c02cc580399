import { ociLoadBalancer } from "../mesh/ingress-gateway.js";
import { onceAnswering } from "../oke/api-server.js";
import { chooseOke } from "../oke/choice.js";
import { Cluster } from "../oke/cluster.js";
import { Network } from "../oke/network/network.js";
import { NodePool } from "../oke/node-pool.js";
import { okeProvider } from "../oke/provider.js";
import { reaches, type Settings } from "../settings/settings.js";
import type { Target } from "./target.js";

/**
 * Step 1 on Oracle's cloud: registers `network`, `cluster`, `nodes` and the providers.
 *
 * @throws pulumi.RunError before anything is registered where OKE offers nothing that fits.
 */
export async function oke(settings: Settings): Promise<Target> {
  const choice = await chooseOke({
    compartmentId: settings.compartmentId,
    clusterType: settings.clusterType,
    kubernetesVersion: settings.kubernetesVersion,
    istio: settings.mesh.version,
    vcnCidr: settings.network.vcnCidr,
    os: settings.nodes.os,
    shape: settings.nodes.shape,
    imageId: settings.nodes.imageId,
  });
  const { compartmentId, freeformTags, services, existingVcnIds } = choice;
  const network = new Network("network", {
    ...settings.network,
    compartmentId,
    services,
    freeformTags,
    existingVcnIds,
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
