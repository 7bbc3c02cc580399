import type { Choice, Running } from "./choose.js";

/**
 * What an `up` with this choice does to control plane and workers that run already, in the order in which it does it.
 * Workers change in place by cycling on an enhanced cluster; a basic one gets a new pool beside the old.
 */
export function movesOf(
  choice: Choice,
  running: Running | undefined,
  clusterType: "basic" | "enhanced",
): string[] {
  const moves: string[] = [];
  if (!running) return moves;
  if (choice.controlPlane !== running.controlPlane) {
    moves.push(
      `The control plane goes from ${running.controlPlane} to ${choice.controlPlane}, in place; its API stays up.`,
    );
  }
  const { pool } = running;
  if (!pool) return moves;
  const changes = [
    choice.worker !== pool.kubernetes && `Kubernetes ${pool.kubernetes} to ${choice.worker}`,
    choice.imageId !== pool.imageId && `image ${pool.imageName ?? pool.imageId} to another`,
  ].filter((change) => change !== false);
  if (changes.length > 0) {
    moves.push(
      `The workers go from ${changes.join(", ")}: ${
        clusterType === "enhanced"
          ? "in place, one after the other, each replaced by a new one first."
          : "a basic cluster can't cycle workers, so a new pool comes up, then the old one is drained and goes."
      } Pods restart on the new workers.`,
    );
  }
  return moves;
}
