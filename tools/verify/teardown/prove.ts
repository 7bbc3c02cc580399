import { IdentityError, loadIdentity, setting } from "../../../components/oke/token/identity.js";
import type { Settings } from "../../../components/settings/types.js";
import { ToolError } from "../../command-line/errors.js";
import { kubectlFor, ociAt } from "./commands.js";
import type { Inventory } from "./leftovers.js";
import { listWith, ociInventory } from "./oci.js";

/** The stack whose leftovers are looked for. */
export interface TornDown {
  /** The stack's name, as in the tag of its resources. */
  stack: string;
  settings: Pick<Settings, "cluster" | "compartmentId" | "namespace" | "existing">;
  /** Whether a setting is encrypted. Default: none is. */
  isSecret?: (setting: string) => boolean;
  /** Environment in addition to the process's own: an OCI identity, and an endpoint. */
  oci: Record<string, string>;
  /** Of a sandbox: a note that it still exists. The `oci` CLI cannot reach its simulated OCI. */
  readonly sandboxNote?: string;
}

const settleMs = 120_000;
const pauseMs = 5_000;

/**
 * Looks for what a stack has left: in OCI for OKE, otherwise in the existing cluster. While everything that is left is
 * already being deleted, it looks again for up to two minutes.
 *
 * @throws ToolError if no OCI identity, region, or compartment is configured.
 */
export async function teardownInventory(
  tornDown: TornDown,
  sleep = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms)),
): Promise<Inventory> {
  const onOke = tornDown.settings.cluster === "oke";
  const look = await (onOke ? inOci(tornDown) : inCluster(tornDown));
  for (let waited = 0; ; waited += pauseMs) {
    const inventory = await look();
    const onlyGoing =
      inventory.leftovers.length > 0 && inventory.leftovers.every(({ going }) => going);
    if (!onlyGoing || waited >= settleMs) return inventory;
    await sleep(pauseMs);
  }
}

async function inOci({
  stack,
  settings: { compartmentId },
  oci,
  sandboxNote,
}: TornDown): Promise<() => Promise<Inventory>> {
  if (!compartmentId)
    throw new ToolError(
      "compartmentId is not set. Set it with: pulumi config set compartmentId <OCID>",
    );
  const env = { ...process.env, ...oci };
  const identity = await loadIdentity(env).catch((error: unknown) => {
    throw error instanceof IdentityError ? new ToolError(error.message) : error;
  });
  const { region } = identity;
  if (!region)
    throw new ToolError(
      "No region is configured. Set it with: pulumi config set oci:region <region>",
    );
  const list = listWith({ identity, region, env });
  const profile = setting(env, "config_file_profile");
  return async () => {
    const { leftovers, unchecked } = await ociInventory(list, { compartmentId, stack });
    const there = leftovers.map(({ remove, ...left }) =>
      remove && !sandboxNote ? { ...left, remove: ociAt(remove, region, profile) } : left,
    );
    return { leftovers: there, unchecked };
  };
}

async function inCluster({
  stack,
  settings: { namespace, existing },
  isSecret,
}: TornDown): Promise<() => Promise<Inventory>> {
  const { connectTo } = await import("../../../components/kubeconfig/connect.js");
  const { Access } = await import("../cluster/access.js");
  const { existingInventory } = await import("./existing.js");
  const connection = connectTo(existing);
  const access = new Access(connection);
  const kubectl = kubectlFor(stack, existing.kubeconfig, connection.context, isSecret);
  return () => existingInventory(access, namespace, kubectl);
}
