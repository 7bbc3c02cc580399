import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";

import type { Stack } from "@pulumi/pulumi/automation/index.js";

import { stackFile } from "../stacks/settings-file.js";
import type { Engine } from "../automation/engine.js";
import { InterruptedError, ToolError } from "../command-line/errors.js";
import { Interrupts } from "../automation/interrupts.js";
import { stopDaemon } from "../../emulator/daemon/client.js";
import { describePlugins } from "../../emulator/plugin-discovery/discover.js";
import { root, stateDir } from "../paths.js";
import { Progress } from "../automation/progress.js";
import { forget, openSession, rowsBefore } from "../sandbox/session.js";
import { command } from "../stacks/sandbox-command.js";
import { status } from "../stacks/sandbox-status.js";
import { criticalPath, longestGaps } from "./critical-path.js";
import { describe, type Figure, type Findings, median, pathTime, withRow } from "./figures.js";
import { emptyScript, firstLine } from "./first-line.js";
import { configMapStack, emptyStack } from "./floors.js";
import type { BenchOptions } from "./options.js";
import { countBusy } from "./processors.js";
import { timed, waits } from "./timing.js";

/** How often what takes seconds is measured. */
const rounds = 3;

/**
 * Measures how long a person waits, on a new sandbox: each operation against its floor, the first `up` against its
 * critical path. The figures are from one run on one machine; compare the ratios.
 *
 * @throws ToolError if a sandbox of that name exists: what it has already done would not be measured.
 * @throws InterruptedError with its exit status.
 */
export async function bench(options: BenchOptions): Promise<void> {
  const { name, cloud } = options;
  if (existsSync(stackFile(name)) || status(name).running) {
    throw new ToolError(
      `A sandbox named ${name} already exists, perhaps from an interrupted run. Remove it first: ${command("destroy", name)}`,
    );
  }
  // The daemon, which is not running yet, reads it as it starts.
  process.env["SANDBOX_LATENCY"] = String(cloud);
  const progress = new Progress(process.stderr, rowsBefore);
  const interrupts = new Interrupts((text) => progress.note(text));
  try {
    const findings = await Promise.race([
      measure(options, progress, interrupts),
      interrupts.abandoned,
    ]);
    await report(findings, options);
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

async function measure(
  { name, cloud }: BenchOptions,
  progress: Progress,
  interrupts: Interrupts,
): Promise<Findings> {
  let engine: Engine | undefined;
  const { stack, plugins } = await openSession(
    { command: "up", name, json: false, config: [["verify", false]] },
    progress,
    (opened) => {
      interrupts.engine = engine = opened;
    },
  );
  if (!engine) throw new Error("the session has no engine");
  const stopCounting = countBusy();
  const first = await timed(stack, "up", (event) => progress.event(event));
  const busy = stopCounting();
  await progress.end();
  const edges = await waits(stack);
  const steps = new Map([...first.spans].filter(([urn]) => edges.has(urn)));
  const path = criticalPath(steps, (urn) => edges.get(urn) ?? []);
  const empty = await emptyStack(name, engine);
  const configMaps = await configMapStack(name, engine, steps.size);
  for (const floor of [empty, configMaps]) await timed(floor, "up");
  const count = `${steps.size} ConfigMaps`;
  const figures: Figure[] = [
    ...(await compare(name, stack, empty, configMaps, count, (note) => progress.note(note))),
    {
      ...{ what: "first up", took: first.total, goal: 1.15 },
      ...{ against: "its critical path", floor: pathTime(path) },
    },
  ];
  await timed(configMaps, "destroy");
  await timed(stack, "destroy");
  return {
    date: new Date().toISOString(),
    processors: availableParallelism(),
    cloud,
    plugins: describePlugins(plugins),
    figures,
    first: { total: first.total, busy, path, gaps: longestGaps(path, steps) },
  };
}

/** What changes nothing, in turns with its floor, so that both meet the same machine. */
async function compare(
  name: string,
  stack: Stack,
  empty: Stack,
  configMaps: Stack,
  count: string,
  note: (text: string) => void,
): Promise<Figure[]> {
  const times = {
    ...{ line: [] as number[], lineFloor: [] as number[] },
    ...{ first: [] as number[], empty: [] as number[] },
    ...{ preview: [] as number[], previewFloor: [] as number[] },
    ...{ up: [] as number[], upFloor: [] as number[] },
  };
  for (let round = 1; round <= rounds; round++) {
    note(`Round ${round} of ${rounds} without a change.`);
    times.line.push(await firstLine(name));
    times.lineFloor.push(await emptyScript());
    const preview = await timed(stack, "preview");
    times.first.push(preview.first);
    times.preview.push(preview.total);
    times.empty.push((await timed(empty, "preview")).first);
    times.previewFloor.push((await timed(configMaps, "preview")).total);
    times.up.push((await timed(stack, "up")).total);
    times.upFloor.push((await timed(configMaps, "up")).total);
  }
  return [
    {
      ...{ what: "a command, to its first line", took: median(times.line), goal: 2 },
      ...{ against: "empty script", floor: median(times.lineFloor) },
    },
    {
      ...{ what: "preview, to the first resource", took: median(times.first), goal: 1.4 },
      ...{ against: "empty program", floor: median(times.empty) },
    },
    {
      ...{ what: "preview, no change", took: median(times.preview), goal: 1.2 },
      ...{ against: count, floor: median(times.previewFloor) },
    },
    {
      ...{ what: "up, no change", took: median(times.up), goal: 1.2 },
      ...{ against: count, floor: median(times.upFloor) },
    },
  ];
}

async function report(findings: Findings, { json, save }: BenchOptions): Promise<void> {
  process.stdout.write(`${json ? JSON.stringify(findings, null, 2) : `\n${describe(findings)}`}\n`);
  if (!save) return;
  const file = join(root, "docs", "benchmarks.md");
  writeFileSync(file, await withRow(readFileSync(file, "utf8"), findings));
}
