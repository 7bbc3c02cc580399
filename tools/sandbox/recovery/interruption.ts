import { copyFileSync, existsSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";

import { ToolError } from "../../command-line/errors.js";
import { backendFiles } from "../../stacks/sandbox-backend.js";
import { type Checkpoint, type PendingOperation, readCheckpoint } from "../../stacks/checkpoint.js";
import { commandLine, startedAt } from "../../../emulator/processes/table.js";
import { readJson } from "../../../emulator/host/read-json.js";
import { logicalName } from "../../automation/steps.js";
import { readInterrupted } from "./unfinished.js";

/** Who holds a stack of the file backend. https://www.pulumi.com/docs/iac/concepts/state-and-backends/ */
interface Lock {
  pid: number;
  username: string;
  hostname: string;
  timestamp: string;
}

/** What an engine that was killed left behind. */
interface Interruption {
  lock?: Lock;
  /** Operations that had begun and whose end nobody saw, by logical name. */
  pending: Pending[];
}

interface Pending {
  name: string;
  operation: PendingOperation["type"];
}

/**
 * Looks for the lock and the pending operations of an engine that did not end well. When its process is gone the lock
 * is taken away, and what it was just writing mended.
 *
 * @throws ToolError when the engine is still at work.
 */
export function findInterruption(name: string): Interruption {
  const { folder, state, locks } = backendFiles(name);
  const held = (existsSync(locks) ? readdirSync(locks) : [])
    // Beside each lock its backend keeps a file of attributes.
    .filter((file) => file.endsWith(".json"))
    // Half of one holds nobody: it was being written when the power went.
    .flatMap((file) => readJson<Lock>(join(locks, file)) ?? []);
  const alive = held.find(({ pid }) => isAlive(pid));
  if (alive) {
    throw new ToolError(
      `Another operation works on this sandbox (process ${alive.pid}, since ${alive.timestamp}).\n` +
        `Wait for its end, or stop it with: kill -INT ${alive.pid}`,
    );
  }
  rmSync(locks, { recursive: true, force: true });
  mend(folder, state);
  return { ...(held[0] && { lock: held[0] }), pending: pendingOf(readInterrupted(name)) };
}

/**
 * The backend writes each file whole beside its place, but its attributes in place
 * (https://github.com/google/go-cloud/blob/master/blob/fileblob/attrs.go): half of them and it reads no more, none of
 * them and it does without.
 */
function mend(folder: string, state: string): void {
  const files = existsSync(folder)
    ? readdirSync(folder, { recursive: true, encoding: "utf8" })
    : [];
  for (const file of files.map((found) => join(folder, found))) {
    if (file.endsWith(".tmp") || (file.endsWith(".attrs") && !readJson(file))) rmSync(file);
  }
  // What a disk had not yet kept when the power went: the state before it is there.
  const before = `${state}.bak`;
  if (existsSync(state) && !readJson(state) && existsSync(before)) copyFileSync(before, state);
}

/** The operations that are on record as begun and not as ended. */
export function readPending(name: string): Pending[] {
  return pendingOf(readCheckpoint(backendFiles(name).state) ?? {});
}

function pendingOf({ pending_operations = [] }: Checkpoint): Pending[] {
  return pending_operations.map(({ resource, type }) => ({
    name: logicalName(resource.urn),
    operation: type,
  }));
}

// A process number is given out again after a while: only one that is a `pulumi` counts, and not its corpse, which
// stays where nobody collects it.
function isAlive(pid: number): boolean {
  return startedAt(pid) !== undefined && /(^|\/)pulumi( |$)/.test(commandLine(pid));
}
