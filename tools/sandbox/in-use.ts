import { mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { stopDaemon } from "../../emulator/daemon/client.js";
import { emptyTemporary } from "./recovery/engine-processes.js";
import { stateDir } from "../paths.js";
import { type Identity, isRunning } from "../../emulator/processes/record.js";
import { startedAt } from "../../emulator/processes/table.js";
import { readJson } from "../../emulator/host/read-json.js";

const folderOf = (name: string) => join(stateDir(name), "at-work");

/**
 * Says that this process works on a sandbox. Of one that is killed the word stays, and counts no more.
 *
 * @returns what takes it back, and with the last one at work removes what the engine has left in its temporary folder.
 */
export function markInUse(name: string): () => void {
  const file = join(folderOf(name), `${process.pid}.json`);
  const self: Identity = { pid: process.pid, started: startedAt(process.pid) ?? "" };
  mkdirSync(folderOf(name), { recursive: true });
  writeFileSync(file, JSON.stringify(self));
  return () => {
    rmSync(file, { force: true });
    if (!isInUse(name)) emptyTemporary(name);
  };
}

/**
 * Stops a sandbox that was brought up for a look only, unless somebody else has begun to work on it since: the backend
 * locks nobody out for a preview.
 */
export async function stopIfUnused(name: string): Promise<void> {
  if (!isInUse(name)) await stopDaemon(stateDir(name));
}

function isInUse(name: string): boolean {
  return readFolder(folderOf(name))
    .flatMap((file) => readJson<Identity>(join(folderOf(name), file)) ?? [])
    .some((other) => other.pid !== process.pid && isRunning(other));
}

function readFolder(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
