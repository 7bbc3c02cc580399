import { runningOf } from "../components/oke/offer.js";
import type { Running } from "../components/oke/offer.js";
import { displayName, isOurs } from "../components/oke/tags.js";
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
 * The stack's cluster and pool as OCI has them, as `pulumi up` looks for them.
 *
 * @param inCompartment `compartmentId=…`, as it stands in a query.
 * @throws what `ask` throws.
 */
export async function runningIn(
  ask: Ask,
  inCompartment: string,
  stack: string,
): Promise<Running | undefined> {
  const ours = <T extends Item>(items: T[] | undefined) =>
    items?.find(({ freeformTags, lifecycleState }) => isOurs(freeformTags, lifecycleState, stack));
  const name = encodeURIComponent(displayName(stack));
  const cluster = ours(
    await ask<Cluster[]>("containerEngine", `/clusters?${inCompartment}&name=${name}`),
  );
  if (!cluster) return undefined;
  const clusterId = encodeURIComponent(cluster.id);
  const pool = ours(
    await ask<Pool[]>("containerEngine", `/nodePools?${inCompartment}&clusterId=${clusterId}`),
  );
  return runningOf(
    cluster,
    pool && {
      ...pool,
      imageId: pool.nodeSourceDetails?.imageId ?? pool.nodeImageId ?? "",
      imageName: pool.nodeSource?.sourceName ?? pool.nodeImageName,
    },
  );
}
