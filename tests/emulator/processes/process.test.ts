import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterEach, beforeEach, expect, test } from "@jest/globals";

import { isPortFree } from "../../../emulator/processes/ports.js";
import { startedAt } from "../../../emulator/processes/table.js";
import {
  findProcess,
  knownProcesses,
  listProcesses,
  logFile,
  startProcess,
  stopProcess,
} from "../../../emulator/processes/process.js";

let state: string;
let server: Server | undefined;

beforeEach(() => {
  state = mkdtempSync(join(tmpdir(), "process-"));
});

afterEach(async () => {
  for (const { name } of knownProcesses(state)) await stopProcess(state, name, 100);
  await new Promise((closed) => (server ? server.close(closed) : closed(undefined)));
  server = undefined;
  rmSync(state, { recursive: true });
});

const node = (name: string, script: string) => ({
  name,
  file: process.execPath,
  args: ["-e", script],
});
const idle = "setInterval(() => {}, 1000)";

test("a process is found by its number and its start time", async () => {
  const record = await startProcess(state, node("part", idle));
  expect(findProcess(state, "part")).toEqual(record);
  expect(listProcesses(state)).toEqual([record]);

  // Give the record the number of another process: this one.
  const file = join(state, "processes", "part.json");
  writeFileSync(file, JSON.stringify({ ...record, pid: process.pid }));
  expect(findProcess(state, "part")).toBeUndefined();
  await stopProcess(state, "part");
  expect(startedAt(process.pid)).toBeDefined();
  process.kill(record.pid, "SIGKILL");
});

test("starting a running process keeps it, unless its command line differs", async () => {
  const first = await startProcess(state, node("part", idle));
  expect((await startProcess(state, node("part", idle))).pid).toBe(first.pid);
  const second = await startProcess(state, node("part", `${idle}; "new"`));
  expect(second.pid).not.toBe(first.pid);
  expect(startedAt(first.pid)).toBeUndefined();
});

test("a process that ends at once is reported with the end of its log", async () => {
  const dying = node("part", "console.error('no such file: seven'); process.exit(3)");
  await expect(startProcess(state, { ...dying, ready: async () => false })).rejects.toThrow(
    /^part ended at once \(exit status 3\)[\s\S]+no such file: seven/,
  );
  expect(knownProcesses(state)).toEqual([]);
});

test("a missing executable is reported with the process's name", async () => {
  const missing = { name: "part", file: join(state, "nothing"), args: [] };
  await expect(startProcess(state, missing)).rejects.toThrow(/^part cannot be started: .*ENOENT/);
});

test("a process that does not serve in time is reported", async () => {
  const deaf = { ...node("part", idle), ready: async () => false, timeout: 150 };
  await expect(startProcess(state, deaf)).rejects.toThrow(
    /^part runs, but does not serve after 0.15 seconds/,
  );
});

test("a taken port is reported with both processes", async () => {
  const port = await new Promise<number>((listening) => {
    server = createServer().listen(0, "127.0.0.1", () => {
      listening((server?.address() as { port: number }).port);
    });
  });
  expect(await isPortFree(port)).toBe(false);
  await expect(
    startProcess(state, { ...node("part", idle), ports: { metrics: port } }),
  ).rejects.toThrow(
    new RegExp(
      `^Port ${port} .*which part needs \\(metrics\\), is taken by process ${process.pid}`,
    ),
  );
});

test("stopping waits for the end, and does nothing the second time", async () => {
  const deaf = `process.on("SIGTERM", () => console.log("asked")); ${idle}; console.log("up")`;
  const output = () => readFileSync(logFile(state, "part"), "utf8");
  const ready = async () => output().includes("up");
  const { pid } = await startProcess(state, { ...node("part", deaf), ready });
  await stopProcess(state, "part", 200);
  expect(startedAt(pid)).toBeUndefined();
  expect(output()).toMatch(/asked/);
  expect(knownProcesses(state)).toEqual([]);
  await stopProcess(state, "part");
});

test("a zombie does not count as running", async () => {
  // A shell that never waits for its child, which becomes a zombie.
  const parent = spawn("sh", ["-c", "sleep 0.05 & echo $!; exec sleep 5"]);
  const child = await new Promise<number>((found) =>
    parent.stdout.once("data", (text: Buffer) => found(Number(text.toString()))),
  );
  expect(startedAt(child)).toBeDefined();
  await new Promise((later) => setTimeout(later, 300));
  expect(startedAt(child)).toBeUndefined();
  parent.kill();
});

test("records that are being written are ignored", () => {
  mkdirSync(join(state, "processes"));
  writeFileSync(join(state, "processes", "part.json.123"), "{");
  expect(knownProcesses(state)).toEqual([]);
});
