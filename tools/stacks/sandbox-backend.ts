import { join } from "node:path";

import { stackName } from "./settings-file.js";
import { stateDir } from "../paths.js";

/**
 * Environment in which a `pulumi` works on a sandbox's stack: where its state is, and how its secrets are decrypted. It
 * names the passphrase's file, so that no process list shows the passphrase.
 */
export function backendEnvironment(name: string) {
  const state = stateDir(name);
  return {
    PULUMI_BACKEND_URL: `file://${join(state, "pulumi")}`,
    PULUMI_CONFIG_PASSPHRASE_FILE: join(state, "passphrase"),
    PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
    PULUMI_SKIP_UPDATE_CHECK: "true",
  };
}

/** Where the backend keeps its data, a stack's state, and the stack's locks. */
export function backendFiles(name: string): { folder: string; state: string; locks: string } {
  const backend = join(stateDir(name), "pulumi", ".pulumi");
  return {
    folder: backend,
    state: join(backend, "stacks", "oke-ambient-mesh", `${stackName(name)}.json`),
    locks: join(backend, "locks", "organization", "oke-ambient-mesh", stackName(name)),
  };
}
