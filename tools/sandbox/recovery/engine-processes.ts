import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";

import { stateDir } from "../../paths.js";
import { endProcess } from "../../../emulator/processes/process.js";
import { isRunning } from "../../../emulator/processes/record.js";
import { describeProcess, processesWith, startedAt } from "../../../emulator/processes/table.js";

/**
 * The engine's plugins are in process groups of their own, and real ones look after their engine only every five
 * minutes: https://github.com/pulumi/pulumi/blob/v3.248.0/pkg/resource/provider/main.go
 * What they bear from the engine's environment, with all that they start, tells whose they are.
 */
const variable = "OKE_AMBIENT_MESH_ENGINE";

const digest = (text: string) => createHash("sha256").update(text).digest("hex").slice(0, 16);

const temporary = (name: string) => join(stateDir(name), "tmp");

/**
 * What the environment of a sandbox's engine holds besides: whose it is, and a folder for what is there for a moment
 * only. A cluster's credentials may be among that, and what is killed leaves it.
 */
export function engineEnvironment(name: string): Record<string, string> {
  mkdirSync(temporary(name), { recursive: true, mode: 0o700 });
  const started = digest(startedAt(process.pid) ?? "");
  return {
    [variable]: [digest(stateDir(name)), process.pid, started].join("."),
    TMPDIR: temporary(name),
  };
}

/**
 * Ends what an engine of this sandbox has left running, once whoever drove it is gone: a `helm install` of then must
 * not run beside one of now. Empties their folder where no other operation is at work.
 *
 * @param grace milliseconds between SIGTERM and SIGKILL.
 * @returns each process that was ended, for a person.
 */
export async function endOrphans(name: string, grace = 5_000): Promise<string[]> {
  const { left, isBusy } = look(name);
  await Promise.all(left.map((one) => endProcess(one, grace)));
  if (!isBusy) emptyTemporary(name);
  return left.map(({ pid, name: line }) => `process ${pid} (${line})`);
}

/** What engines of this sandbox have started and runs, each with the parts of its mark. */
export function engineProcesses(name: string): { pid: number; mark: string[] }[] {
  return processesWith(variable)
    .map(({ pid, value }) => ({ pid, mark: value.split(".") }))
    .filter(({ pid, mark }) => mark[0] === digest(stateDir(name)) && pid !== process.pid);
}

function look(name: string) {
  const own = engineProcesses(name);
  const isDriven = (mark: string[]) => digest(startedAt(Number(mark[1])) ?? "") === mark[2];
  const left = own
    .filter(({ mark }) => !isDriven(mark))
    .map(({ pid }) => ({ pid, started: startedAt(pid) ?? "", name: describeProcess(pid) }))
    .filter(isRunning);
  return { left, isBusy: own.some(({ mark }) => isDriven(mark)) };
}

/**
 * Removes what engines of this sandbox have left in their temporary folder: each kubernetes plugin writes the
 * kubeconfig it was configured with into a file there, and never removes it
 * (https://github.com/pulumi/pulumi-kubernetes/blob/v4.25.0/provider/pkg/provider/util.go).
 */
export function emptyTemporary(name: string): void {
  const folder = temporary(name);
  if (!existsSync(folder)) return;
  // Modules that tsx has compiled are used again.
  const files = readdirSync(folder).filter((file) => !file.startsWith("tsx-"));
  for (const file of files) rmSync(join(folder, file), { recursive: true, force: true });
}
