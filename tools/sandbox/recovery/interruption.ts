import { copyFileSync, existsSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";

import { ToolError } from "../../command-line/errors.js";
import { backendFiles } from "../../stacks/sandbox-backend.js";
import { type Checkpoint, type PendingOperation, readCheckpoint } from "../../stacks/checkpoint.js";
import { commandLine, startedAt } from "../../../emulator/processes/table.js";
import { readJson } from "../../../emulator/host/files.js";
import { logicalName } from "../../automation/steps.js";
import { readInterrupted } from "./unfinished.js";

/** A lock of the file backend on a stack. https://www.pulumi.com/docs/iac/concepts/state-and-backends/ */
interface Lock {
  pid: number;
  username: string;
  hostname: string;
  timestamp: string;
}

/** What a killed engine left behind. */
interface Interruption {
  lock?: Lock;
  /** Operations that began and did not complete, by logical name. */
  pending: Pending[];
}

interface Pending {
  name: string;
  operation: PendingOperation["type"];
}

/**
 * Looks for the lock and the pending operations of an interrupted engine. If its process is gone, removes the lock and
 * repairs half-written files.
 *
 * @throws ToolError when the engine is still running.
 */
export function findInterruption(name: string): Interruption {
  const { folder, state, locks } = backendFiles(name);
  const held = (existsSync(locks) ? readdirSync(locks) : [])
    // The backend keeps a file of attributes beside each lock.
    .filter((file) => file.endsWith(".json"))
    // A half-written lock, as after a power cut, does not count.
    .flatMap((file) => readJson<Lock>(join(locks, file)) ?? []);
  const alive = held.find(({ pid }) => isAlive(pid));
  if (alive) {
    throw new ToolError(
      `Another operation is running on this sandbox (process ${alive.pid}, since ${alive.timestamp}).\n` +
        `Wait for it, or stop it with: kill -INT ${alive.pid}`,
    );
  }
  rmSync(locks, { recursive: true, force: true });
  repair(folder, state);
  return { ...(held[0] && { lock: held[0] }), pending: pendingOf(readInterrupted(name)) };
}

/**
 * The backend replaces each file atomically, but writes its attributes in place
 * (https://github.com/google/go-cloud/blob/master/blob/fileblob/attrs.go): it fails on half-written attributes and does
 * without missing ones.
 */
function repair(folder: string, state: string): void {
  const files = existsSync(folder)
    ? readdirSync(folder, { recursive: true, encoding: "utf8" })
    : [];
  for (const file of files.map((found) => join(folder, found))) {
    if (file.endsWith(".tmp") || (file.endsWith(".attrs") && !readJson(file))) rmSync(file);
  }
  // A power cut may lose the newest state; the backup holds the one before.
  const before = `${state}.bak`;
  if (existsSync(state) && !readJson(state) && existsSync(before)) copyFileSync(before, state);
}

/** The operations that the state records as pending. */
export function readPending(name: string): Pending[] {
  return pendingOf(readCheckpoint(backendFiles(name).state) ?? {});
}

function pendingOf({ pending_operations = [] }: Checkpoint): Pending[] {
  return pending_operations.map(({ resource, type }) => ({
    name: logicalName(resource.urn),
    operation: type,
  }));
}

// The kernel reuses process numbers: only a `pulumi` counts, and not a zombie that its parent has not reaped.
function isAlive(pid: number): boolean {
  return startedAt(pid) !== undefined && /(^|\/)pulumi( |$)/.test(commandLine(pid));
}
