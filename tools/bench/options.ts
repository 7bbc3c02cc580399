import { readArguments } from "../command-line/arguments.js";
import { UsageError } from "../command-line/errors.js";

export const usage = `Usage: npm run bench

Measures on a sandbox of its own, which it makes and takes away, what somebody at the
keyboard waits for: a preview to its first resource, an up with no change, a first up.
Each against what the same engine needs for an empty program, or against the critical
path of its own graph. Takes a few minutes; compare the ratios, on an idle machine.

  --help  this text

Exit status: 0 measured; 1 it did not work; 2 wrong use; 130 stopped by Ctrl-C.`;

/**
 * The command line of the bench, checked: there is nothing to choose.
 *
 * @throws UsageError for whatever is on it.
 */
export function parseOptions(argv: string[]): "help" | "measure" {
  const options = { help: { type: "boolean", short: "h" } } as const;
  const { values, positionals } = readArguments(argv, options, usage);
  if (values.help) return "help";
  if (positionals.length > 0) {
    throw new UsageError(`"${positionals.join(" ")}" is too much; see --help.`);
  }
  return "measure";
}
