import { describeFailure, exitStatusOf } from "../command-line/errors.js";
import { ignoreBrokenPipe } from "../command-line/output.js";
import { parseOptions, usage } from "./options.js";

/** `npm run dashboard -- --help` */
async function main(argv: string[]): Promise<number> {
  const options = parseOptions(argv);
  if (options === "help") {
    process.stdout.write(`${usage}\n`);
    return 0;
  }
  const ended = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => ended.abort());
  // The libraries take seconds to load; a wrong command line must not wait for them.
  const { show } = await import("./show.js");
  await show(options, ended.signal);
  return 0;
}

async function failed(error: unknown): Promise<number> {
  // A kubeconfig that kubectl would refuse.
  const isRunError = (await import("@pulumi/pulumi")).RunError.isInstance(error);
  process.stderr.write(`${isRunError ? error.message : describeFailure(error)}\n`);
  return exitStatusOf(error);
}

ignoreBrokenPipe();
// Do not wait for what a port-forward leaves behind.
process.exit(await main(process.argv.slice(2)).catch(failed));
