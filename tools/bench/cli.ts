import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { styleText } from "node:util";

import { LocalWorkspace, type Stack } from "@pulumi/pulumi/automation/index.js";

import { backendEnvironment } from "../stacks/sandbox-backend.js";
import { stackFile } from "../stacks/settings-file.js";
import type { Engine } from "../automation/engine.js";
import {
  describeFailure,
  exitStatusOf,
  InterruptedError,
  ToolError,
} from "../command-line/errors.js";
import { Interrupts } from "../automation/interrupts.js";
import { stopDaemon } from "../../emulator/daemon/client.js";
import type { Options } from "../sandbox/options.js";
import { stateDir } from "../paths.js";
import { Progress } from "../automation/progress.js";
import { ignoreBrokenPipe } from "../command-line/output.js";
import { forget, openSession, rowsBefore } from "../sandbox/session.js";
import { command } from "../stacks/sandbox-command.js";
import { status } from "../stacks/sandbox-status.js";
import { logicalName } from "../automation/steps.js";
import { criticalPath, type Leg } from "./critical-path.js";
import { parseOptions, usage } from "./options.js";
import { timed, type Timing, waits } from "./timing.js";

/**
 * Measures how long a person waits, on a new sandbox: each operation against the same engine with an empty program, the
 * first `up` against its critical path. The figures are from one run on one machine; compare the ratios.
 *
 * @throws UsageError for a wrong command line.
 * @throws ToolError if a sandbox of that name exists: what it has already done would not be measured.
 * @throws InterruptedError with its exit status.
 */
async function main(argv: string[]): Promise<void> {
  const options = parseOptions(argv);
  if (options === "help") {
    process.stdout.write(`${usage}\n`);
    return;
  }
  const { name } = options;
  if (existsSync(stackFile(name)) || status(name).running) {
    throw new ToolError(
      `A sandbox named ${name} already exists, perhaps from an interrupted run. Remove it first: ${command("destroy", name)}`,
    );
  }
  const progress = new Progress(process.stderr, rowsBefore);
  const interrupts = new Interrupts((text) => progress.note(text));
  try {
    await Promise.race([measure(name, progress, interrupts), interrupts.abandoned]);
  } catch (error) {
    await progress.end();
    const { status: exit, by } = interrupts;
    throw exit ? new InterruptedError(`Stopped by ${by}. There are no results.`, exit) : error;
  } finally {
    await stopDaemon(stateDir(name));
    forget(name, stackFile(name));
    interrupts.close();
  }
}

async function measure(name: string, progress: Progress, interrupts: Interrupts): Promise<void> {
  let engine: Engine | undefined;
  const options: Options = { command: "up", name, json: false, config: [["verify", false]] };
  const { stack } = await openSession(options, progress, (opened) => {
    interrupts.engine = engine = opened;
  });
  const first = await timed(stack, "up", (event) => progress.event(event));
  await progress.end();
  const edges = await waits(stack);
  const steps = new Map([...first.spans].filter(([urn]) => edges.has(urn)));
  const path = criticalPath(steps, (urn) => edges.get(urn) ?? []);
  const nothing = await emptyStack(name, engine);
  await timed(nothing, "up");
  const rows: [what: string, seconds: number, against: string, seconds: number][] = [];
  for (const operation of ["preview", "up"] as const) {
    const [ours, theirs] = [await timed(stack, operation), await timed(nothing, operation)];
    if (operation === "preview") {
      rows.push(["preview, to the first resource", ours.first, "empty program", theirs.first]);
    }
    rows.push([`${operation}, no change`, ours.total, "empty program", theirs.total]);
  }
  const under = path.reduce((sum, { begin, end }) => sum + end - begin, 0);
  rows.push(["first up", first.total, "its critical path", under]);
  print(rows, path, first);
  await timed(stack, "destroy");
}

/** A stack of the same engine with an empty program. */
function emptyStack(name: string, engine: Engine | undefined): Promise<Stack> {
  const workDir = join(stateDir(name), "empty");
  mkdirSync(workDir, { recursive: true });
  writeFileSync(join(workDir, "Pulumi.yaml"), "name: empty\nruntime: nodejs\n");
  return LocalWorkspace.createOrSelectStack(
    { stackName: "empty", projectName: "empty", program: async () => ({}) },
    {
      workDir,
      envVars: backendEnvironment(name),
      ...(engine && { pulumiCommand: engine.command }),
    },
  );
}

const seconds = (milliseconds: number) => `${(milliseconds / 1000).toFixed(1)} s`.padStart(8);

function print(
  rows: [what: string, took: number, against: string, took: number][],
  path: Leg[],
  { total }: Timing,
): void {
  const lines = rows.map(
    ([what, took, against, base]) =>
      `${what.padEnd(32)}${seconds(took)}   ${against.padEnd(18)}${seconds(base)}   ratio ${(took / base).toFixed(2)}`,
  );
  const width = 40;
  const bars = path.map(({ urn, begin, end, idle }) => {
    const [from, to] = [begin, end].map((at) => Math.round((at / total) * width)) as [
      number,
      number,
    ];
    const bar = `${" ".repeat(from)}${"█".repeat(Math.max(1, to - from))}`.padEnd(width + 1);
    const waited = idle > 500 ? `, ${seconds(idle).trim()} after the previous one` : "";
    return `${logicalName(urn).padEnd(32)}${bar}${seconds(end - begin)}${waited}`;
  });
  const title = styleText("bold", "The critical path of the first up", { stream: process.stdout });
  process.stdout.write(`\n${lines.join("\n")}\n\n${title}\n${bars.join("\n")}\n`);
}

ignoreBrokenPipe();
await main(process.argv.slice(2)).catch((error: unknown) => {
  process.stderr.write(`${describeFailure(error)}\n`);
  process.exit(exitStatusOf(error));
});
