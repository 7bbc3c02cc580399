import { join } from "node:path";

import { CommandError } from "@pulumi/pulumi/automation/errors.js";

import type { Inventory } from "../verify/teardown/leftovers.js";
import type { Report } from "../verify/report.js";
import { markInUse, stopAfterPreview } from "./in-use.js";
import { checkOverrides } from "./overrides.js";
import { SettingsFile } from "../stacks/settings-file.js";
import { engineMessage } from "../automation/engine.js";
import { InterruptedError, ToolError } from "../command-line/errors.js";
import { Interrupts } from "../automation/interrupts.js";
import { noResourceNames, type Operation, operate, type Outcome } from "../automation/operation.js";
import type { Options } from "./options.js";
import { stateDir } from "../paths.js";
import type { PluginsInUse } from "../../emulator/plugin-discovery/discover.js";
import { Progress } from "../automation/progress.js";
import { readPending } from "./recovery/interruption.js";
import { openSession, rowsBefore } from "./session.js";
import { forgetReport, lastReport, tableFor, verified } from "./verification.js";
import { command } from "../stacks/sandbox-command.js";
import { status } from "../stacks/sandbox-status.js";
import { existingSandboxes, sandboxExists } from "../stacks/sandboxes.js";

/** The result of `up`, `preview`, `refresh`, or `destroy`. */
export interface OperationReport extends Outcome {
  /** Wall time of the whole command, in seconds: tools, operation, and verification. */
  seconds: number;
  plugins: PluginsInUse;
  /** After an `up`: the report of its verification, unless the settings turn it off. */
  verification?: Report;
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
  if (!wasRunning && !sandboxExists(options.name)) {
    const none = `There is no sandbox "${options.name}" to ${operation}`;
    if (operation === "destroy") {
      stream.write(`${[`${none}.`, ...existingSandboxes()].join(" ")}\n`);
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
  const work = async (): Promise<OperationReport> => {
    forgetReport(options.name);
    const session = await openSession(options, progress, (engine) => (interrupts.engine = engine));
    const outcome = await operate(operation, session.stack, progress, {
      configFile: session.configFile,
      refresh: options.refresh,
    });
    const plugins = session.plugins;
    const verification = operation === "up" ? await verified(options.name, progress) : undefined;
    const leftovers = operation === "destroy" ? await import("./leftovers.js") : undefined;
    const left = await leftovers?.removeDestroyed(session.stack, options.name, progress);
    await close();
    if (verification) {
      stream.write(`\n${tableFor(verification, stream)}`);
      if (verification.verdict === "red") throw new RedError(options.name, verification);
    }
    if (left) leftovers?.refuseLeftovers(left);
    return {
      ...outcome,
      seconds: sinceStart(),
      plugins,
      ...(verification && { verification }),
      ...(left && { left }),
    };
  };
  const close = async () => {
    if (operation === "preview" && !wasRunning) await stopAfterPreview(options.name, progress);
    await progress.end();
  };
  try {
    return await Promise.race([work(), interrupts.abandoned]);
  } catch (error) {
    await close();
    if (interrupts.status) {
      const text = stopped(operation, options.name, interrupts.by, progress.soFar);
      throw new InterruptedError([...failed, text].join("\n\n"), interrupts.status);
    }
    if (error instanceof RedError) throw error;
    if (progress.diagnostics.length > 0) {
      const report = lastReport(options.name);
      if (report?.verdict !== "red") {
        throw new ToolError(engineFailure(operation, options.name, progress.diagnostics));
      }
      // The table as text in the engine's error has the width of a log.
      stream.write(`\n${tableFor(report, stream)}`);
      const others = progress.diagnostics.filter((text) => !text.startsWith(`${verifier}: `));
      throw new RedError(options.name, report, others);
    }
    // The engine was killed or did not start: only its own output explains the failure.
    if (!(error instanceof CommandError)) throw error;
    throw new ToolError(engineFailure(operation, options.name, [engineMessage(error.message)]));
  } finally {
    interrupts.close();
    releaseUse();
  }
}

/** The resource of the graph that runs the verification. */
const verifier = "verification-command";

/** The stack is up and its verification red; the table that names the causes has been shown. */
export class RedError extends ToolError {
  /** @param others errors of the engine besides the verification's. */
  constructor(
    name: string,
    readonly verification: Report,
    others: readonly string[] = [],
  ) {
    const [healing] = verification.remedies;
    const again = `npm run -s verify -- --name ${name}`;
    const next = `Logs are in ${join(stateDir(name), "logs")}. Continue with: ${healing?.command ?? again}`;
    const failed = `The sandbox is up, but it failed verification; see the red rows.\n${next}`;
    super([...others, failed].join("\n\n"));
  }
}

/** Since this process began, in seconds. */
const sinceStart = () => Math.round(process.uptime() * 10) / 10;

const nothing: Outcome = {
  changes: { create: 0, update: 0, replace: 0, delete: 0, same: 0 },
  resources: noResourceNames(),
  details: [],
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
