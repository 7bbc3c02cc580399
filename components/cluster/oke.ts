import { ociLoadBalancer } from "../mesh/ingress-gateway.js";
import { waitForApiServer } from "../oke/api-server.js";
import { chooseOke } from "../oke/choice.js";
import { Cluster } from "../oke/cluster.js";
import { warnOfLimits } from "../oke/limit-warning.js";
import { Network } from "../oke/network/network.js";
import { NodePool } from "../oke/node-pool.js";
import { okeProvider } from "../oke/provider.js";
import { reaches, type Settings } from "../settings/settings.js";
import type { TargetCluster } from "./target.js";

/**
 * Stage `cluster` on OKE: registers `network`, `cluster`, `nodes` and the providers.
 *
 * @throws pulumi.RunError, before anything is registered, if OKE offers nothing that fits.
 */
export async function createOkeCluster(settings: Settings): Promise<TargetCluster> {
  const { clusterType, mesh, nodes } = settings;
  const choice = await chooseOke({
    compartmentId: settings.compartmentId,
    clusterType,
    kubernetesVersion: settings.kubernetesVersion,
    istio: mesh.version,
    vcnCidr: settings.network.vcnCidr,
    os: nodes.os,
    shape: nodes.shape,
    imageId: nodes.imageId,
  });
  const { compartmentId, freeformTags, services, existingVcnIds, creates } = choice;
  const includesMesh = reaches(settings.stage)("mesh");
  const created = { ...creates, loadBalancer: creates.cluster && includesMesh };
  // The answers come while the resources below are registered.
  const warned = warnOfLimits(settings, created, choice);
  const { expiresAt } = settings;
  const network = new Network("network", {
    ...settings.network,
    compartmentId,
    services,
    freeformTags,
    expiresAt,
    existingVcnIds,
  });
  const cluster = new Cluster("cluster", {
    compartmentId,
    freeformTags,
    expiresAt,
    kubernetesVersion: choice.controlPlane,
    keepVersion: choice.keepControlPlane,
    clusterType,
    network,
  });
  const nodePool = new NodePool("nodes", {
    ...nodes,
    compartmentId,
    freeformTags,
    cluster,
    clusterType,
    network,
    kubernetesVersion: choice.worker,
    imageId: choice.imageId,
    keepImage: choice.keepWorker,
    chosenFor: choice.chosenFor,
    availabilityDomains: choice.availabilityDomains,
  });
  const { providerKubeconfig } = cluster;
  // At stage cluster, nothing needs the API server.
  const kubeconfig = includesMesh
    ? waitForApiServer(providerKubeconfig, cluster)
    : providerKubeconfig;
  const connection = { cluster, network, kubeconfig };
  await warned;
  return {
    provider: okeProvider("kubernetes", connection),
    // Only the Service is deleted through the API; an unreachable cluster must not block deleting the rest.
    serviceProvider: okeProvider("kubernetes-load-balancer", {
      ...connection,
      deleteUnreachable: true,
    }),
    clusterId: cluster.clusterId,
    workers: [nodePool],
    cluster: cluster.cluster,
    kubeconfig: cluster.kubeconfig,
    access: { kubeconfig: providerKubeconfig },
    loadBalancerAnnotations: ociLoadBalancer(freeformTags),
    versions: { kubernetes: cluster.kubernetesVersion, worker: nodePool.kubernetesVersion },
  };
}
