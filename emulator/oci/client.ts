import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { root, stateDir } from "../paths.js";
import { allocatePorts } from "../processes/ports.js";
import { findProcess, startProcess, stopProcess } from "../processes/process.js";
import type { Tools } from "../toolchain/index.js";
import { clientEnvironment } from "./environment.js";
import { apiKey } from "./identity.js";

export { compartmentId } from "./identity.js";

/** The daemon's name among a sandbox's processes. */
export const daemonName = "oci-endpoint";

/** Where the endpoint of a sandbox keeps its state, keys and settings. */
export const ociFolder = (name: string): string => join(stateDir(name), "oci");

/**
 * Starts the sandbox's daemon, or finds it: the OCI endpoint and what stands behind it. One that was
 * started with other tools is replaced; the cluster goes on under the new one.
 *
 * @throws SandboxError when its port is taken or it does not serve.
 */
export async function ensureDaemon(name: string, tools: Tools): Promise<{ url: string }> {
  const state = stateDir(name);
  const { oci } = await allocatePorts(state);
  const url = `http://127.0.0.1:${oci}`;
  apiKey(ociFolder(name));
  mkdirSync(ociFolder(name), { recursive: true });
  const file = join(ociFolder(name), "tools.json");
  const wanted = JSON.stringify(tools, null, 1);
  const known = existsSync(file) ? readFileSync(file, "utf8") : wanted;
  if (known !== wanted && findProcess(state, daemonName)) await stopProcess(state, daemonName);
  writeFileSync(file, wanted);
  await startProcess(state, {
    name: daemonName,
    file: process.execPath,
    args: ["--import", import.meta.resolve("tsx"), join(root, "emulator", "daemon.ts"), name],
    cwd: root,
    ports: { oci },
    ready: () => answers(`${url}/sandbox/health`),
    // A daemon that comes back brings its cluster with it.
    timeout: 180_000,
  });
  return { url };
}

/** Ends the daemon and with it the control plane. */
export async function stopDaemon(name: string): Promise<void> {
  await stopProcess(stateDir(name), daemonName, 30_000);
}

/**
 * What leads the oci provider, real or not, and the program's own helpers to a sandbox's endpoint. No value is a
 * secret: the key is named by its path.
 */
export function ociEnvironment(name: string): Record<string, string> {
  const file = join(stateDir(name), "ports.json");
  const { oci } = JSON.parse(readFileSync(file, "utf8")) as { oci: number };
  return clientEnvironment(`http://127.0.0.1:${oci}`, apiKey(ociFolder(name)));
}

async function answers(url: string): Promise<boolean> {
  try {
    return (await fetch(url, { signal: AbortSignal.timeout(1_000) })).ok;
  } catch {
    return false;
  }
}
