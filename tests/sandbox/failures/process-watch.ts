import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";

import { engineProcesses } from "../../../tools/sandbox/recovery/engine-processes.js";
import { commandLine } from "../../../emulator/processes/table.js";
import { keptTokens } from "./secrets.js";

/** Records the machine's processes and the created tokens until it is stopped. */
export class ProcessWatch {
  /** Command lines, with arguments separated by spaces. */
  readonly commands = new Set<string>();
  /** Those of processes that an engine of the sandbox has started. */
  readonly own = new Set<string>();
  /** OKE tokens. */
  readonly tokens = new Set<string>();
  private readonly timer: NodeJS.Timeout;

  constructor(private readonly sandbox: string) {
    this.timer = setInterval(() => this.look(), 200);
  }

  stop(): void {
    clearInterval(this.timer);
  }

  private look(): void {
    for (const command of commandLines()) this.commands.add(command);
    for (const { pid } of engineProcesses(this.sandbox)) this.own.add(commandLine(pid));
    for (const token of keptTokens()) this.tokens.add(token);
  }
}

function commandLines(): string[] {
  if (!existsSync("/proc/self/cmdline")) {
    return execFileSync("ps", ["-A", "-ww", "-o", "args"], { encoding: "utf8" }).split("\n");
  }
  return readdirSync("/proc")
    .filter((entry) => /^\d+$/.test(entry))
    .flatMap((pid) => {
      try {
        return [readFileSync(`/proc/${pid}/cmdline`, "latin1").replaceAll("\0", " ")];
      } catch {
        return []; // ended in the meantime
      }
    });
}
