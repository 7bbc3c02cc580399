import { printJsonError } from "../command-line/output.js";
import { isActionable } from "../command-line/errors.js";
import { UncheckedError } from "./finding.js";
import { PulumiMissing } from "../stacks/pulumi.js";
import { parseOptions, usage } from "./options.js";

/** `npm run -s verify -- --help` */
async function main(argv: string[]): Promise<number> {
  const options = parseOptions(argv);
  if (options === "help") {
    process.stdout.write(`${usage}\n`);
    return 0;
  }
  // Clients of Kubernetes and Pulumi take seconds to load, which a mistake need not wait for.
  const commands = await import("./commands.js");
  if (options.from === "stdin") return commands.inGraph(options);
  return commands.byHand(options.from, options);
}

/** Mistakes of the person who calls are sentences; only our own faults have a stack trace. */
async function failed(error: unknown): Promise<number> {
  const { stack, message: said } = error instanceof Error ? error : new Error(String(error));
  const spoken = isActionable(error) || (await import("@pulumi/pulumi")).RunError.isInstance(error);
  const sandbox = "\nOr check a sandbox: npm run -s verify -- --sandbox";
  const message = error instanceof PulumiMissing ? said + sandbox : said;
  process.stderr.write(`${spoken ? message : stack}\n`);
  printJsonError(argv, message);
  return error instanceof UncheckedError ? 3 : 2;
}

const argv = process.argv.slice(2);
// Time limits leave timers and sockets behind that nobody waits for.
process.exit(await main(argv).catch(failed));
