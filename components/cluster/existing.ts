import { existingClusterProvider, type ClusterInspector } from "../existing/provider.js";
import type { Settings } from "../settings/settings.js";
import type { TargetCluster } from "./target.js";

/**
 * Stage `cluster` on an existing cluster: registers the provider.
 *
 * @param inspect replaces the requests to the cluster, for plans and tests.
 * @throws pulumi.RunError, before anything is registered, if the cluster does not fit.
 */
export async function useExistingCluster(
  settings: Settings,
  inspect?: ClusterInspector,
): Promise<TargetCluster> {
  const { provider, clusterId, kubernetesVersion, access } = await existingClusterProvider(
    "kubernetes",
    settings,
    inspect,
  );
  return {
    provider,
    clusterId,
    workers: [],
    access,
    versions: { kubernetes: kubernetesVersion },
  };
}
