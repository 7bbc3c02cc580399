import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { EmulatorError } from "../errors.js";
import { describeProcess, startedAt } from "../processes/table.js";
import { readJson } from "../host/files.js";

/** The inputs that determine a build. */
export interface BuildInputs {
  /** Files whose content is part of the key: sources and pins. */
  files: string[];
  /** Everything else that changes the result: packages, flags. */
  settings: unknown;
}

/** A build's key: equal for equal inputs on the same platform. */
export function cacheKey({ files, settings }: BuildInputs): string {
  const hash = createHash("sha256");
  hash.update(JSON.stringify([process.platform, process.arch, settings]));
  for (const file of files) hash.update("\0").update(readFileSync(file));
  return hash.digest("hex").slice(0, 16);
}

/** The process that holds a lock. */
interface Holder {
  pid: number;
  started: string;
}

/**
 * Returns the folder of a build, from the cache or built now. The folder appears under its name only
 * when it is complete. If several processes need the same build, one builds and the others wait.
 *
 * @param cache folder of all builds.
 * @param name `<part>-<key>`.
 * @param build fills an empty folder beside the final one.
 * @param waiting called once with a description of the process that builds, if it is another one.
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
  let reported = false;
  while (!existsSync(folder)) {
    if (!take(lock)) {
      if (!reported) waiting(describeHolder(lock));
      reported = true;
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
        `The disk that holds ${cache} is full. Free some space on it, then run the command again.`,
      );
    } finally {
      rmSync(unfinished, { recursive: true, force: true });
      rmSync(lock, { recursive: true, force: true });
    }
  }
  return folder;
}

/** Takes the lock if it is free or its holder has died. */
function take(lock: string): boolean {
  const holder: Holder = { pid: process.pid, started: startedAt(process.pid) ?? "" };
  try {
    writeFileSync(lock, JSON.stringify(holder), { flag: "wx" });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  }
  const other = readHolder(lock);
  // Rename first: if two processes find the same dead holder, only one succeeds.
  if (other && startedAt(other.pid) !== other.started) {
    const stale = `${lock}.${process.pid}`;
    try {
      renameSync(lock, stale);
      rmSync(stale, { force: true });
    } catch {
      // another process took it first
    }
  }
  return false;
}

/** Undefined if the lock was just released or is not fully written. */
const readHolder = (lock: string) => readJson<Holder>(lock);

function describeHolder(lock: string): string {
  const holder = readHolder(lock);
  return holder ? `process ${holder.pid} (${describeProcess(holder.pid)})` : "another process";
}
