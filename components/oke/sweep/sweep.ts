import { setTimeout as sleep } from "node:timers/promises";

import { OciError } from "../oci/rest.js";

/** The fields of a load balancer that the sweep reads. */
export interface LoadBalancer {
  id: string;
  displayName?: string;
  lifecycleState?: string;
  subnetIds?: string[];
}

/** The calls of {@link sweep}. */
export interface LoadBalancers {
  list(): Promise<LoadBalancer[]>;
  remove(id: string): Promise<void>;
}

/** OCI did not delete some load balancers in time. */
export class NotDeletedError extends Error {
  constructor(subnetId: string, names: string[]) {
    super(`Still in subnet ${subnetId}: ${names.join(", ")}.`);
  }
}

/** The message about a failed sweep. */
export function sweepFailure(error: unknown): string {
  const reason = error instanceof Error ? error.message : String(error);
  return error instanceof NotDeletedError
    ? `OCI has not deleted load balancers that Kubernetes left behind. ${reason}\nThey cost money. Delete them in the console under Networking, Load balancers, then run pulumi destroy again.\n`
    : `Could not check for load balancers left behind: ${reason}\nThey cost money. Look for them in the console under Networking, Load balancers.\n`;
}

/**
 * Deletes every load balancer in the subnet, and waits until they are gone.
 *
 * @param options times in milliseconds.
 * @returns the names of the deleted ones.
 * @throws NotDeletedError when the time is up; what the calls throw.
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
      if (isTransient(error) && Date.now() < end) return undefined;
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
      throw new NotDeletedError(
        subnetId,
        left.map(({ displayName, id }) => displayName ?? id),
      );
    }
    await sleep(interval);
  }
}

/** 404: already deleted; 409: being changed. The next round checks again. */
function unlessGoneOrBusy(error: unknown): void {
  if (isTransient(error) || (error instanceof OciError && [404, 409].includes(error.status)))
    return;
  throw error;
}

/** OCI is overloaded: https://docs.oracle.com/en-us/iaas/Content/API/References/apierrors.htm */
const isTransient = (error: unknown) =>
  error instanceof OciError && (error.status === 429 || error.status >= 500);
