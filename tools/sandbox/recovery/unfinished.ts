import { rmSync } from "node:fs";
import { join } from "node:path";

import { backendFiles } from "../../stacks/sandbox-backend.js";
import { type Checkpoint, type PendingOperation, readCheckpoint } from "../../stacks/checkpoint.js";
import { stateDir } from "../../paths.js";
import { readJson, replaceFile } from "../../../emulator/host/files.js";

/**
 * The latest deployment, with all operations that were interrupted: those that the state records as pending, and those
 * that were removed from it without being finished.
 */
export function readInterrupted(name: string): Checkpoint {
  const latest = readCheckpoint(backendFiles(name).state) ?? {};
  const { resources = [], pending_operations = [] } = latest;
  const isOf = (urn: string) => (one: { urn: string }) => one.urn === urn;
  const unfinished = (readJson<PendingOperation[]>(unfinishedFile(name)) ?? [])
    .filter(({ resource: { urn } }) => resources.some(isOf(urn)))
    .filter(
      ({ resource: { urn } }) =>
        !pending_operations.map(({ resource }) => resource).some(isOf(urn)),
    );
  return { ...latest, pending_operations: [...pending_operations, ...unfinished] };
}

const unfinishedFile = (name: string) => join(stateDir(name), "unfinished.json");

/**
 * Saves unfinished operations that are about to be removed from the state. A run that is interrupted, or that does not
 * finish them, leaves them to the next one.
 */
export function saveUnfinished(name: string, operations: readonly PendingOperation[]): void {
  const file = unfinishedFile(name);
  if (operations.length === 0) return rmSync(file, { force: true });
  const kept = operations.map(({ type, resource: { urn, type: token, id, custom, inputs } }) => ({
    type,
    // Enough to identify a Helm release; other inputs may be long.
    resource: { urn, type: token, id, custom, inputs: pick(inputs, ["namespace", "name"]) },
  }));
  replaceFile(file, JSON.stringify(kept));
}

function pick(all: Record<string, unknown> = {}, keys: string[]): Record<string, unknown> {
  return Object.fromEntries(keys.filter((key) => key in all).map((key) => [key, all[key]]));
}
