import { IdentityError, loadIdentity, setting } from "../../../components/oke/token/identity.js";
import type { Settings } from "../../../components/settings/types.js";
import { UsageError } from "../../command-line/errors.js";
import { kubectlFor, ociAt } from "./commands.js";
import type { Inventory } from "./leftovers.js";
import { listWith, ociInventory } from "./oci.js";

/** Whose leftovers are looked for. */
export interface TornDown {
  /** The stack's name, as the tag of its resources bears it. */
  stack: string;
  settings: Pick<Settings, "cluster" | "compartmentId" | "namespace" | "existing">;
  /** Environment beside the process's own: an OCI identity, and where OCI answers. */
  oci: Record<string, string>;
  /** Of a sandbox: that it is there, and how to take it down. Its OCI is no tenancy, which is where `oci` would go. */
  readonly standing?: string;
}

const settleMs = 120_000;
const pauseMs = 5_000;

/**
 * Looks for what a stack has left: on OKE in OCI, on an existing cluster in it. Where all that is left is being
 * deleted already, it looks again for up to two minutes.
 *
 * @throws UsageError where no OCI identity, region or compartment is known.
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
  standing,
}: TornDown): Promise<() => Promise<Inventory>> {
  if (!compartmentId) throw new UsageError("compartmentId is not set: where to look is not known.");
  const env = { ...process.env, ...oci };
  const identity = await loadIdentity(env).catch((error: unknown) => {
    throw error instanceof IdentityError ? new UsageError(error.message) : error;
  });
  const { region } = identity;
  if (!region) throw new UsageError("No region: pulumi config set oci:region <region>.");
  const list = listWith({ identity, region, env });
  const profile = setting(env, "config_file_profile");
  return async () => {
    const { leftovers, unchecked } = await ociInventory(list, { compartmentId, stack });
    const there = leftovers.map(({ remove, ...left }) =>
      remove && !standing ? { ...left, remove: ociAt(remove, region, profile) } : left,
    );
    return { leftovers: there, unchecked };
  };
}

async function inCluster({
  stack,
  settings: { namespace, existing },
}: TornDown): Promise<() => Promise<Inventory>> {
  // Its client takes longer to load than OCI takes to answer.
  const { kubeConfig } = await import("../../../components/existing/inspect.js");
  const { Access } = await import("../cluster/access.js");
  const { existingInventory } = await import("./existing.js");
  const config = kubeConfig(existing);
  const access = new Access(config);
  const kubectl = kubectlFor(stack, existing.kubeconfig, config.getCurrentContext());
  return () => existingInventory(access, namespace, kubectl);
}
