import { readFileSync } from "node:fs";

/** Nothing where there is no such file, or not all of it. */
export function readJson<T>(file: string): T | undefined {
  try {
    return JSON.parse(readFileSync(file, "utf8")) as T;
  } catch {
    return undefined;
  }
}
