import type { Stack } from "@pulumi/pulumi/automation/index.js";

import type { PendingOperation } from "../../stacks/checkpoint.js";
import { type Deployment, takeOver } from "../../../emulator/plugins/oci/take-over.js";
import type { Command } from "../options.js";
import type { Progress } from "../../automation/progress.js";
import { clearReleases, interruptedReleases, runInCluster } from "./releases.js";
import { logicalName } from "../../automation/steps.js";
import { saveUnfinished, readInterrupted } from "./unfinished.js";

interface Settling {
  /** The sandbox's name. */
  name: string;
  command: Command;
  /** URL of the sandbox's OCI endpoint. */
  endpoint: string;
  /** Folder of helm and kubectl. */
  bin: string;
  progress: Progress;
}

/**
 * Finishes an interrupted operation, as `pulumi refresh` would ask a person to. It adopts OCI resources that a create
 * left, which would otherwise be created twice; refreshes resources that were being updated; completes deletions, so
 * that `up` does not rely on them; and clears Helm's unfinished work. If it is interrupted itself, the next operation
 * starts over.
 *
 * @throws ToolError about a Helm release that cannot be cleared.
 */
export async function finishInterrupted(
  stack: Stack,
  { name, command, endpoint, bin, progress }: Settling,
): Promise<void> {
  // A preview changes nothing.
  if (command === "preview") return;
  const interrupted = readInterrupted(name);
  const operations = interrupted.pending_operations ?? [];
  const releases = interruptedReleases(interrupted);
  const run = releases.length > 0 ? runInCluster(name, bin) : undefined;
  const note = (text: string) => progress.note(text);
  const cleared = run ? clearReleases(releases, run, note) : Promise.resolve<string[]>([]);
  const gone = await cleared.catch((error: Error) => {
    // A destroy continues: releases go with the cluster, which may no longer answer.
    if (command !== "destroy") throw error;
    note(error.message);
    return [] as string[];
  });
  if (operations.length === 0 && gone.length === 0) return;
  const exported = await stack.exportStack();
  const taken = await takeOver(endpoint, exported.deployment as Deployment);
  for (const urn of taken.urns) note(`${logicalName(urn)} had been created; adopted it.`);
  const begun = toFinish(operations, taken.urns);
  saveUnfinished(name, begun);
  // Other objects in the cluster are simply created again: the provider adopts existing ones.
  const deployment = { ...taken.deployment, pending_operations: [] };
  await stack.importStack({ ...exported, deployment });
  // The refresh drops them from the state, since a provider may fail to delete what is gone.
  if (gone.length > 0) await stack.refresh({ target: gone });
  const deleting = command === "up" ? urnsOf(name, begun, "deleting") : [];
  if (deleting.length > 0) {
    note(`${deleting.map(logicalName).join(", ")}: completing the deletion first.`);
    await stack.destroy({ target: deleting, targetDependents: true, onEvent: progress.event });
  }
  const changed = urnsOf(name, begun, "updating");
  if (changed.length > 0) await stack.refresh({ target: changed });
  const left = command === "up" ? [] : begun.filter(({ type }) => type === "deleting");
  saveUnfinished(name, left);
}

/**
 * The operations that the engine does not finish by itself. It deletes a replaced resource on its own; that one shares
 * its URN with the replacement, which must not be deleted.
 */
function toFinish(operations: readonly PendingOperation[], taken: string[]): PendingOperation[] {
  return operations.flatMap(({ type, resource }) => {
    if (type === "creating" && taken.includes(resource.urn))
      return [{ type: "updating", resource }];
    const isEngines = type !== "updating" && (type !== "deleting" || resource.delete === true);
    return isEngines ? [] : [{ type, resource }];
  });
}

/** URNs of the operations of one kind whose resources are still in the state. */
function urnsOf(name: string, operations: PendingOperation[], kind: string): string[] {
  const recorded = readInterrupted(name).resources?.map(({ urn }) => urn);
  return operations
    .filter(({ type, resource }) => type === kind && recorded?.includes(resource.urn))
    .map(({ resource }) => resource.urn);
}
