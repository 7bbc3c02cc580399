import { existsSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";

import { startedAt } from "./table.js";
import { readJson, replaceFile } from "../host/files.js";

/** Identifies a process, although its number is reused after it has ended. */
export interface Identity {
  pid: number;
  /** When it started, by {@link startedAt}. */
  started: string;
}

/** A started process, recorded so that later commands find it. */
export interface ProcessRecord extends Identity {
  name: string;
  /** Program and arguments. */
  command: string[];
  /** Ports it listens on. */
  ports: number[];
  /** What it was started for, if that can change. */
  version?: string;
}

/** The running process of that name. */
export function findProcess(stateDir: string, name: string): ProcessRecord | undefined {
  const record = readRecord(recordFile(stateDir, name));
  return record && isRunning(record) ? record : undefined;
}

/** The running processes. */
export function listProcesses(stateDir: string): ProcessRecord[] {
  return knownProcesses(stateDir).filter(isRunning);
}

/** The processes that were started and not stopped, including those that have ended. */
export function knownProcesses(stateDir: string): ProcessRecord[] {
  const folder = join(stateDir, "processes");
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((file) => file.endsWith(".json"))
    .sort()
    .flatMap((file) => readRecord(join(folder, file)) ?? []);
}

/** Whether this very process runs, rather than a later one with its number. */
export function isRunning(record: Identity): boolean {
  return record.started !== "" && startedAt(record.pid) === record.started;
}

/** Removes a process's record. */
export function forgetProcess(stateDir: string, name: string): void {
  rmSync(recordFile(stateDir, name), { force: true });
}

function recordFile(stateDir: string, name: string): string {
  return join(stateDir, "processes", `${name}.json`);
}

function readRecord(file: string): ProcessRecord | undefined {
  // An incomplete record is from before a power failure, as is its process.
  return readJson<ProcessRecord>(file);
}

/** Records a process. */
export function writeRecord(stateDir: string, record: ProcessRecord): void {
  replaceFile(recordFile(stateDir, record.name), `${JSON.stringify(record, null, 2)}\n`);
}
