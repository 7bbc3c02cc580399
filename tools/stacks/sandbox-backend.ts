import { join } from "node:path";

import { stackName } from "./settings-file.js";
import { stateDir } from "../paths.js";

/**
 * The environment in which a `pulumi` works on a sandbox's stack: where state is kept and how its
 * secrets are opened. The passphrase is named by its file, so that no process shows it.
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

/** Where the backend keeps all it has, a stack's state, and what says that somebody works on it. */
export function backendFiles(name: string): { folder: string; state: string; locks: string } {
  const backend = join(stateDir(name), "pulumi", ".pulumi");
  return {
    folder: backend,
    state: join(backend, "stacks", "oke-ambient-mesh", `${stackName(name)}.json`),
    locks: join(backend, "locks", "organization", "oke-ambient-mesh", stackName(name)),
  };
}
