import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { startedAt } from "./table.js";
import { readJson } from "../host/read-json.js";

/** What makes a process this one. */
export interface Identity {
  pid: number;
  /** When it started, by the system's own account: a number is given out again. */
  started: string;
}

/** A process of the sandbox, as it is written down so that it is found again. */
export interface ProcessRecord extends Identity {
  name: string;
  /** Program and arguments, for a person who reads the record. */
  command: string[];
  /** Ports it listens on. */
  ports: number[];
  /** What it was started for, where that can change. */
  version?: string;
}

/** The running process of that name: the very one that was started, not one with its number. */
export function findProcess(stateDir: string, name: string): ProcessRecord | undefined {
  const record = readRecord(recordFile(stateDir, name));
  return record && isRunning(record) ? record : undefined;
}

/** All that was started in this sandbox and runs. */
export function listProcesses(stateDir: string): ProcessRecord[] {
  return knownProcesses(stateDir).filter(isRunning);
}

/** All that was started in this sandbox and not stopped, dead ones too. */
export function knownProcesses(stateDir: string): ProcessRecord[] {
  const folder = join(stateDir, "processes");
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((file) => file.endsWith(".json"))
    .sort()
    .flatMap((file) => readRecord(join(folder, file)) ?? []);
}

/** Whether the process of this record runs, and not another one under its number. */
export function isRunning(record: Identity): boolean {
  return record.started !== "" && startedAt(record.pid) === record.started;
}

/** Takes a process's record away. */
export function forgetProcess(stateDir: string, name: string): void {
  rmSync(recordFile(stateDir, name), { force: true });
}

function recordFile(stateDir: string, name: string): string {
  return join(stateDir, "processes", `${name}.json`);
}

function readRecord(file: string): ProcessRecord | undefined {
  // Half of one is from before the power went, as its process is.
  return readJson<ProcessRecord>(file);
}

/** Writes a process down. */
export function writeRecord(stateDir: string, record: ProcessRecord): void {
  const file = recordFile(stateDir, record.name);
  mkdirSync(join(stateDir, "processes"), { recursive: true });
  writeFileSync(`${file}.${process.pid}`, `${JSON.stringify(record, null, 2)}\n`);
  renameSync(`${file}.${process.pid}`, file);
}
