import { renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { backendFiles } from "../../stacks/sandbox-backend.js";
import { type Checkpoint, type PendingOperation, readCheckpoint } from "../../stacks/checkpoint.js";
import { stateDir } from "../../paths.js";
import { readJson } from "../../../emulator/host/read-json.js";

/**
 * The latest deployment, with the operations in it that were cut off before: on record as pending, or taken out of the
 * record and never brought to their end.
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
 * Keeps operations that are about to leave the state and are not at their end; whoever is cut off before they are, or
 * does not bring them there, leaves them to the next one.
 */
export function saveUnfinished(name: string, operations: readonly PendingOperation[]): void {
  const file = unfinishedFile(name);
  if (operations.length === 0) return rmSync(file, { force: true });
  const kept = operations.map(({ type, resource: { urn, type: token, id, custom, inputs } }) => ({
    type,
    // What tells a Helm release; other inputs may be long.
    resource: { urn, type: token, id, custom, inputs: pick(inputs, ["namespace", "name"]) },
  }));
  writeFileSync(`${file}.new`, JSON.stringify(kept));
  renameSync(`${file}.new`, file);
}

function pick(all: Record<string, unknown> = {}, keys: string[]): Record<string, unknown> {
  return Object.fromEntries(keys.filter((key) => key in all).map((key) => [key, all[key]]));
}
