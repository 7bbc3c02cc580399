import { writeFileSync } from "node:fs";
import { text as readAll } from "node:stream/consumers";

import { connectTo } from "../../components/kubeconfig/connect.js";
import { kubernetesCluster } from "./cluster/kubernetes.js";
import { verifyInput } from "../../components/verification/input.js";
import type { VerifyInput } from "../../components/verification/input.js";
import { ToolError } from "../command-line/errors.js";
import { hiddenIn, hidingAccess } from "../stacks/hidden.js";
import { isLive } from "../command-line/terminal.js";
import { junit } from "./output/junit.js";
import type { VerifyProgress } from "./output/progress.js";
import { renderReport } from "./render.js";
import { leaveReport } from "./output/report-file.js";
import { exitCode } from "./report.js";
import type { Report } from "./report.js";
import { exitCode as leftoversExit, renderInventory } from "./teardown/leftovers.js";
import type { Inventory } from "./teardown/leftovers.js";
import type { Options } from "./options.js";
import type { VerifyTarget } from "./target.js";
import { verify } from "./verify.js";
import type { VerifyOptions } from "./verify.js";

/** Prints the report, or after a teardown what is left. @returns the exit status that `--help` documents. */
export async function byHand(
  from: Exclude<Options["from"], "stdin">,
  options: Options,
  progress?: VerifyProgress,
): Promise<number> {
  progress?.begin();
  const { targetOf } = await import("./target.js");
  if (options.destroyed && "sandbox" in from) {
    const { goneSandbox } = await import("./teardown/sandbox.js");
    const gone = await goneSandbox(from.sandbox);
    if (gone)
      return printInventory(`sandbox ${from.sandbox} is gone, and its OCI with it`, gone, options);
  }
  const target = await targetOf(from);
  const { hide = (text: string) => text } = target;
  try {
    return await about(target, hide, options, progress);
  } catch (error) {
    return hidden(hide)(error);
  }
}

/** Throws an error again, without secrets. */
const hidden =
  (hide: (text: string) => string) =>
  (error: unknown): never => {
    if (error instanceof Error) {
      error.message = hide(error.message);
      error.stack = hide(error.stack ?? "");
    }
    throw error;
  };

async function about(
  target: VerifyTarget,
  hide: (text: string) => string,
  options: Options,
  progress?: VerifyProgress,
): Promise<number> {
  if (options.destroyed) {
    const { teardownInventory } = await import("./teardown/prove.js");
    const { title, sandboxNote } = target;
    const inventory = hiddenIn(await teardownInventory(target), hide);
    return printInventory(title, inventory, options, sandboxNote);
  }
  const { verifyInputOf } = await import("./target.js");
  const input = await verifyInputOf(target, options);
  const { settleSeconds } = options;
  const report = hiddenIn(await check(input, { settleSeconds, onRound: progress?.round }), hide);
  progress?.end();
  leaveReport(report);
  if (options.junit !== undefined) writeJunit(options.junit, report);
  const { columns } = process.stdout;
  const render = { width: columns, color: isLive(process.stdout) && !process.env["NO_COLOR"] };
  process.stdout.write(options.json ? json(report) : renderReport(report, render));
  return exitCode(report);
}

function writeJunit(file: string, report: Report): void {
  try {
    writeFileSync(file, junit(report));
  } catch (error) {
    throw new ToolError(`--junit ${file} cannot be written: ${(error as Error).message}`);
  }
}

function printInventory(
  title: string,
  inventory: Inventory,
  options: Options,
  note?: string,
): number {
  const text = options.json ? json(inventory) : renderInventory(title, inventory, note);
  process.stdout.write(text);
  return leftoversExit(inventory);
}

/**
 * Runs as the graph's last resource: input on stdin, wide lines, since the engine's display does not wrap. The command
 * provider logs stdout and puts both streams into the error of a failed command, so a red report goes to stderr and
 * appears once. What could not be checked is reported and does not fail.
 */
export async function inGraph({ settleSeconds }: Options): Promise<number> {
  const input = verifyInput.parse(JSON.parse(await readAll(process.stdin)));
  const hide = hidingAccess(input);
  const checked = check(input, { settleSeconds, deferrable: true });
  const report = hiddenIn(await checked.catch(hidden(hide)), hide);
  leaveReport(report);
  const failed = report.verdict === "red";
  (failed ? process.stderr : process.stdout).write(renderReport(report, { width: 120 }));
  return failed ? 1 : 0;
}

/**
 * Checks a cluster against the expected results.
 *
 * @throws pulumi.RunError for a kubeconfig that kubectl would refuse.
 */
export async function check(input: VerifyInput, options: VerifyOptions): Promise<Report> {
  return verify(input, kubernetesCluster(connectTo(input), input.namespace), options);
}

const json = (value: unknown) => `${JSON.stringify(value, null, 2)}\n`;
