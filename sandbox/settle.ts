import type { Stack } from "@pulumi/pulumi/automation/index.js";

import { type Deployment, takeOver } from "./oci/created.js";
import type { Command } from "./options.js";
import type { Progress } from "./progress.js";
import type { Interruption } from "./recover.js";
import { logicalName } from "./steps.js";

/**
 * Clears up what an operation left behind that was cut off, as `pulumi refresh` asks a person to: what came of a create
 * in OCI is taken over, or it would be made twice; what was being changed is read again; what was being deleted is
 * deleted to its end, or `up` would count on what is about to go.
 *
 * @param endpoint URL of the sandbox's OCI endpoint.
 */
export async function settle(
  stack: Stack,
  { pending }: Interruption,
  { command, endpoint, progress }: { command: Command; endpoint: string; progress: Progress },
): Promise<void> {
  // A preview changes nothing.
  if (pending.length === 0 || command === "preview") return;
  const exported = await stack.exportStack();
  const taken = await takeOver(endpoint, exported.deployment as Deployment);
  for (const urn of taken.urns) {
    progress.note(`${logicalName(urn)} had been made; it is taken over.`);
  }
  // Objects in the cluster need no more than to be created again: the provider takes over what is there.
  const deployment = { ...taken.deployment, pending_operations: [] };
  await stack.importStack({ ...exported, deployment });
  const urnsOf = (operation: string) =>
    pending.filter((one) => one.operation === operation).map(({ urn }) => urn);
  const deleting = command === "up" ? urnsOf("deleting") : [];
  if (deleting.length > 0) {
    progress.note(`${deleting.map(logicalName).join(", ")}: deleted to the end first.`);
    await stack.destroy({ target: deleting, targetDependents: true, onEvent: progress.event });
  }
  const changed = [...taken.urns, ...urnsOf("updating")];
  if (changed.length > 0) await stack.refresh({ target: changed });
}
