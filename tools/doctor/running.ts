import { toRunningCluster } from "../../components/oke/versions/types.js";
import type { RunningCluster } from "../../components/oke/versions/types.js";
import { expectOneCluster } from "../../components/oke/oci/one-stack.js";
import { displayName, isOfStack } from "../../components/oke/oci/tags.js";
import type { Ask } from "./limits.js";

interface Item {
  id: string;
  lifecycleState: string;
  freeformTags?: Record<string, string>;
  kubernetesVersion: string;
}
interface Cluster extends Item {
  type?: string;
  availableKubernetesUpgrades?: string[];
}
interface Pool extends Item {
  nodeImageId?: string;
  nodeImageName?: string;
  nodeSourceDetails?: { imageId?: string };
  nodeSource?: { sourceName?: string };
}

/**
 * The stack's cluster and node pool in OCI, found as `pulumi up` finds them.
 *
 * @throws what `ask` throws, and pulumi.RunError if several clusters have the stack's tag.
 */
export async function runningIn(
  ask: Ask,
  compartmentId: string,
  stack: string,
): Promise<RunningCluster | undefined> {
  const ours = <T extends Item>(items: T[] = []) =>
    items.filter(({ freeformTags, lifecycleState }) =>
      isOfStack(freeformTags, lifecycleState, stack),
    );
  const list = async <T extends Item>(kind: string, query: Record<string, string>) => {
    const path = `/${kind}?${new URLSearchParams({ compartmentId, ...query })}`;
    return ours(await ask<T[]>("containerEngine", path));
  };
  const clusters = await list<Cluster>("clusters", { name: displayName(stack) });
  expectOneCluster(
    clusters.map(({ id }) => id),
    { compartmentId, stack },
  );
  const [cluster] = clusters;
  if (!cluster) return undefined;
  const [pool] = await list<Pool>("nodePools", { clusterId: cluster.id });
  return toRunningCluster(
    cluster,
    pool && {
      ...pool,
      imageId: pool.nodeSourceDetails?.imageId ?? pool.nodeImageId ?? "",
      imageName: pool.nodeSource?.sourceName ?? pool.nodeImageName,
    },
  );
}
