import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";

import { stateDir } from "../../paths.js";
import { endProcess } from "../../../emulator/processes/process.js";
import { isRunning } from "../../../emulator/processes/record.js";
import { homeWithoutLogs } from "../../../emulator/toolchain/pulumi-home.js";
import { describeProcess, processesWith, startedAt } from "../../../emulator/processes/table.js";

/**
 * The engine's plugins run in their own process groups, and real ones check only every five minutes whether the engine
 * is alive: https://github.com/pulumi/pulumi/blob/v3.248.0/pkg/resource/provider/main.go
 * They and their children inherit this variable from the engine, which tells whose they are.
 */
const variable = "OKE_AMBIENT_MESH_ENGINE";

const digest = (text: string) => createHash("sha256").update(text).digest("hex").slice(0, 16);

const temporary = (name: string) => join(stateDir(name), "tmp");

/**
 * Environment of a sandbox's engine: its owner, its own home folder, and a folder for temporary files. Those may hold a
 * cluster's credentials, and a killed process leaves them behind.
 */
export function engineEnvironment(name: string): Record<string, string> {
  mkdirSync(temporary(name), { recursive: true, mode: 0o700 });
  const started = digest(startedAt(process.pid) ?? "");
  return {
    [variable]: [digest(stateDir(name)), process.pid, started].join("."),
    TMPDIR: temporary(name),
    ...homeWithoutLogs(join(stateDir(name), "pulumi-home")),
  };
}

/**
 * Ends processes that an engine of this sandbox started, once the process that drove the engine is gone: an old `helm
 * install` must not run beside a new one. Empties their temporary folder unless another operation is running.
 *
 * @param grace milliseconds between SIGTERM and SIGKILL.
 * @returns a description of each process that was ended: `process 17 (helm …)`.
 */
export async function endOrphans(name: string, grace = 5_000): Promise<string[]> {
  const { orphans, isBusy } = findOrphans(name);
  await Promise.all(orphans.map((one) => endProcess(one, grace)));
  if (!isBusy) emptyTemporary(name);
  return orphans.map(({ pid, name: line }) => `process ${pid} (${line})`);
}

/** Running processes that engines of this sandbox started, with the parts of their mark. */
export function engineProcesses(name: string): { pid: number; mark: string[] }[] {
  return processesWith(variable)
    .map(({ pid, value }) => ({ pid, mark: value.split(".") }))
    .filter(({ pid, mark }) => mark[0] === digest(stateDir(name)) && pid !== process.pid);
}

function findOrphans(name: string) {
  const own = engineProcesses(name);
  const isDriven = (mark: string[]) => digest(startedAt(Number(mark[1])) ?? "") === mark[2];
  const orphans = own
    .filter(({ mark }) => !isDriven(mark))
    .map(({ pid }) => ({ pid, started: startedAt(pid) ?? "", name: describeProcess(pid) }))
    .filter(isRunning);
  return { orphans, isBusy: own.some(({ mark }) => isDriven(mark)) };
}

/**
 * Empties the temporary folder of this sandbox's engines: each kubernetes plugin writes its kubeconfig into a file there
 * and never removes it
 * (https://github.com/pulumi/pulumi-kubernetes/blob/v4.25.0/provider/pkg/provider/util.go).
 */
export function emptyTemporary(name: string): void {
  const folder = temporary(name);
  if (!existsSync(folder)) return;
  // Keep tsx's cache of compiled modules.
  const files = readdirSync(folder).filter((file) => !file.startsWith("tsx-"));
  for (const file of files) rmSync(join(folder, file), { recursive: true, force: true });
}
