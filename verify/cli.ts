import { text as readAll } from "node:stream/consumers";

import * as pulumi from "@pulumi/pulumi";

import { kubeConfig } from "../components/existing/inspect.js";
import { Unchecked } from "./cluster/access.js";
import { kubernetesCluster } from "./cluster/kubernetes.js";
import { verifyInput } from "./input.js";
import type { VerifyInput } from "./input.js";
import { renderReport } from "./render.js";
import { exitCode } from "./report.js";
import type { Report } from "./report.js";
import { parseOptions, usage } from "./usage.js";
import type { Options } from "./usage.js";
import { verify } from "./verify.js";

/** `npm run -s verify -- --help` */
async function main(argv: string[]): Promise<number> {
  const options = parseOptions(argv);
  if (options === "help") {
    process.stdout.write(`${usage}\n`);
    return 0;
  }
  if (options.from === "stdin") return inGraph(options);
  const { targetOf, verifyInputOf } = await import("./target.js");
  const target = await targetOf(options.from);
  if (options.destroyed) {
    const { teardownInventory } = await import("./teardown/prove.js");
    const { exitCode, renderInventory } = await import("./teardown/leftovers.js");
    const inventory = await teardownInventory(target);
    process.stdout.write(options.json ? json(inventory) : renderInventory(target.title, inventory));
    return exitCode(inventory);
  }
  const report = await check(await verifyInputOf(target, options), options);
  if (process.stderr.isTTY) process.stderr.write(clearLine);
  const { columns, isTTY } = process.stdout;
  const render = { width: columns, colour: isTTY && !process.env["NO_COLOR"] };
  process.stdout.write(options.json ? json(report) : renderReport(report, render));
  return exitCode(report);
}

/**
 * As the graph's last resource: input on stdin, wide lines, since the engine's display cuts none. The command
 * provider logs stdout and puts both streams into the error of a command that fails, so a red table goes to
 * stderr, to be read once. What could not be checked is said and fails nothing.
 */
async function inGraph(options: Options): Promise<number> {
  const input = verifyInput.parse(JSON.parse(await readAll(process.stdin)));
  const report = await check(input, options);
  const failed = report.verdict === "red";
  (failed ? process.stderr : process.stdout).write(renderReport(report, { width: 120 }));
  return failed ? 1 : 0;
}

function check(input: VerifyInput, options: Options): Promise<Report> {
  const cluster = kubernetesCluster(kubeConfig(input), input.namespace);
  const deferrable = options.from === "stdin";
  return verify(input, cluster, {
    settleSeconds: options.settleSeconds,
    deferrable,
    onLook: deferrable || options.json ? undefined : sayPending,
  });
}

/** One line on a terminal while the mesh settles. */
function sayPending({ rows, seconds }: Report): void {
  if (!process.stderr.isTTY) return;
  const names = rows.filter(({ verdict }) => verdict !== "green").map(({ what }) => what);
  const line = `settling, ${seconds.toFixed(0)} s: ${names.join("; ")}`;
  process.stderr.write(clearLine + line.slice(0, (process.stderr.columns || 80) - 1));
}

const json = (value: unknown) => `${JSON.stringify(value, null, 2)}\n`;
const clearLine = "\r\u001b[K";

/** Mistakes of the person who calls are sentences; only our own faults have a stack trace. */
function failed(error: unknown): number {
  const { message, stack, name } = error instanceof Error ? error : new Error(String(error));
  const spoken =
    ["UsageError", "Unchecked", "SandboxError"].includes(name) || pulumi.RunError.isInstance(error);
  process.stderr.write(`${spoken ? message : stack}\n`);
  return error instanceof Unchecked ? 3 : 2;
}

// Time limits leave timers and sockets behind that nobody waits for.
process.exit(await main(process.argv.slice(2)).catch(failed));
