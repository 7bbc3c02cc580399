import { type ChildProcess, spawnSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

import { expect } from "@jest/globals";

import type { Stage } from "../../components/settings/settings.js";
import { backendFiles } from "../../tools/stacks/sandbox-backend.js";
import { readCheckpoint } from "../../tools/stacks/checkpoint.js";
import type { OperationType } from "../../emulator/oci/state/work-requests.js";
import { daemonName, ensureDaemon } from "../../emulator/daemon/client.js";
import { cacheDir, stateDir } from "../../tools/paths.js";
import { findProcess } from "../../emulator/processes/process.js";
import { readPending } from "../../tools/sandbox/recovery/interruption.js";
import { logicalName } from "../../tools/automation/steps.js";
import { ensureTools } from "../../emulator/toolchain/index.js";
import { SandboxOci } from "./endpoint.js";
import { TestSandbox, unverified } from "./harness.js";

/** A running command. */
export interface Running {
  child: ChildProcess;
  /** Its output so far, from both streams. */
  said(): string;
  /** Its exit status; null if a signal killed it. */
  ended: Promise<number | null>;
}

/** A sandbox whose operations are paused at some point and interrupted there. */
export class CutSandbox extends TestSandbox {
  readonly oci = new SandboxOci(this.name);
  private last?: Running;

  constructor(name: string) {
    super(name, {}, unverified);
  }

  /** Leaves only the OCI endpoint, so that faults can be injected before the first `up`. */
  override async gone(): Promise<void> {
    await super.gone();
    mkdirSync(stateDir(this.name), { recursive: true });
    await ensureDaemon(stateDir(this.name), await ensureTools({ cacheDir }));
  }

  /** Deploys the place unless the state already has `has` and lacks `lacks`. */
  async from(
    place: Stage | "nowhere",
    { has, lacks }: { has?: string; lacks?: string },
  ): Promise<void> {
    const pending = this.pending();
    const recorded = this.recorded();
    const isHad = !has || (recorded.includes(has) && !(has in pending));
    const isLacked = !lacks || !(recorded.includes(lacks) || lacks in pending);
    const isRunning = findProcess(stateDir(this.name), daemonName) !== undefined;
    if (isHad && isLacked && isRunning) return;
    await (place === "nowhere" ? this.gone() : this.at(place));
  }

  /** Starts an operation and follows it. */
  begin(...args: string[]): Running {
    const child = this.start(...args);
    let text = "";
    const add = (part: Buffer) => void (text += part.toString());
    child.stdout?.on("data", add);
    child.stderr?.on("data", add);
    const ended: Running["ended"] = new Promise((resolve) =>
      child.once("close", (code) => {
        this.commandEnded(args, code);
        resolve(code);
      }),
    );
    this.last = { child, said: () => text, ended };
    return this.last;
  }

  /** Ends the running command, and removes everything that a test used to pause it. */
  async reset(): Promise<void> {
    if (this.last?.child.exitCode === null) await powerCut(this.last);
    if (!findProcess(stateDir(this.name), daemonName)) return;
    await this.oci.clearFaults();
    const operations = ["CLUSTER_CREATE", "CLUSTER_DELETE", "NODEPOOL_CREATE", "NODEPOOL_DELETE"];
    for (const operation of operations) await this.oci.latency(operation as OperationType, 0);
    if (!(await this.oci.live("cluster")).some((item) => item.lifecycleState === "ACTIVE")) return;
    for (const part of ["etcd", "apiserver", "kwok", "istiod"] as const) {
      await this.oci.part(part, true);
    }
    const nodes = await this.kubectl("get", "nodes", "-o", "name");
    for (const node of nodes.split("\n").filter(Boolean)) await this.kubectl("uncordon", node);
  }

  /** The engine's pending operations, by logical name. */
  pending(): Record<string, string> {
    return Object.fromEntries(
      readPending(this.name).map(({ name, operation }) => [name, operation]),
    );
  }

  /** Logical names of the resources in the state. */
  recorded(): string[] {
    const all = readCheckpoint(backendFiles(this.name).state)?.resources ?? [];
    return all.map(({ urn }) => logicalName(urn));
  }
}

/** Expects an operation's report about the previous one, whose engine was killed. */
export function expectCutOff(said: string, was: string): void {
  expect(said).toMatch(
    /Removed the lock of the operation of \S+ \(process \d+\), which was interrupted\./,
  );
  expect(said).toContain(`It was ${was} when it was interrupted.`);
}

/** Waits until a condition holds while a command runs. */
export async function reaches(
  { child, said }: Running,
  what: string,
  holds: () => boolean | Promise<boolean>,
): Promise<void> {
  const end = Date.now() + 4 * 60_000;
  while (!(await holds())) {
    if (child.exitCode !== null || child.signalCode !== null || Date.now() > end) {
      throw new Error(`The command did not reach ${what}:\n${said()}`);
    }
    await sleep(50);
  }
}

/** Simulates a power failure of a command and all its children: engine, plugins, helm. */
export async function powerCut({ child, ended }: Running): Promise<void> {
  const all = [child.pid as number, ...descendants(child.pid as number).map(({ pid }) => pid)];
  // Stop all of them first: in a power failure, no process sees another one end.
  for (const signal of ["SIGSTOP", "SIGKILL"] as const) for (const pid of all) send(pid, signal);
  await ended;
}

/** Kills only the engine, which its parent and its plugins notice. */
export function killEngine({ child }: Running): void {
  for (const { pid, args } of descendants(child.pid as number)) {
    if (/^\S*\/pulumi /.test(args)) send(pid, "SIGKILL");
  }
}

/** Sends Ctrl-C like a terminal: to every process of the foreground group. */
export function pressCtrlC({ child }: Running): void {
  send(-(child.pid as number), "SIGINT");
}

interface Process {
  pid: number;
  args: string;
}

function descendants(pid: number): Process[] {
  const { stdout } = spawnSync("ps", ["-e", "-o", "pid=,ppid=,args="], { encoding: "utf8" });
  const rows = stdout
    .trim()
    .split("\n")
    .map((line) => /^ *(\d+) +(\d+) (.*)$/.exec(line))
    .map((row) => ({ pid: Number(row?.[1]), parent: Number(row?.[2]), args: row?.[3] ?? "" }));
  const below = (of: number): Process[] =>
    rows
      // Except the daemon, which simulates the cloud.
      .filter(({ parent, args }) => parent === of && !args.includes("/emulator/daemon/main.ts"))
      .flatMap(({ pid: own, args }) => [{ pid: own, args }, ...below(own)]);
  return below(pid);
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // already ended
  }
}
