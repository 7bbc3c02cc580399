import { describeFailure, exitStatusOf } from "../command-line/errors.js";
import { announce, ignoreBrokenPipe } from "../command-line/output.js";
import { parseOptions, usage } from "./options.js";
import { titles } from "./pages.js";

/** `npm run dashboard -- --help` */
async function main(argv: string[]): Promise<number> {
  const options = parseOptions(argv);
  if (options === "help") {
    process.stdout.write(`${usage}\n`);
    return 0;
  }
  announce(`Connecting to ${titles[options.page]}`);
  const ended = new Promise<number>((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => resolve(0));
  });
  // The libraries take seconds to load; a wrong command line must not wait for them.
  const shown = import("./show.js").then(({ show }) => show(options));
  return Promise.race([shown, ended]);
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
