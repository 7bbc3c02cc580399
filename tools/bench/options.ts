import { readArguments, rejectArguments, validName } from "../command-line/arguments.js";
import { UsageError } from "../command-line/errors.js";

export const usage = `Usage: npm run bench -- [options]

Creates a sandbox, measures how long a person waits, and destroys it: a command up to its
first line, a preview up to its first resource, a preview and an up without changes, and a
first up. Compares each with a floor: an empty script, an empty program, as many ConfigMaps
through the same plugin, or the critical path of the graph. Takes about five minutes; run it on an idle machine and compare the ratios.

  --name N   the sandbox to create (default: bench)
  --cloud F  OCI takes F times its usual time, e.g. 0.05 (default: 0, no time)
  --save     also add the run to docs/benchmarks.md
  --json     one JSON document on stdout, progress on stderr
  --help     this text

Exit status: 0 measured; 1 failed; 2 wrong command line; 130 stopped by Ctrl-C.`;

export interface BenchOptions {
  name: string;
  /** OCI's time for its work, as a factor of its usual time. */
  cloud: number;
  save: boolean;
  json: boolean;
}

/**
 * Parses the command line of the benchmark.
 *
 * @throws UsageError for an unknown option or an invalid value.
 */
export function parseOptions(argv: string[]): "help" | BenchOptions {
  const options = {
    name: { type: "string", default: "bench" },
    cloud: { type: "string", default: "0" },
    save: { type: "boolean", default: false },
    json: { type: "boolean", default: false },
    help: { type: "boolean", short: "h" },
  } as const;
  const { values, positionals } = readArguments(argv, options, usage);
  if (values.help) return "help";
  rejectArguments(positionals);
  const cloud = Number(values.cloud);
  if (values.cloud === "" || !(cloud >= 0 && cloud <= 1)) {
    throw new UsageError(`--cloud "${values.cloud}" is not a number from 0 to 1.`);
  }
  return {
    name: validName(values.name, "--name"),
    cloud,
    save: values.save,
    json: values.json,
  };
}
