import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { EmulatorError } from "../errors.js";
import { describeProcess, startedAt } from "../processes/table.js";
import { readJson } from "../host/read-json.js";

/** What makes one build different from another. */
export interface BuildInputs {
  /** Files whose content counts: the pins. */
  files: string[];
  /** All else that changes what is built: packages, flags. */
  settings: unknown;
}

/** A build's key: the same inputs on the same kind of machine have the same. */
export function cacheKey({ files, settings }: BuildInputs): string {
  const hash = createHash("sha256");
  hash.update(JSON.stringify([process.platform, process.arch, settings]));
  for (const file of files) hash.update("\0").update(readFileSync(file));
  return hash.digest("hex").slice(0, 16);
}

/** Somebody who builds, as the lock holds it. */
interface Holder {
  pid: number;
  started: string;
}

/**
 * The folder of a finished build: the one in the cache, or a new one, which appears under its name
 * only when it is whole. Of several who want it at a time one builds, the others wait.
 *
 * @param cache folder of all builds.
 * @param name `<part>-<key>`.
 * @param build fills an empty folder beside the final one.
 * @param waiting told once when somebody else builds.
 */
export async function cached(
  cache: string,
  name: string,
  build: (folder: string) => Promise<void>,
  waiting: (holder: string) => void = () => undefined,
): Promise<string> {
  const folder = join(cache, name);
  const lock = join(cache, `${name}.lock`);
  mkdirSync(cache, { recursive: true });
  let told = false;
  while (!existsSync(folder)) {
    if (!take(lock)) {
      if (!told) waiting(describeHolder(lock));
      told = true;
      await new Promise((resolve) => setTimeout(resolve, 500));
      continue;
    }
    const unfinished = `${folder}.unfinished`;
    try {
      if (existsSync(folder)) break;
      rmSync(unfinished, { recursive: true, force: true });
      mkdirSync(unfinished);
      await build(unfinished);
      renameSync(unfinished, folder);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ENOSPC") throw error;
      throw new EmulatorError(
        `The disk that holds ${cache} is full. Make room on it, then run the command again.`,
      );
    } finally {
      rmSync(unfinished, { recursive: true, force: true });
      rmSync(lock, { recursive: true, force: true });
    }
  }
  return folder;
}

/** Takes the lock, also from one that died with it. */
function take(lock: string): boolean {
  const holder: Holder = { pid: process.pid, started: startedAt(process.pid) ?? "" };
  try {
    writeFileSync(lock, JSON.stringify(holder), { flag: "wx" });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  }
  const other = readHolder(lock);
  // Renamed first: of two who find the same dead holder only one succeeds.
  if (other && startedAt(other.pid) !== other.started) {
    const stale = `${lock}.${process.pid}`;
    try {
      renameSync(lock, stale);
      rmSync(stale, { force: true });
    } catch {
      // the other one was first
    }
  }
  return false;
}

/** Nothing where it was just released, or is not written out yet. */
const readHolder = (lock: string) => readJson<Holder>(lock);

function describeHolder(lock: string): string {
  const holder = readHolder(lock);
  return holder ? `process ${holder.pid} (${describeProcess(holder.pid)})` : "another process";
}
