import { copyFileSync, existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";

import { SandboxError } from "./errors.js";
import { backendFiles } from "./backend.js";
import { commandLine, startedAt } from "./process-table.js";
import { logicalName } from "./steps.js";

/** Who holds a stack of the file backend. https://www.pulumi.com/docs/iac/concepts/state-and-backends/ */
interface Lock {
  pid: number;
  username: string;
  hostname: string;
  timestamp: string;
}

interface PendingOperation {
  type: "creating" | "updating" | "deleting" | "reading" | "importing";
  resource: Recorded;
}

/** As much of a resource on record as matters here. */
export interface Recorded {
  urn: string;
  type: string;
  id?: string;
  custom: boolean;
  inputs?: Record<string, unknown>;
  /** Why it is there and not as it should be. */
  initErrors?: string[];
}

/** What an engine that was killed left behind. */
export interface Interruption {
  lock?: Lock;
  /** Operations that had begun and whose end nobody saw, by logical name. */
  pending: { name: string; urn: string; operation: PendingOperation["type"] }[];
}

/**
 * Looks for the lock and the pending operations of an engine that did not end well. When its process is gone the lock
 * is taken away, and what it was just writing mended.
 *
 * @throws SandboxError when the engine is still at work.
 */
export function findInterruption(name: string): Interruption {
  const { folder, state, locks } = backendFiles(name);
  const held = (existsSync(locks) ? readdirSync(locks) : [])
    // Beside each lock its backend keeps a file of attributes.
    .filter((file) => file.endsWith(".json"))
    .map((file) => JSON.parse(readFileSync(join(locks, file), "utf8")) as Lock);
  const alive = held.find(({ pid }) => isAlive(pid));
  if (alive) {
    throw new SandboxError(
      `Another operation works on this sandbox (process ${alive.pid}, since ${alive.timestamp}).\n` +
        `Wait for its end, or stop it with: kill -INT ${alive.pid}`,
    );
  }
  rmSync(locks, { recursive: true, force: true });
  mend(folder, state);
  return { ...(held[0] && { lock: held[0] }), pending: readPending(name) };
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
    if (file.endsWith(".tmp") || (file.endsWith(".attrs") && !isJson(file))) rmSync(file);
  }
  // What a disk had not yet kept when the power went: the state before it is there.
  const before = `${state}.bak`;
  if (existsSync(state) && !isJson(state) && existsSync(before)) copyFileSync(before, state);
}

function isJson(file: string): boolean {
  try {
    JSON.parse(readFileSync(file, "utf8"));
    return true;
  } catch {
    return false;
  }
}

/** The operations that are on record as begun and not as ended. */
export function readPending(name: string): Interruption["pending"] {
  const latest = readCheckpoint(backendFiles(name).state);
  return (latest?.pending_operations ?? []).map(({ resource, type }) => ({
    name: logicalName(resource.urn),
    urn: resource.urn,
    operation: type,
  }));
}

/** A deployment as the backend has it on file. */
export interface Checkpoint {
  resources?: Recorded[];
  pending_operations?: PendingOperation[];
}

/** The latest deployment that the backend has on file, or nothing before the first. */
export function readCheckpoint(state: string): Checkpoint | undefined {
  if (!existsSync(state)) return undefined;
  const file = JSON.parse(readFileSync(state, "utf8")) as { checkpoint?: { latest?: Checkpoint } };
  return file.checkpoint?.latest ?? undefined;
}

// A process number is given out again after a while: only one that is a `pulumi` counts, and not its corpse, which
// stays where nobody collects it.
function isAlive(pid: number): boolean {
  return startedAt(pid) !== undefined && /(^|\/)pulumi( |$)/.test(commandLine(pid));
}
