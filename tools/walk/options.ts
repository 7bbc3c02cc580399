import { readOnStackOrSandbox } from "../command-line/arguments.js";
import { UsageError } from "../command-line/errors.js";

export const usage = `Usage: npm run walk -- [options]

Leads through the walk-through, one stage at a time, from the stack's current stage:
what the next step is about, what it will change, the change, and its expected results.

  --sandbox [NAME]  use a sandbox on this machine (the default; NAME: sandbox)
  --stack S         use a Pulumi stack; needs pulumi on the PATH
  --auto            continue without waiting for a key
  --help            this text

Exit status: 0 completed, or left with q; 1 a step failed; 2 wrong command line;
130 stopped by Ctrl-C.`;

/** A parsed command line of the walk. */
export interface Options {
  on: { sandbox: string } | { stack: string };
  auto: boolean;
}

/**
 * Parses the command line of the walk.
 *
 * @throws UsageError naming what is wrong and what is valid.
 */
export function parseOptions(argv: string[]): Options | "help" {
  const { values, sandbox } = readOnStackOrSandbox(argv, { auto: { type: "boolean" } }, usage);
  if (values.help) return "help";
  const { stack, auto = false } = values;
  if (stack === undefined) return { on: { sandbox: sandbox ?? "sandbox" }, auto };
  if (sandbox) throw new UsageError("--stack and --sandbox cannot be combined.");
  if (stack === "") throw new UsageError("--stack needs the name of a stack.");
  return { on: { stack }, auto };
}
