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

/** How to start a process of the sandbox. */
export interface ProcessSpec {
  name: string;
  /** The executable. */
  file: string;
  args: string[];
  /** Added to this process's own environment. */
  env?: Record<string, string>;
  /** Default: the state folder. */
  cwd?: string;
  /** Ports it will listen on, by what they are for; they must be free before it starts. */
  ports?: Record<string, number>;
  /** Kept in the record. */
  version?: string;
  /** Whether it serves already; asked every 50 ms. Without it a process that lives 100 ms is up. */
  ready?: () => Promise<boolean>;
  /** How long it may take to serve, in milliseconds. Default: 120 000. */
  timeout?: number;
}

/**
 * Starts a process that outlives this one, its output in `logs/<name>.log`, and waits until it
 * serves. One that runs already is kept; it makes way if it was started by another command line.
 *
 * @throws EmulatorError when a port is taken, when it dies, or when it does not serve in time.
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
    if (!(await becomesFree(port))) throw portTaken(stateDir, name, use, port);
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
 * Stops a process and waits for its end. Where it does not run that is no error.
 *
 * @param grace milliseconds between SIGTERM and SIGKILL.
 */
export async function stopProcess(stateDir: string, name: string, grace = 10_000): Promise<void> {
  const record = findProcess(stateDir, name);
  if (record) await endProcess(record, grace);
  forgetProcess(stateDir, name);
}

/**
 * Ends a process and what it has started in its group, and waits for its end.
 *
 * @param grace milliseconds between SIGTERM and SIGKILL.
 */
export async function endProcess(
  record: Pick<ProcessRecord, "name"> & Identity,
  grace: number,
): Promise<void> {
  send(record, "SIGTERM");
  if (await gone(record, grace)) return;
  send(record, "SIGKILL");
  if (await gone(record, 5_000)) return;
  throw new EmulatorError(
    `${record.name} (process ${record.pid}) does not end, not even by SIGKILL.`,
  );
}

/** The last lines of a process's log, indented, for a message. */
export function lastLines(stateDir: string, name: string, count = 12): string {
  const file = logFile(stateDir, name);
  if (!existsSync(file)) return "";
  const lines = readFileSync(file, "utf8").trimEnd().split("\n").slice(-count);
  return lines
    .map((line) => `  ${line.length > 240 ? `${line.slice(0, 240)} …` : line}`)
    .join("\n");
}

/** Where a process's output goes. */
export function logFile(stateDir: string, name: string): string {
  return join(stateDir, "logs", `${name}.log`);
}

async function untilReady(
  stateDir: string,
  { name, ready, timeout = 120_000 }: ProcessSpec,
  running: () => boolean,
  how: () => string = () => "it was killed",
): Promise<void> {
  const deadline = Date.now() + (ready ? timeout : 100);
  for (;;) {
    if (!running()) {
      forgetProcess(stateDir, name);
      throw new EmulatorError(
        `${name} ended as soon as it was started (${how()}). The last lines of ` +
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

// Its last owner may be about to go.
async function becomesFree(port: number): Promise<boolean> {
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
      ` other ports: destroy this sandbox and remove ${join(stateDir, "ports.json")}`,
  );
}

// A process group of its own: what a part starts itself goes with it.
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

async function gone(record: Identity, milliseconds: number): Promise<boolean> {
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
