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
 * Clears up what an operation left behind that was cut off, as `pulumi refresh` asks a person to: what came of a create
 * in OCI is taken over, or it would be made twice; what was being changed is read again; what was being deleted is
 * deleted to its end, or `up` would count on what is about to go; what helm had begun is cleared. Cut off itself, it
 * begins again with the next operation.
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
    // A destroy goes on: they go with the cluster, which may not even answer any more.
    if (command !== "destroy") throw error;
    note(error.message);
    return [] as string[];
  });
  if (operations.length === 0 && gone.length === 0) return;
  const exported = await stack.exportStack();
  const taken = await takeOver(endpoint, exported.deployment as Deployment);
  for (const urn of taken.urns) note(`${logicalName(urn)} had been made; it is taken over.`);
  const begun = toFinish(operations, taken.urns);
  saveUnfinished(name, begun);
  // Other objects in the cluster need no more than to be created again: the provider takes over what is there.
  const deployment = { ...taken.deployment, pending_operations: [] };
  await stack.importStack({ ...exported, deployment });
  // Not found any more, they leave the state; whether a provider can delete what is gone is not asked.
  if (gone.length > 0) await stack.refresh({ target: gone });
  const deleting = command === "up" ? urnsOf(name, begun, "deleting") : [];
  if (deleting.length > 0) {
    note(`${deleting.map(logicalName).join(", ")}: deleted to the end first.`);
    await stack.destroy({ target: deleting, targetDependents: true, onEvent: progress.event });
  }
  const changed = urnsOf(name, begun, "updating");
  if (changed.length > 0) await stack.refresh({ target: changed });
  const left = command === "up" ? [] : begun.filter(({ type }) => type === "deleting");
  saveUnfinished(name, left);
}

/**
 * What takes more than the engine to bring to its end. What has been replaced the engine itself deletes, and it has the
 * URN of what took its place, which must not go with it.
 */
function toFinish(operations: readonly PendingOperation[], taken: string[]): PendingOperation[] {
  return operations.flatMap(({ type, resource }) => {
    if (type === "creating" && taken.includes(resource.urn))
      return [{ type: "updating", resource }];
    const isEngines = type !== "updating" && (type !== "deleting" || resource.delete === true);
    return isEngines ? [] : [{ type, resource }];
  });
}

/** Those of one kind that are on record still. */
function urnsOf(name: string, operations: PendingOperation[], kind: string): string[] {
  const recorded = readInterrupted(name).resources?.map(({ urn }) => urn);
  return operations
    .filter(({ type, resource }) => type === kind && recorded?.includes(resource.urn))
    .map(({ resource }) => resource.urn);
}
