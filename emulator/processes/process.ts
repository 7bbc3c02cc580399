import { spawn } from "node:child_process";
import { closeSync, existsSync, mkdirSync, openSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { EmulatorError } from "../errors.js";
import { isPortFree } from "./ports.js";
import {
  type Identity,
  type ProcessRecord,
  findProcess,
  forgetProcess,
  isRunning,
  writeRecord,
} from "./record.js";
import { describeProcess, listenerOf, startedAt } from "./table.js";

export {
  type ProcessRecord,
  findProcess,
  isRunning,
  knownProcesses,
  listProcesses,
} from "./record.js";

/** How to start a process. */
export interface ProcessSpec {
  name: string;
  /** The executable. */
  file: string;
  args: string[];
  /** Added to the environment of this process. */
  env?: Record<string, string>;
  /** Default: the state folder. */
  cwd?: string;
  /** Ports that it will listen on, by purpose; they must be free before it starts. */
  ports?: Record<string, number>;
  /** Kept in the {@link ProcessRecord}. */
  version?: string;
  /** Whether it serves; called every 50 ms. Default: whether it has run for 100 ms. */
  ready?: () => Promise<boolean>;
  /** Time limit until it serves, in milliseconds. Default: 120 000. */
  timeout?: number;
}

/**
 * Starts a process that outlives this one, with its output in `logs/<name>.log`, and waits until it serves. A running
 * process of the same name and command line is kept; one with another command line is replaced.
 *
 * @throws EmulatorError when a port is taken, or when the process ends or does not serve in time.
 */
export async function startProcess(stateDir: string, spec: ProcessSpec): Promise<ProcessRecord> {
  const { name } = spec;
  const found = findProcess(stateDir, name);
  const command = [spec.file, ...spec.args];
  if (found && found.command.join("\0") === command.join("\0")) {
    await untilReady(stateDir, spec, () => isRunning(found));
    return found;
  }
  if (found) await stopProcess(stateDir, name);
  for (const [use, port] of Object.entries(spec.ports ?? {})) {
    if (!(await waitForPort(port))) throw portTaken(stateDir, name, use, port);
  }
  mkdirSync(join(stateDir, "logs"), { recursive: true });
  const log = openSync(logFile(stateDir, name), "a");
  const child = spawn(spec.file, spec.args, {
    cwd: spec.cwd ?? stateDir,
    env: { ...process.env, ...spec.env },
    detached: true,
    stdio: ["ignore", log, log],
  });
  closeSync(log);
  let ended = "";
  const spawned = new Promise<void>((resolve, reject) => {
    child.once("spawn", resolve);
    child.once("error", (error) =>
      reject(new EmulatorError(`${name} cannot be started: ${error.message}`)),
    );
  });
  child.once("exit", (code, signal) => {
    ended = signal ? `killed by ${signal}` : `exit status ${code}`;
  });
  await spawned;
  child.unref();
  const pid = child.pid as number;
  const record: ProcessRecord = {
    name,
    pid,
    started: startedAt(pid) ?? "",
    command,
    ports: Object.values(spec.ports ?? {}),
    ...(spec.version && { version: spec.version }),
  };
  writeRecord(stateDir, record);
  await untilReady(
    stateDir,
    spec,
    () => !ended,
    () => ended,
  );
  return record;
}

/**
 * Stops a process, if it runs, and waits until it has ended.
 *
 * @param grace milliseconds between SIGTERM and SIGKILL.
 */
export async function stopProcess(stateDir: string, name: string, grace = 10_000): Promise<void> {
  const record = findProcess(stateDir, name);
  if (record) await endProcess(record, grace);
  forgetProcess(stateDir, name);
}

/**
 * Stops a process and its group, and waits until it has ended.
 *
 * @param grace milliseconds between SIGTERM and SIGKILL.
 * @throws EmulatorError when it does not end.
 */
export async function endProcess(
  record: Pick<ProcessRecord, "name"> & Identity,
  grace: number,
): Promise<void> {
  send(record, "SIGTERM");
  if (await hasEnded(record, grace)) return;
  send(record, "SIGKILL");
  if (await hasEnded(record, 5_000)) return;
  throw new EmulatorError(
    `${record.name} (process ${record.pid}) does not end, even after SIGKILL.`,
  );
}

/** The last lines of a process's log, indented for a message. */
export function lastLines(stateDir: string, name: string, count = 12): string {
  const file = logFile(stateDir, name);
  if (!existsSync(file)) return "";
  const lines = readFileSync(file, "utf8").trimEnd().split("\n").slice(-count);
  return lines
    .map((line) => `  ${line.length > 240 ? `${line.slice(0, 240)} …` : line}`)
    .join("\n");
}

/** Path of a process's log. */
export function logFile(stateDir: string, name: string): string {
  return join(stateDir, "logs", `${name}.log`);
}

async function untilReady(
  stateDir: string,
  { name, ready, timeout = 120_000 }: ProcessSpec,
  running: () => boolean,
  reason: () => string = () => "it was killed",
): Promise<void> {
  const deadline = Date.now() + (ready ? timeout : 100);
  for (;;) {
    if (!running()) {
      forgetProcess(stateDir, name);
      throw new EmulatorError(
        `${name} ended at once (${reason()}). The last lines of ` +
          `${logFile(stateDir, name)}:\n${lastLines(stateDir, name)}`,
      );
    }
    if (await ready?.()) return;
    if (Date.now() > deadline) {
      if (!ready) return;
      throw new EmulatorError(
        `${name} runs, but does not serve after ${timeout / 1000} seconds. The last lines of ` +
          `${logFile(stateDir, name)}:\n${lastLines(stateDir, name)}`,
      );
    }
    await sleep(50);
  }
}

// The process that had the port before may be ending.
async function waitForPort(port: number): Promise<boolean> {
  for (let tries = 10; tries > 0; tries--) {
    if (await isPortFree(port)) return true;
    await sleep(100);
  }
  return isPortFree(port);
}

function portTaken(stateDir: string, name: string, use: string, port: number): EmulatorError {
  const holder = listenerOf(port);
  const by = holder ? ` by process ${holder} (${describeProcess(holder)})` : "";
  return new EmulatorError(
    `Port ${port} on 127.0.0.1, which ${name} needs (${use}), is taken${by}.\n` +
      (holder ? `Stop that process (kill ${holder}), or choose` : "Choose") +
      ` other ports: take the cluster down and remove ${join(stateDir, "ports.json")}`,
  );
}

// To the process group first: a process may have started others.
function send({ pid }: Pick<ProcessRecord, "pid">, signal: NodeJS.Signals): void {
  for (const target of [-pid, pid]) {
    try {
      process.kill(target, signal);
      return;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
    }
  }
}

async function hasEnded(record: Identity, milliseconds: number): Promise<boolean> {
  const deadline = Date.now() + milliseconds;
  while (isRunning(record)) {
    if (Date.now() > deadline) return false;
    await sleep(25);
  }
  return true;
}

function sleep(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
