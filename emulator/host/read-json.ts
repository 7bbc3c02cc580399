import { readFileSync } from "node:fs";

/** Parses a JSON file; undefined if it is missing or incomplete. */
export function readJson<T>(file: string): T | undefined {
  try {
    return JSON.parse(readFileSync(file, "utf8")) as T;
  } catch {
    return undefined;
  }
}
