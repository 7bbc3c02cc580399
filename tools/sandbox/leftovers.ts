import { type Inventory, renderLeftovers } from "../verify/teardown/leftovers.js";
import { teardownInventory } from "../verify/teardown/prove.js";
import { stackName } from "../stacks/settings-file.js";
import { ToolError } from "../command-line/errors.js";
import { compartmentId, ociEnvironment } from "../../emulator/daemon/client.js";
import { stateDir } from "../paths.js";

/** What a stack that was destroyed has left in the sandbox's OCI, asked while there is one to ask. */
export function leftInOci(name: string): Promise<Inventory> {
  return teardownInventory({
    stack: stackName(name),
    settings: { cluster: "oke", compartmentId, namespace: "default", existing: {} },
    oci: ociEnvironment(stateDir(name)),
  });
}

/** @throws ToolError naming what was left. */
export function refuseLeftovers({ leftovers }: Inventory): void {
  if (leftovers.length === 0) return;
  throw new ToolError(
    `The stack is destroyed, but this it left in OCI:\n${renderLeftovers(leftovers)}\n` +
      "It went with the sandbox; a tenancy would keep it.",
  );
}
