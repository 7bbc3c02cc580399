import { existingCluster } from "../existing/provider.js";
import type { Settings } from "../settings/settings.js";
import type { Target } from "./target.js";

/**
 * Step 1 on a cluster that is there already: registers the provider.
 *
 * @throws pulumi.RunError before anything is registered where the cluster does not fit.
 */
export async function existing(settings: Settings): Promise<Target> {
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
