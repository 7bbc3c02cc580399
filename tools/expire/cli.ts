import { spawn } from "node:child_process";
import { createInterface } from "node:readline/promises";

import { describeFailure, exitStatusOf } from "../command-line/errors.js";
import { Waiting } from "../command-line/heartbeat.js";
import { announce, ignoreBrokenPipe } from "../command-line/output.js";
import { root } from "../paths.js";
import { expiryText } from "../../components/settings/expiry.js";
import { pulumiJson, selectedStack } from "../stacks/pulumi.js";
import { parseOptions, usage } from "./options.js";
import type { AskPulumi } from "./stacks.js";

const say = (line: string): void => void process.stdout.write(`${line}\n`);

async function main(argv: string[]): Promise<void> {
  const options = await parseOptions(argv);
  if (options.do === "help") return say(usage);
  if (options.do === "set") {
    announce(`Setting when ${options.stack ?? "the selected stack"} expires`);
    const stack = options.stack ?? (await new Waiting().answer("Pulumi", selectedStack()));
    return set(stack, options.expiresAt);
  }
  announce("Looking for deployed stacks");
  // Only now: loading them takes as long as all else until then.
  const [{ clusterTime }, { destroyExpired }] = await Promise.all([
    import("./clock.js"),
    import("./expire.js"),
  ]);
  const isPerson = process.stdin.isTTY && process.stdout.isTTY;
  const { answer } = new Waiting();
  const pulumi: AskPulumi = (args) => answer("Pulumi", pulumiJson(args));
  const timeOf = (stack: string) =>
    answer(`the API server of ${stack}`, clusterTime(stack, pulumiJson));
  const hands = { pulumi, say, run, timeOf, ...(isPerson && { ask }) };
  await destroyExpired(hands, options.yes);
}

async function set(stack: string, expiresAt: string | undefined): Promise<void> {
  const value = expiresAt === undefined ? ["rm", "expiresAt"] : ["set", "expiresAt", expiresAt];
  const status = await run("pulumi", ["config", ...value, "--stack", stack, "--non-interactive"]);
  if (status !== 0) {
    process.exitCode = 1;
    return;
  }
  say(expiresAt === undefined ? `${stack} does not expire.` : `${stack} ${expiryText(expiresAt)}.`);
  say(`It counts from the next: pulumi up --stack ${stack}`);
}

async function ask(question: string): Promise<boolean> {
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  try {
    return /^y(es)?$/i.test((await terminal.question(`${question} (y/N) `)).trim());
  } finally {
    terminal.close();
  }
}

function run(command: string, args: string[]): Promise<number> {
  say(`$ ${[command, ...args].join(" ")}`);
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd: root, stdio: "inherit" });
    child.once("error", (error) => {
      process.stderr.write(`${command} cannot be run: ${error.message}\n`);
      resolve(127);
    });
    child.once("close", (code) => resolve(code ?? 1));
  });
}

ignoreBrokenPipe();
await main(process.argv.slice(2)).catch((error: unknown) => {
  process.stderr.write(`${describeFailure(error)}\n`);
  process.exitCode = exitStatusOf(error);
});
