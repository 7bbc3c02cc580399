import { setTimeout as sleep } from "node:timers/promises";

import { OciError } from "../oci/rest.js";

/** As much of a load balancer as is needed to remove it. */
export interface LoadBalancer {
  id: string;
  displayName?: string;
  lifecycleState?: string;
  subnetIds?: string[];
}

/** The two calls that {@link sweep} makes. */
export interface LoadBalancers {
  list(): Promise<LoadBalancer[]>;
  remove(id: string): Promise<void>;
}

/** Load balancers that were told to go and did not. */
export class StillThere extends Error {
  constructor(subnetId: string, names: string[]) {
    super(`Still in subnet ${subnetId}: ${names.join(", ")}.`);
  }
}

/** What a person reads about a sweep that failed. */
export function sweepFailure(error: unknown): string {
  const reason = error instanceof Error ? error.message : String(error);
  return error instanceof StillThere
    ? `Load balancers that Kubernetes left behind were told to go and have not. ${reason}\nDelete them in the console under Networking, Load balancers, then run pulumi destroy again: they cost money.\n`
    : `Not checked whether load balancers are left behind: ${reason}\nLook for them in the console under Networking, Load balancers: they cost money.\n`;
}

/**
 * Removes every load balancer that stands in the subnet, and waits until they are gone.
 *
 * @param options times in milliseconds.
 * @returns the names of those removed.
 * @throws StillThere naming those that are when the time is over; what the calls throw.
 */
export async function sweep(
  loadBalancers: LoadBalancers,
  subnetId: string,
  { interval = 5_000, timeout = 600_000 }: { interval?: number; timeout?: number } = {},
): Promise<string[]> {
  const end = Date.now() + timeout;
  const removed = new Set<string>();
  for (;;) {
    const all = await loadBalancers.list().catch((error: unknown) => {
      if (isPassing(error) && Date.now() < end) return undefined;
      throw error;
    });
    if (!all) {
      await sleep(interval);
      continue;
    }
    const left = all.filter(
      ({ subnetIds, lifecycleState }) =>
        subnetIds?.includes(subnetId) && lifecycleState !== "DELETED",
    );
    if (left.length === 0) return [...removed];
    for (const { id, displayName, lifecycleState } of left) {
      if (lifecycleState === "DELETING") continue;
      removed.add(displayName ?? id);
      await loadBalancers.remove(id).catch(unlessGoneOrBusy);
    }
    if (Date.now() >= end) {
      throw new StillThere(
        subnetId,
        left.map(({ displayName, id }) => displayName ?? id),
      );
    }
    await sleep(interval);
  }
}

/** 404: somebody else was faster; 409: it is being changed. The next round sees what has become of it. */
function unlessGoneOrBusy(error: unknown): void {
  if (isPassing(error) || (error instanceof OciError && [404, 409].includes(error.status))) return;
  throw error;
}

/** OCI is busy: https://docs.oracle.com/en-us/iaas/Content/API/References/apierrors.htm */
const isPassing = (error: unknown) =>
  error instanceof OciError && (error.status === 429 || error.status >= 500);
