import { existsSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { ControlPlane } from "../control-plane/index.js";
import { DataPlane } from "../dataplane/index.js";
import { daemonName, ociFolder } from "./client.js";
import { Cloud } from "../oci/cloud.js";
import { Endpoint } from "../oci/http/endpoint.js";
import { apiKey } from "../oci/tenancy/identity.js";
import { LocalMachinery } from "./local-backend.js";
import { parts } from "./parts.js";
import { Store } from "../oci/state/store.js";
import { allocatePorts } from "../processes/ports.js";
import { isRunning, listProcesses, type ProcessRecord } from "../processes/process.js";
import type { Tools } from "../toolchain/index.js";

/**
 * What of a sandbox outlives each command: the OCI endpoint, and behind it the cluster's control plane, its cloud
 * controller and the review of its tokens. `node --import tsx emulator/daemon/main.ts <state folder>`
 *
 * SIGTERM stops all of it; what there was comes back with the next daemon. It also ends when the sandbox's folder
 * is removed.
 */
async function main(state: string): Promise<void> {
  const folder = ociFolder(state);
  const ports = await allocatePorts(state);
  const tools = JSON.parse(readFileSync(join(folder, "tools.json"), "utf8")) as Tools;
  const key = apiKey(folder);
  const controlPlane = new ControlPlane({ stateDir: state, tools, ports });
  const machinery = new LocalMachinery({
    controlPlane,
    dataPlane: new DataPlane({ stateDir: state, tools, ports }),
    tokenReviewUrl: `http://127.0.0.1:${ports.oci}/tokenreview`,
  });
  const cloud = new Cloud(new Store(join(folder, "state.json")), machinery, state);
  machinery.cloud = cloud;
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
      machinery.giveUp();
      await cloud.workRequests.close();
      await machinery.close();
      process.exit(0);
    })();
    return ending;
  };
  process.on("SIGTERM", () => void end()).on("SIGINT", () => void end());
  void endWithFolder(state, () => ending !== undefined);
  await cloud.resume();
  endpoint.isUp = true;
}

/** Whoever removes a sandbox's folder wants none of it: also the records that would tell what to stop are gone. */
async function endWithFolder(state: string, isEnding: () => boolean): Promise<void> {
  let known: ProcessRecord[] = [];
  let wasKnown = false;
  // Known by its inode: who writes a file at that moment makes the folder anew.
  const inode = () => statSync(state, { throwIfNoEntry: false })?.ino;
  const own = inode();
  while (inode() === own) {
    const listed = listProcesses(state);
    const isKnown = listed.some((record) => record.name === daemonName);
    // A removal that stops half-way, over a file that was written meanwhile, has taken its own record along.
    if (wasKnown && !isKnown) break;
    wasKnown = isKnown;
    // What runs on without a record, because records are going just now, is not forgotten.
    const others = known.filter(({ pid }) => !listed.some((record) => record.pid === pid));
    known = [...listed, ...others.filter(isRunning)];
    await sleep(1_000);
  }
  if (isEnding()) return;
  const others = known.filter((record) => record.name !== daemonName && isRunning(record));
  // Its sockets are in a folder elsewhere, which it takes away when it is asked to end.
  const dataPlane = others.find((record) => record.name === "dataplane");
  if (dataPlane) process.kill(-dataPlane.pid, "SIGTERM");
  const end = Date.now() + 5_000;
  // Nothing else is done meanwhile: what ends would be started again, in a folder made anew.
  while (dataPlane && isRunning(dataPlane) && Date.now() < end) waitIdly(50);
  for (const { pid } of others.filter(isRunning)) process.kill(-pid, "SIGKILL");
  removeRemains(state);
  process.exit(0);
}

/** What was written before that was seen. Where somebody begins anew there is nothing as yet, or what they begin with. */
function removeRemains(state: string): void {
  const found = existsSync(state) ? readdirSync(state) : [];
  if (found.length === 0 || found.some((file) => /^(at-work|tools\.json|ports\.json)$/.test(file)))
    return;
  rmSync(state, { recursive: true, force: true });
}

function waitIdly(milliseconds: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);
}

const [state = ""] = process.argv.slice(2);
main(state).catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
});
