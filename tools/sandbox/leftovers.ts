import type { Stack } from "@pulumi/pulumi/automation/index.js";

import type { Progress } from "../automation/progress.js";
import { type Inventory, renderLeftovers } from "../verify/teardown/leftovers.js";
import { teardownInventory } from "../verify/teardown/prove.js";
import { stackFile, stackName } from "../stacks/settings-file.js";
import { ToolError } from "../command-line/errors.js";
import { compartmentId, ociEnvironment, stopDaemon } from "../../emulator/daemon/client.js";
import { stateDir } from "../paths.js";
import { forget, row } from "./session.js";

/**
 * Removes a destroyed stack and stops its sandbox.
 *
 * @returns what is left in the sandbox's OCI.
 */
export function removeDestroyed(
  { workspace }: Stack,
  name: string,
  progress: Progress,
): Promise<Inventory> {
  const step = "OCI endpoint";
  return row(progress, step, async () => {
    progress.report({ step, detail: "looking for what is left" });
    const left = await leftInOci(name);
    await workspace.removeStack(stackName(name), { preserveConfig: true });
    progress.report({ step, detail: "stopping" });
    await stopDaemon(stateDir(name));
    forget(name, stackFile(name));
    return [left, "stopped"];
  });
}

/** The resources that a destroyed stack left in the sandbox's OCI; it must still be running. */
function leftInOci(name: string): Promise<Inventory> {
  return teardownInventory({
    stack: stackName(name),
    settings: { cluster: "oke", compartmentId, namespace: "default", existing: {} },
    oci: ociEnvironment(stateDir(name)),
  });
}

/** @throws ToolError naming the OCI resources that remain. */
export function refuseLeftovers({ leftovers }: Inventory): void {
  if (leftovers.length === 0) return;
  throw new ToolError(
    `The stack is destroyed, but these OCI resources remain:\n${renderLeftovers(leftovers)}\n` +
      "They were removed with the sandbox; a real tenancy would keep them.",
  );
}
