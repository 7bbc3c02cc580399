import { printJsonError } from "../command-line/output.js";
import { exitStatusOf, isActionable } from "../command-line/errors.js";
import { UncheckedError } from "./finding.js";
import { PulumiMissing } from "../stacks/pulumi.js";
import { parseOptions, usage } from "./options.js";
import { VerifyProgress } from "./output/progress.js";

/** `npm run -s verify -- --help` */
async function main(argv: string[]): Promise<number> {
  const options = parseOptions(argv);
  if (options === "help") {
    process.stdout.write(`${usage}\n`);
    return 0;
  }
  const { from, json } = options;
  const progress =
    json || from === "stdin" ? undefined : new VerifyProgress(doing(from, options.destroyed));
  try {
    // The Kubernetes and Pulumi libraries take seconds to load; a wrong command line must not wait for them.
    const commands = await import("./commands.js");
    if (from === "stdin") return await commands.inGraph(options);
    return await commands.byHand(from, options, progress);
  } finally {
    progress?.end();
  }
}

function doing(from: { stack?: string } | { sandbox: string }, destroyed: boolean): string {
  const what =
    "sandbox" in from
      ? `the sandbox "${from.sandbox}"`
      : from.stack === undefined
        ? "the selected stack"
        : `stack ${from.stack}`;
  return destroyed ? `Checking that nothing is left of ${what}` : `Verifying ${what}`;
}

async function failed(error: unknown): Promise<number> {
  const { stack, message: cause } = error instanceof Error ? error : new Error(String(error));
  const actionable =
    isActionable(error) || (await import("@pulumi/pulumi")).RunError.isInstance(error);
  const sandbox = "\nOr verify a sandbox: npm run -s verify -- --sandbox";
  const message = error instanceof PulumiMissing ? cause + sandbox : cause;
  process.stderr.write(`${actionable ? message : stack}\n`);
  printJsonError(argv, message);
  return error instanceof UncheckedError ? 3 : exitStatusOf(error);
}

const argv = process.argv.slice(2);
// Do not wait for the timers and sockets that time limits leave behind.
process.exit(await main(argv).catch(failed));
