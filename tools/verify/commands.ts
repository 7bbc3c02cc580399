import { text as readAll } from "node:stream/consumers";

import { kubeConfig } from "../../components/existing/inspect.js";
import { kubernetesCluster } from "./cluster/kubernetes.js";
import { verifyInput } from "../../components/verification/input.js";
import type { VerifyInput } from "../../components/verification/input.js";
import { renderReport } from "./render.js";
import { exitCode } from "./report.js";
import type { Report } from "./report.js";
import { exitCode as leftoversExit, renderInventory } from "./teardown/leftovers.js";
import type { Inventory } from "./teardown/leftovers.js";
import type { Options } from "./options.js";
import { verify } from "./verify.js";
import type { VerifyOptions } from "./verify.js";

/** The table, or after a teardown what is left, on stdout; the exit status as `--help` says. */
export async function byHand(
  from: Exclude<Options["from"], "stdin">,
  options: Options,
): Promise<number> {
  const { targetOf, verifyInputOf } = await import("./target.js");
  if (options.destroyed && "sandbox" in from) {
    const { goneSandbox } = await import("./teardown/sandbox.js");
    const gone = await goneSandbox(from.sandbox);
    if (gone) return proof(`sandbox ${from.sandbox} is gone, and its OCI with it`, gone, options);
  }
  const target = await targetOf(from);
  if (options.destroyed) {
    const { teardownInventory } = await import("./teardown/prove.js");
    const { title, standing } = target;
    return proof(title, await teardownInventory(target), options, standing);
  }
  const input = await verifyInputOf(target, options);
  const { settleSeconds } = options;
  const onTerminal = process.stderr.isTTY && !options.json;
  const report = await check(input, { settleSeconds, onLook: onTerminal ? sayPending : undefined });
  if (onTerminal) process.stderr.write(clearLine);
  const { columns, isTTY } = process.stdout;
  const render = { width: columns, color: isTTY && !process.env["NO_COLOR"] };
  process.stdout.write(options.json ? json(report) : renderReport(report, render));
  return exitCode(report);
}

function proof(title: string, inventory: Inventory, options: Options, standing?: string): number {
  const text = options.json ? json(inventory) : renderInventory(title, inventory, standing);
  process.stdout.write(text);
  return leftoversExit(inventory);
}

/**
 * As the graph's last resource: input on stdin, wide lines, since the engine's display cuts none. The command
 * provider logs stdout and puts both streams into the error of a command that fails, so a red table goes to
 * stderr, to be read once. What could not be checked is said and fails nothing.
 */
export async function inGraph({ settleSeconds }: Options): Promise<number> {
  const input = verifyInput.parse(JSON.parse(await readAll(process.stdin)));
  const report = await check(input, { settleSeconds, deferrable: true });
  const failed = report.verdict === "red";
  (failed ? process.stderr : process.stdout).write(renderReport(report, { width: 120 }));
  return failed ? 1 : 0;
}

/**
 * Holds a cluster against the table.
 *
 * @throws UncheckedError when the kubeconfig names no cluster.
 */
export async function check(input: VerifyInput, options: VerifyOptions): Promise<Report> {
  return verify(input, kubernetesCluster(kubeConfig(input), input.namespace), options);
}

/** One line on a terminal while the mesh settles. */
function sayPending({ rows, seconds }: Report): void {
  const names = rows.filter(({ verdict }) => verdict !== "green").map(({ what }) => what);
  const line = `settling, ${seconds.toFixed(0)} s: ${names.join("; ")}`;
  process.stderr.write(clearLine + line.slice(0, (process.stderr.columns || 80) - 1));
}

const json = (value: unknown) => `${JSON.stringify(value, null, 2)}\n`;
const clearLine = "\r\u001b[K";
