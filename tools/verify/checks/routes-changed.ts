import type { Snapshot } from "../cluster/snapshot.js";
import { UncheckedError } from "../finding.js";

/**
 * When the weights of reviews, its subsets, or its Service last changed, in milliseconds, as the API server records it
 * (https://kubernetes.io/docs/reference/using-api/server-side-apply/#field-management). Undefined if it is unknown.
 */
export function routesChanged(snapshot: Snapshot): number | undefined {
  try {
    const objects = [
      snapshot.named("virtualServices", "reviews"),
      snapshot.named("destinationRules", "reviews"),
      snapshot.named("services", "reviews"),
    ];
    // istiod writes a status again whenever it likes.
    const times = objects
      .flatMap((object) => object?.metadata?.managedFields ?? [])
      .filter(({ subresource }) => subresource !== "status")
      .map(({ time }) => Date.parse(time ?? ""))
      .filter((time) => !Number.isNaN(time));
    return times.length > 0 ? Math.max(...times) : undefined;
  } catch (error) {
    if (error instanceof UncheckedError) return undefined;
    throw error;
  }
}
