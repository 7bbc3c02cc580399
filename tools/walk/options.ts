import { readOnStackOrSandbox } from "../command-line/arguments.js";
import { UsageError } from "../command-line/errors.js";

export const usage = `Usage: npm run walk -- [options]

Goes through the walk-through stage by stage, from where the stack is: what the
next step is about and what it will change, the change, and the table of what
must hold after it.

  --sandbox [NAME]  on a sandbox of this machine (the default; NAME: sandbox)
  --stack S         on a Pulumi stack; needs pulumi on the PATH
  --auto            go on without waiting for a key
  --help            this text

Exit status: 0 at the end, or left with q; 1 a step did not work; 2 wrong use;
130 stopped by Ctrl-C.`;

/** One call of the walk, as typed. */
export interface Options {
  on: { sandbox: string } | { stack: string };
  auto: boolean;
}

/**
 * The command line of the walk, checked.
 *
 * @throws UsageError naming what is wrong and what is offered.
 */
export function parseOptions(argv: string[]): Options | "help" {
  const { values, sandbox } = readOnStackOrSandbox(argv, { auto: { type: "boolean" } }, usage);
  if (values.help) return "help";
  const { stack, auto = false } = values;
  if (stack === undefined) return { on: { sandbox: sandbox ?? "sandbox" }, auto };
  if (sandbox) throw new UsageError("--stack and --sandbox exclude each other.");
  if (stack === "") throw new UsageError("--stack needs the name of a stack.");
  return { on: { stack }, auto };
}
