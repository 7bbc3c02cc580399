import { existsSync, readdirSync } from "node:fs";
import { dirname } from "node:path";

import { stateDir } from "../paths.js";
import { backendFiles } from "./sandbox-backend.js";
import { command } from "./sandbox-command.js";
import { stackFile } from "./settings-file.js";

/** Whether a sandbox has settings or state; one of them may be lost. */
export function sandboxExists(name: string): boolean {
  return existsSync(stackFile(name)) || existsSync(backendFiles(name).state);
}

/** A sentence that lists the sandboxes that exist; empty if there is none. */
export function existingSandboxes(): string[] {
  const all = dirname(stateDir("any"));
  const names = existsSync(all) ? readdirSync(all).filter(sandboxExists) : [];
  return names.length > 0 ? [`Existing sandboxes: ${names.join(", ")}.`] : [];
}

/** That a sandbox does not exist, which ones do, and how to create it. */
export function noSandbox(name: string): string {
  return [
    `There is no sandbox "${name}".`,
    ...existingSandboxes(),
    `Create it with: ${command("up", name)}`,
  ].join(" ");
}
