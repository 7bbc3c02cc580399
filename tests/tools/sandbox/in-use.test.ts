import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { afterEach, beforeEach, expect, test } from "@jest/globals";

import { markInUse, stopIfUnused } from "../../../tools/sandbox/in-use.js";
import { daemonName } from "../../../emulator/daemon/client.js";
import { stateDir } from "../../../tools/paths.js";
import { findProcess, writeRecord } from "../../../emulator/processes/record.js";
import { startedAt } from "../../../emulator/processes/table.js";

const name = `unit-in-use-${process.pid}`;
let daemon: ChildProcess;
let other: ChildProcess;
const identity = ({ pid = 0 }: ChildProcess) => ({ pid, started: startedAt(pid) ?? "" });

beforeEach(async () => {
  [daemon, other] = [sleeper(), sleeper()];
  await Promise.all([once(daemon, "spawn"), once(other, "spawn")]);
  writeRecord(stateDir(name), { ...identity(daemon), name: daemonName, command: [], ports: [] });
});
afterEach(() => {
  for (const child of [daemon, other]) child.kill("SIGKILL");
  rmSync(stateDir(name), { recursive: true });
});

const sleeper = () => spawn("sleep", ["60"], { stdio: "ignore", detached: true });
const isUp = () => findProcess(stateDir(name), daemonName) !== undefined;

test("a sandbox that another process uses is not stopped after a preview", async () => {
  const end = markInUse(name);
  const folder = join(stateDir(name), "in-use");
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, `${other.pid}.json`), JSON.stringify(identity(other)));
  end();
  await stopIfUnused(name);
  expect(isUp()).toBe(true);

  // Killed, it could not take its word back.
  other.kill("SIGKILL");
  await once(other, "exit");
  await stopIfUnused(name);
  expect(isUp()).toBe(false);
});

test("the last one at work removes what the engine left in its temporary folder", async () => {
  const temporary = join(stateDir(name), "tmp");
  const kubeconfig = join(temporary, "kubeconfig123");
  mkdirSync(join(temporary, "tsx-0"), { recursive: true });
  writeFileSync(kubeconfig, "a token");
  const folder = join(stateDir(name), "in-use");
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, `${other.pid}.json`), JSON.stringify(identity(other)));
  markInUse(name)();
  expect(existsSync(kubeconfig)).toBe(true);

  other.kill("SIGKILL");
  await once(other, "exit");
  markInUse(name)();
  expect(readdirSync(temporary)).toEqual(["tsx-0"]);
});

test("a process does not count its own use", async () => {
  markInUse(name);
  await stopIfUnused(name);
  expect(isUp()).toBe(false);
});
