import { describeFailure, exitStatusOf } from "../command-line/errors.js";
import { announce, ignoreBrokenPipe } from "../command-line/output.js";
import { parseOptions, usage } from "./options.js";

/** `npm run bench -- --help` */
async function main(argv: string[]): Promise<void> {
  const options = parseOptions(argv);
  if (options === "help") {
    process.stdout.write(`${usage}\n`);
    return;
  }
  announce(`Measuring on a new sandbox "${options.name}"`);
  const { bench } = await import("./bench.js");
  await bench(options);
}

ignoreBrokenPipe();
await main(process.argv.slice(2)).catch((error: unknown) => {
  process.stderr.write(`${describeFailure(error)}\n`);
  process.exit(exitStatusOf(error));
});
