import { readdirSync } from "node:fs";
import { basename, dirname, join } from "node:path";

import { project, type Stage, stages } from "../../components/settings/types.js";
import { readJson } from "../../emulator/host/files.js";
import { backendFiles } from "./sandbox-backend.js";

/** An entry of a stack's history, reduced to what is read here. */
export interface Update {
  kind: string;
  result: string;
  /** Values as the Automation API returns them; the backend's own files hold plain text. */
  config?: Record<string, { value?: string } | string | undefined>;
}

/**
 * The stage that a stack has reached, by its history: the outputs name a stage as soon as an `up` to it begins. A stage
 * whose `up` failed is still ahead.
 *
 * @param history newest first.
 */
export function stageReached(history: Update[]): Stage | undefined {
  const last = lastChange(history);
  if (!last || last.kind === "destroy") return undefined;
  const stage = stageOf(last);
  return last.result === "succeeded" ? stage : stages[stages.indexOf(stage) - 1];
}

/**
 * The stage of the last `up` that succeeded; undefined before the first one and after a destroy. An `up` that was
 * interrupted since may have changed a part of it.
 *
 * @param history newest first.
 */
export function stageHeld(history: Iterable<Update>): Stage | undefined {
  for (const update of history) {
    if (update.kind === "destroy") return undefined;
    if (update.kind === "update" && update.result === "succeeded") return stageOf(update);
  }
  return undefined;
}

export const lastChange = (history: Update[]) =>
  history.find(({ kind }) => kind === "update" || kind === "destroy");

function stageOf({ config }: Update): Stage {
  const set = config?.[`${project}:stage`];
  const named = typeof set === "object" ? set.value : set;
  return stages.find((stage) => stage === named) ?? "traffic";
}

/** A sandbox's history from the backend's own files, newest first. */
export function* readHistory(name: string): Generator<Update> {
  const { folder, state } = backendFiles(name);
  // A file's name ends with its time: https://github.com/pulumi/pulumi/blob/v3.248.0/pkg/backend/diy/store.go
  const updates = join(folder, "history", basename(dirname(state)), basename(state, ".json"));
  const files = filesIn(updates).filter((file) => file.endsWith(".history.json"));
  for (const file of files.sort().reverse()) {
    const update = readJson<Update>(join(updates, file));
    if (update) yield update;
  }
}

function filesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
