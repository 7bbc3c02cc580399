import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";

import { allocatePorts } from "../processes/ports.js";
import { findProcess, startProcess, stopProcess } from "../processes/process.js";
import type { Tools } from "../toolchain/index.js";
import { clientEnvironment } from "../oci/tenancy/environment.js";
import { apiKey } from "../oci/tenancy/identity.js";

export { compartmentId } from "../oci/tenancy/identity.js";

/** The daemon's process name. */
export const daemonName = "oci-endpoint";

/** The OCI endpoint's own folder: its state, keys and settings. */
export const ociFolder = (stateDir: string): string => join(stateDir, "oci");

/**
 * Starts the daemon on a state folder, or finds the running one. A daemon that was started with other tools is
 * replaced; its cluster keeps running under the new one.
 *
 * @param stateDir created if missing; emulators in sibling folders keep out of each other's ports.
 * @returns the URL of the OCI endpoint.
 * @throws EmulatorError when the endpoint's port is taken or the daemon does not serve.
 */
export async function ensureDaemon(stateDir: string, tools: Tools): Promise<{ url: string }> {
  const state = resolve(stateDir);
  const { oci } = await allocatePorts(state);
  const url = `http://127.0.0.1:${oci}`;
  const folder = ociFolder(state);
  apiKey(folder);
  const file = join(folder, "tools.json");
  const wanted = JSON.stringify(tools, null, 1);
  const known = existsSync(file) ? readFileSync(file, "utf8") : wanted;
  if (known !== wanted && findProcess(state, daemonName)) await stopProcess(state, daemonName);
  writeFileSync(file, wanted);
  await startProcess(state, {
    name: daemonName,
    file: process.execPath,
    args: ["--import", import.meta.resolve("tsx"), join(import.meta.dirname, "main.ts"), state],
    // The state folder may be removed while the daemon runs.
    cwd: import.meta.dirname,
    ports: { oci },
    ready: () => answers(`${url}/emulator/health`),
    // A daemon that restarts also starts its cluster's control plane.
    timeout: 180_000,
  });
  return { url };
}

/** Stops the daemon and with it the control plane. */
export async function stopDaemon(stateDir: string): Promise<void> {
  await stopProcess(stateDir, daemonName, 30_000);
}

/**
 * The environment that makes the oci provider and Oracle's SDKs call the endpoint. It contains no secret: the API key
 * is referenced by its path.
 */
export function ociEnvironment(stateDir: string): Record<string, string> {
  const file = join(stateDir, "ports.json");
  const { oci } = JSON.parse(readFileSync(file, "utf8")) as { oci: number };
  return clientEnvironment(`http://127.0.0.1:${oci}`, apiKey(ociFolder(stateDir)));
}

async function answers(url: string): Promise<boolean> {
  try {
    return (await fetch(url, { signal: AbortSignal.timeout(1_000) })).ok;
  } catch {
    return false;
  }
}
