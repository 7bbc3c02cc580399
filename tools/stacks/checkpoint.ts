import { existsSync } from "node:fs";

import { readJson } from "../../emulator/host/read-json.js";

/** An operation whose end the engine has not seen yet. */
export interface PendingOperation {
  type: "creating" | "updating" | "deleting" | "reading" | "importing";
  resource: Recorded;
}

/** As much of a resource on record as matters here. */
export interface Recorded {
  urn: string;
  type: string;
  id?: string;
  custom: boolean;
  /** Replaced, and yet to be deleted. */
  delete?: boolean;
  inputs?: Record<string, unknown>;
  /** Why it is there and not as it should be. */
  initErrors?: string[];
}

/** A deployment as the backend has it on file. */
export interface Checkpoint {
  resources?: Recorded[];
  pending_operations?: PendingOperation[];
}

/**
 * The latest deployment that the backend has on file, or nothing before the first. Where a disk did not keep all of it,
 * the one before, which takes its place when the sandbox is opened.
 */
export function readCheckpoint(state: string): Checkpoint | undefined {
  const [file] = [state, `${state}.bak`]
    .filter((path) => existsSync(state) && existsSync(path))
    .flatMap((path) => readJson<{ checkpoint?: { latest?: Checkpoint } }>(path) ?? []);
  return file?.checkpoint?.latest ?? undefined;
}
