import { spawn } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";

import { CommandError } from "@pulumi/pulumi/automation/errors.js";

import type { Inventory } from "../verify/teardown/leftovers.js";
import { markInUse, stopIfUnused } from "./in-use.js";
import { backendFiles } from "../stacks/sandbox-backend.js";
import { checkOverrides } from "./overrides.js";
import { SettingsFile, stackFile, stackName } from "../stacks/settings-file.js";
import { engineMessage } from "../automation/engine-words.js";
import { InterruptedError, ToolError } from "../command-line/errors.js";
import { Interrupts } from "../automation/interrupts.js";
import { stopDaemon } from "../../emulator/daemon/client.js";
import { noResourceNames, type Operation, operate, type Outcome } from "../automation/operation.js";
import type { Options } from "./options.js";
import { root, stateDir } from "../paths.js";
import type { PluginsInUse } from "../../emulator/plugin-discovery/discover.js";
import { Progress } from "../automation/progress.js";
import { readPending } from "./recovery/interruption.js";
import { forget, openSession, rowsBefore } from "./session.js";
import { command, status } from "../stacks/sandbox-status.js";

/** What `up`, `preview`, `refresh` and `destroy` report. */
export interface OperationReport extends Outcome {
  plugins: PluginsInUse;
  /** What a `destroy` has found left in OCI, or could not ask for. */
  left?: Inventory;
}

/** Runs an operation of the engine on a sandbox, with Ctrl-C ending it in order. */
export async function runOperation(
  operation: Operation,
  options: Options,
  stream: NodeJS.WriteStream,
): Promise<OperationReport> {
  const wasRunning = status(options.name).running;
  if (!wasRunning && !isThere(options.name)) {
    const none = `There is no sandbox "${options.name}" to ${operation}`;
    if (operation === "destroy") {
      stream.write(`${[`${none}.`, ...listThere()].join(" ")}\n`);
      return { ...nothing, plugins: {} as PluginsInUse };
    }
    if (operation === "refresh") {
      throw new ToolError(`${none}. Bring it up with: ${command("up", options.name)}`);
    }
  }
  // Before all else: a wrong key must neither wait for a build nor be kept.
  checkOverrides(SettingsFile.read(options.name), options);
  const releaseUse = markInUse(options.name);
  const progress = new Progress(stream, rowsBefore);
  let failed: readonly string[] = [];
  const interrupts = new Interrupts((text) => {
    // What fails from now on, fails because it was stopped.
    failed = [...progress.diagnostics];
    progress.note(text);
  });
  const work = async () => {
    const session = await openSession(options, progress, (engine) => (interrupts.engine = engine));
    const outcome = await operate(operation, session.stack, progress, session.configFile);
    await progress.end();
    if (operation === "up") await prove(options.name, progress.table, stream);
    if (operation === "destroy") {
      const { leftInOci, refuseLeftovers } = await import("./leftovers.js");
      const left = await leftInOci(options.name);
      await session.stack.workspace.removeStack(stackName(options.name), { preserveConfig: true });
      await stopDaemon(stateDir(options.name));
      forget(options.name, stackFile(options.name));
      refuseLeftovers(left);
      return { ...outcome, plugins: session.plugins, left };
    }
    return { ...outcome, plugins: session.plugins };
  };
  try {
    return await Promise.race([work(), interrupts.abandoned]);
  } catch (error) {
    await progress.end();
    if (interrupts.status) {
      const said = stopped(operation, options.name, interrupts.by, progress.soFar);
      throw new InterruptedError([...failed, said].join("\n\n"), interrupts.status);
    }
    if (progress.diagnostics.length > 0) {
      throw new ToolError(engineFailure(operation, options.name, progress.diagnostics));
    }
    // Killed, or never begun: the Automation API has only the engine's own words.
    if (!(error instanceof CommandError)) throw error;
    throw new ToolError(engineFailure(operation, options.name, [engineMessage(error.message)]));
  } finally {
    interrupts.close();
    releaseUse();
    if (operation === "preview" && !wasRunning) await stopIfUnused(options.name);
  }
}

/**
 * Ends an `up` with the table of what the stage must show: the graph's own, or a new one where the
 * graph had nothing to check or deferred it on the way back to an earlier stage.
 */
async function prove(name: string, table: string, stream: NodeJS.WriteStream): Promise<void> {
  if (!SettingsFile.read(name).verifies) return;
  if (table && !/\bdeferred\b/i.test(table)) {
    stream.write(`\n${table}\n`);
    return;
  }
  const argv = ["--import", "tsx", join(root, "verify", "cli.ts"), `--sandbox=${name}`];
  const child = spawn(process.execPath, argv, { cwd: root, stdio: ["ignore", "pipe", "inherit"] });
  child.stdout.pipe(stream, { end: false });
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once("error", reject).once("close", resolve);
  });
  // 3: something could not be checked, which the table says.
  if (code !== 0 && code !== 3) {
    throw new ToolError(
      `The sandbox is up, but it does not show what it must: the table says what is red.\n` +
        `Check again with: npm run -s verify -- --sandbox ${name}`,
    );
  }
}

/** It has settings, or a state: one of them may be gone. */
function isThere(name: string): boolean {
  return existsSync(stackFile(name)) || existsSync(backendFiles(name).state);
}

function listThere(): string[] {
  const all = dirname(stateDir("any"));
  const names = existsSync(all) ? readdirSync(all).filter(isThere) : [];
  return names.length > 0 ? [`There are: ${names.join(", ")}.`] : [];
}

const nothing: Outcome = {
  changes: { create: 0, update: 0, replace: 0, delete: 0, same: 0 },
  resources: noResourceNames(),
  seconds: 0,
  outputs: {},
};

function engineFailure(operation: Operation, name: string, errors: readonly string[]): string {
  return (
    `${errors.join("\n\n")}\n\n` +
    `${operation === "preview" ? "Nothing was changed" : "What was done is on record"}. Logs are in ${join(stateDir(name), "logs")}. ` +
    `Go on with: ${command(operation, name)}`
  );
}

function stopped(operation: Operation, name: string, by: string, soFar: string): string {
  const cutOff = readPending(name).map(
    ({ operation: was, name: what }) => `It was ${was} ${what}.\n`,
  );
  return (
    `${operation} was stopped by ${by}: ` +
    (soFar ? `${soFar}. What was done is on record.\n` : "nothing was done yet.\n") +
    `${cutOff.join("")}Go on with: ${command(operation, name)}`
  );
}
