import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";

/** Folders of the current PATH. */
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

/** Path of the program that a shell would run by this name; undefined if it is not on PATH. */
export function onPath(program: string): string | undefined {
  return searchPath()
    .map((folder) => join(folder, program))
    .find(isExecutable);
}

/** A text as one word of a shell's command line, whatever it contains. */
export const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;
