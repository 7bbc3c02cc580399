import { existsSync } from "node:fs";

import { readJson } from "../../emulator/host/files.js";

/** An operation that the engine has begun and not completed. */
export interface PendingOperation {
  type: "creating" | "updating" | "deleting" | "reading" | "importing";
  resource: Recorded;
}

/** A resource in the state, reduced to what is read here. */
export interface Recorded {
  urn: string;
  type: string;
  id?: string;
  custom: boolean;
  /** The resource has been replaced and is still to be deleted. */
  delete?: boolean;
  inputs?: Record<string, unknown>;
  outputs?: Record<string, unknown>;
  /** Why the resource exists and is not initialized. */
  initErrors?: string[];
}

/** A deployment as the backend stores it. */
export interface Checkpoint {
  resources?: Recorded[];
  pending_operations?: PendingOperation[];
}

/**
 * The latest deployment in the backend; undefined before the first. If its file is damaged, the one before, which
 * replaces it when the sandbox is opened.
 */
export function readCheckpoint(state: string): Checkpoint | undefined {
  const [file] = [state, `${state}.bak`]
    .filter((path) => existsSync(state) && existsSync(path))
    .flatMap((path) => readJson<{ checkpoint?: { latest?: Checkpoint } }>(path) ?? []);
  return file?.checkpoint?.latest ?? undefined;
}
