import { type Inventory, renderLeftovers } from "../verify/teardown/leftovers.js";
import { teardownInventory } from "../verify/teardown/prove.js";
import { stackName } from "../stacks/settings-file.js";
import { ToolError } from "../command-line/errors.js";
import { compartmentId, ociEnvironment } from "../../emulator/daemon/client.js";
import { stateDir } from "../paths.js";

/** The resources that a destroyed stack left in the sandbox's OCI; it must still be running. */
export function leftInOci(name: string): Promise<Inventory> {
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
