import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";

/** Folders of this moment's PATH. */
export const searchPath = (): string[] =>
  (process.env["PATH"] ?? "").split(delimiter).filter(Boolean);

export function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Path of the program that a shell would run by this name; undefined where PATH has none. */
export function onPath(program: string): string | undefined {
  return searchPath()
    .map((folder) => join(folder, program))
    .find(isExecutable);
}
