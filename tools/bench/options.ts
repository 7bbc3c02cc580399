import { readArguments, rejectArguments, validName } from "../command-line/arguments.js";

export const usage = `Usage: npm run bench -- [options]

Creates a sandbox, measures how long a person waits, and destroys it: a preview up to its
first resource, an up without changes, and a first up. Compares each with the same engine's
time for an empty program, or with the critical path of the graph. Takes a few minutes; run
it on an idle machine and compare the ratios.

  --name N  the sandbox to create (default: bench)
  --help    this text

Exit status: 0 measured; 1 failed; 2 wrong command line; 130 stopped by Ctrl-C.`;

/**
 * Parses the command line of the benchmark.
 *
 * @throws UsageError for an invalid name or any other argument.
 */
export function parseOptions(argv: string[]): "help" | { name: string } {
  const options = {
    name: { type: "string", default: "bench" },
    help: { type: "boolean", short: "h" },
  } as const;
  const { values, positionals } = readArguments(argv, options, usage);
  if (values.help) return "help";
  rejectArguments(positionals);
  return { name: validName(values.name, "--name") };
}
