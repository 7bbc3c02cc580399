import { existsSync } from "node:fs";
import { join } from "node:path";

import { stackFile } from "../../stacks/settings-file.js";
import { ToolError } from "../../command-line/errors.js";
import { stateDir } from "../../paths.js";
import { isPortFree, readPorts } from "../../../emulator/processes/ports.js";
import { describeProcess, listenerOf } from "../../../emulator/processes/table.js";
import { listProcesses } from "../../../emulator/processes/process.js";
import type { Inventory, Leftover } from "./leftovers.js";

/**
 * What is left of a destroyed sandbox: processes that listen on its ports. Its simulated OCI was checked before it was
 * removed.
 *
 * @returns undefined for a sandbox that still exists.
 * @throws ToolError if there never was a sandbox of that name.
 */
export async function goneSandbox(name: string): Promise<Inventory | undefined> {
  const state = stateDir(name);
  const traces = [stackFile(name), join(state, "oci"), join(state, "control-plane", "etcd")];
  if (traces.some((path) => existsSync(path)) || listProcesses(state).length > 0) return undefined;
  const ports = Object.entries(readPorts(state));
  if (ports.length === 0) {
    throw new ToolError(`There is no sandbox ${name}, and no trace of an earlier one.`);
  }
  const leftovers = await Promise.all(ports.map(([use, port]) => listener(use, port)));
  return { leftovers: leftovers.flat(), unchecked: [] };
}

async function listener(use: string, port: number): Promise<Leftover[]> {
  if (await isPortFree(port)) return [];
  const pid = listenerOf(port);
  return [
    {
      kind: "process",
      name: pid === undefined ? "of another user" : `${pid} (${describeProcess(pid)})`,
      why: `listens on 127.0.0.1:${port}, the sandbox's port for ${use}`,
      remove: pid === undefined ? `sudo lsof -iTCP:${port} -sTCP:LISTEN` : `kill ${pid}`,
    },
  ];
}
