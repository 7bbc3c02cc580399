import { existsSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { ControlPlane } from "../control-plane/index.js";
import { DataPlane } from "../dataplane/index.js";
import { daemonName, ociFolder } from "./client.js";
import { Cloud } from "../oci/cloud.js";
import { Endpoint } from "../oci/http/endpoint.js";
import { apiKey } from "../oci/tenancy/identity.js";
import { LocalBackend } from "./local-backend.js";
import { parts } from "./parts.js";
import { Store } from "../oci/state/store.js";
import { allocatePorts } from "../processes/ports.js";
import { isRunning, listProcesses, type ProcessRecord } from "../processes/process.js";
import type { Tools } from "../toolchain/index.js";

/**
 * The process that outlives each command: the OCI endpoint and, behind it, the cluster's control plane, its cloud
 * controller and its data plane. `node --import tsx emulator/daemon/main.ts <state folder>`
 *
 * SIGTERM stops them all; the next daemon on the same folder restores them. The daemon also ends when the folder is
 * removed.
 */
async function main(state: string): Promise<void> {
  const folder = ociFolder(state);
  const ports = await allocatePorts(state);
  const tools = JSON.parse(readFileSync(join(folder, "tools.json"), "utf8")) as Tools;
  const key = apiKey(folder);
  const controlPlane = new ControlPlane({ stateDir: state, tools, ports });
  const backend = new LocalBackend({
    controlPlane,
    dataPlane: new DataPlane({ stateDir: state, tools, ports }),
    tokenReviewUrl: `http://127.0.0.1:${ports.oci}/tokenreview`,
  });
  const cloud = new Cloud(new Store(join(folder, "state.json")), backend, state);
  backend.cloud = cloud;
  cloud.workRequests.factor = Number(process.env["SANDBOX_LATENCY"] ?? 0);
  const endpoint = await Endpoint.listen(
    { cloud, keys: { [key.keyId]: key.publicKey }, extension: parts(controlPlane) },
    ports.oci,
  );
  endpoint.isUp = false;

  let ending: Promise<void> | undefined;
  const end = (): Promise<void> => {
    ending ??= (async () => {
      await endpoint.close();
      backend.abandonRetries();
      await cloud.workRequests.close();
      await backend.close();
      process.exit(0);
    })();
    return ending;
  };
  process.on("SIGTERM", () => void end()).on("SIGINT", () => void end());
  void exitWithFolder(state, () => ending !== undefined);
  await cloud.resume();
  endpoint.isUp = true;
}

/** Removing the state folder ends the emulator. The process records are gone then, so they are read beforehand. */
async function exitWithFolder(state: string, isEnding: () => boolean): Promise<void> {
  let known: ProcessRecord[] = [];
  let wasKnown = false;
  // Compared by inode: a process that writes a file at that moment creates the folder anew.
  const inode = () => statSync(state, { throwIfNoEntry: false })?.ino;
  const own = inode();
  while (inode() === own) {
    const listed = listProcesses(state);
    const isKnown = listed.some((record) => record.name === daemonName);
    // A removal that failed half-way, because a file was written at the same time, has removed the daemon's record.
    if (wasKnown && !isKnown) break;
    wasKnown = isKnown;
    // Keep processes whose records are being removed at this moment.
    const others = known.filter(({ pid }) => !listed.some((record) => record.pid === pid));
    known = [...listed, ...others.filter(isRunning)];
    await sleep(1_000);
  }
  if (isEnding()) return;
  const others = known.filter((record) => record.name !== daemonName && isRunning(record));
  // On SIGTERM it removes its socket folder, which is not in the state folder.
  const dataPlane = others.find((record) => record.name === "dataplane");
  if (dataPlane) process.kill(-dataPlane.pid, "SIGTERM");
  const end = Date.now() + 5_000;
  // Blocks the event loop: the supervisors would restart what ends, in a folder created anew.
  while (dataPlane && isRunning(dataPlane) && Date.now() < end) block(50);
  for (const { pid } of others.filter(isRunning)) process.kill(-pid, "SIGKILL");
  removeRemains(state);
  process.exit(0);
}

/** Removes files written since the removal, unless a new run has already begun in the folder. */
function removeRemains(state: string): void {
  const found = existsSync(state) ? readdirSync(state) : [];
  if (found.length === 0 || found.some((file) => /^(at-work|tools\.json|ports\.json)$/.test(file)))
    return;
  rmSync(state, { recursive: true, force: true });
}

function block(milliseconds: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);
}

const [state = ""] = process.argv.slice(2);
main(state).catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
});
