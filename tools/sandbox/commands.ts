import { spawn } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";

import { CommandError } from "@pulumi/pulumi/automation/errors.js";

import type { Inventory } from "../verify/teardown/leftovers.js";
import { markInUse, stopIfUnused } from "./in-use.js";
import { backendFiles } from "../stacks/sandbox-backend.js";
import { checkOverrides } from "./overrides.js";
import { SettingsFile, stackFile, stackName } from "../stacks/settings-file.js";
import { engineMessage } from "../automation/engine.js";
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
import { command } from "../stacks/sandbox-command.js";
import { status } from "../stacks/sandbox-status.js";

/** The result of `up`, `preview`, `refresh`, or `destroy`. */
export interface OperationReport extends Outcome {
  plugins: PluginsInUse;
  /** After a `destroy`: the OCI resources that remain, and what could not be checked. */
  left?: Inventory;
}

/** Runs an operation of the engine on a sandbox; Ctrl-C cancels it. */
export async function runOperation(
  operation: Operation,
  options: Options,
  stream: NodeJS.WriteStream,
): Promise<OperationReport> {
  const wasRunning = status(options.name).running;
  if (!wasRunning && !exists(options.name)) {
    const none = `There is no sandbox "${options.name}" to ${operation}`;
    if (operation === "destroy") {
      stream.write(`${[`${none}.`, ...listSandboxes()].join(" ")}\n`);
      return { ...nothing, plugins: {} as PluginsInUse };
    }
    if (operation === "refresh") {
      throw new ToolError(`${none}. Create it with: ${command("up", options.name)}`);
    }
  }
  // First, so that a wrong key neither waits for a build nor is saved.
  checkOverrides(SettingsFile.read(options.name), options);
  const releaseUse = markInUse(options.name);
  const progress = new Progress(stream, rowsBefore);
  let failed: readonly string[] = [];
  const interrupts = new Interrupts((text) => {
    // Failures from now on are a consequence of the interrupt.
    failed = [...progress.diagnostics];
    progress.note(text);
  });
  const work = async () => {
    const session = await openSession(options, progress, (engine) => (interrupts.engine = engine));
    const outcome = await operate(operation, session.stack, progress, {
      configFile: session.configFile,
      refresh: options.refresh,
    });
    await progress.end();
    if (operation === "up") await verify(options.name, progress.table, stream);
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
      const text = stopped(operation, options.name, interrupts.by, progress.soFar);
      throw new InterruptedError([...failed, text].join("\n\n"), interrupts.status);
    }
    if (progress.diagnostics.length > 0) {
      throw new ToolError(engineFailure(operation, options.name, progress.diagnostics));
    }
    // The engine was killed or did not start: only its own output explains the failure.
    if (!(error instanceof CommandError)) throw error;
    throw new ToolError(engineFailure(operation, options.name, [engineMessage(error.message)]));
  } finally {
    interrupts.close();
    releaseUse();
    if (operation === "preview" && !wasRunning) await stopIfUnused(options.name);
  }
}

/**
 * Ends an `up` with a verification report: the graph's own, or a new one if the graph had nothing to check or deferred
 * the verification on the way back to an earlier stage.
 */
async function verify(name: string, table: string, stream: NodeJS.WriteStream): Promise<void> {
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
  // 3: something could not be checked; the report says what.
  if (code !== 0 && code !== 3) {
    throw new ToolError(
      `The sandbox is up, but it failed verification; see the red rows.\n` +
        `Verify again with: npm run -s verify -- --sandbox ${name}`,
    );
  }
}

/** Whether a sandbox has settings or state; one of them may be lost. */
function exists(name: string): boolean {
  return existsSync(stackFile(name)) || existsSync(backendFiles(name).state);
}

function listSandboxes(): string[] {
  const all = dirname(stateDir("any"));
  const names = existsSync(all) ? readdirSync(all).filter(exists) : [];
  return names.length > 0 ? [`Existing sandboxes: ${names.join(", ")}.`] : [];
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
    `${operation === "preview" ? "Nothing was changed" : "The stack's state records what was done"}. Logs are in ${join(stateDir(name), "logs")}. ` +
    `Continue with: ${command(operation, name)}`
  );
}

function stopped(operation: Operation, name: string, by: string, soFar: string): string {
  const cutOff = readPending(name).map(
    ({ operation: was, name: what }) => `It was ${was} ${what}.\n`,
  );
  return (
    `${operation} was stopped by ${by}: ` +
    (soFar ? `${soFar}. The stack's state records what was done.\n` : "nothing was changed.\n") +
    `${cutOff.join("")}Continue with: ${command(operation, name)}`
  );
}
