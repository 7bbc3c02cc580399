import { mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { daemonName, stopDaemon } from "../../emulator/daemon/client.js";
import { emptyTemporary } from "./recovery/engine-processes.js";
import { stateDir } from "../paths.js";
import type { Progress } from "../automation/progress.js";
import { row } from "./session.js";
import { findProcess, type Identity, isRunning } from "../../emulator/processes/record.js";
import { startedAt } from "../../emulator/processes/table.js";
import { readJson } from "../../emulator/host/files.js";

const folderOf = (name: string) => join(stateDir(name), "in-use");

/**
 * Records that this process uses a sandbox. The record of a process that was killed remains and does not count.
 *
 * @returns a function that removes the record, and with the last record also the engine's temporary files.
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
 * Stops a sandbox that was started for a preview, unless another process uses it by now: the backend takes no lock for a
 * preview.
 *
 * @returns whether it has stopped.
 */
export async function stopIfUnused(name: string): Promise<boolean> {
  if (isInUse(name)) return false;
  await stopDaemon(stateDir(name));
  return true;
}

/** {@link stopIfUnused}, shown in a row; nothing if the sandbox has not started. */
export async function stopAfterPreview(name: string, progress: Progress): Promise<void> {
  if (!findProcess(stateDir(name), daemonName)) return;
  const step = "OCI endpoint";
  await row(progress, step, async () => {
    progress.report({ step, detail: "stopping" });
    return [undefined, (await stopIfUnused(name)) ? "stopped" : "in use by another command"];
  });
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
