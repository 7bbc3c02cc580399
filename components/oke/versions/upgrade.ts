import type { Choice, RunningCluster } from "./types.js";

/**
 * What an `up` with this choice changes about the running control plane and workers, in the order in which it happens.
 * An enhanced cluster replaces workers one by one; a basic one gets a new pool beside the old.
 */
export function describeUpgrade(
  choice: Choice,
  running: RunningCluster | undefined,
  clusterType: "basic" | "enhanced",
): string[] {
  if (!running) return [];
  const steps: string[] = [];
  if (choice.controlPlane !== running.controlPlane) {
    steps.push(
      `The control plane is upgraded in place from ${running.controlPlane} to ${choice.controlPlane}; its API stays available.`,
    );
  }
  const { pool } = running;
  if (!pool) return steps;
  const changes = [
    choice.worker !== pool.kubernetes && `Kubernetes ${pool.kubernetes} to ${choice.worker}`,
    choice.imageId !== pool.imageId && `image ${pool.imageName ?? pool.imageId} to another`,
  ].filter((change) => change !== false);
  if (changes.length > 0) {
    steps.push(
      `The workers change from ${changes.join(", ")}: ${
        clusterType === "enhanced"
          ? "in place, one after the other, each new worker before the old one is deleted."
          : "a new pool is created, then the old one is drained and deleted, since a basic cluster can't cycle workers."
      } Pods restart on the new workers.`,
    );
  }
  return steps;
}
