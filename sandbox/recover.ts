import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";

import { SandboxError } from "./errors.js";
import { backendFiles } from "./backend.js";
import { describeProcess, startedAt } from "./process-table.js";
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
  resource: { urn: string };
}

/** What an engine that was killed left behind. */
export interface Interruption {
  lock?: Lock;
  /** Operations that had begun and whose end nobody saw, by logical name. */
  pending: { name: string; urn: string; operation: PendingOperation["type"] }[];
}

/**
 * Looks for the lock and the pending operations of an engine that did not end well, and takes the
 * lock away when its process is gone.
 *
 * @throws SandboxError when the engine is still at work.
 */
export function findInterruption(name: string): Interruption {
  const { locks } = backendFiles(name);
  const found: Interruption = { pending: readPending(name) };
  for (const file of existsSync(locks) ? readdirSync(locks) : []) {
    // Beside each lock its backend keeps a file of attributes.
    if (!file.endsWith(".json")) continue;
    const lock = JSON.parse(readFileSync(join(locks, file), "utf8")) as Lock;
    if (isAlive(lock.pid)) {
      throw new SandboxError(
        `Another operation works on this sandbox (process ${lock.pid}, since ${lock.timestamp}).\n` +
          `Wait for its end, or stop it with: kill -INT ${lock.pid}`,
      );
    }
    found.lock = lock;
    for (const beside of ["", ".attrs"]) rmSync(join(locks, file + beside), { force: true });
  }
  return found;
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

interface Checkpoint {
  resources?: { urn: string; type: string; id?: string; custom: boolean }[];
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
  return startedAt(pid) !== undefined && /\bpulumi\b/.test(describeProcess(pid));
}
