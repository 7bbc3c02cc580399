import { readOnStackOrSandbox } from "../command-line/arguments.js";
import { UsageError } from "../command-line/errors.js";

export const usage = `Usage: npm run walk -- [options]

Leads through the walk-through, one stage at a time, from the stack's current stage:
what the next step is about, what it will change, the change, and its expected results.
Enter goes on; ? shows the other keys.

  --name NAME       which sandbox on this machine (default: sandbox)
  --sandbox [NAME]  the same
  --stack S         use a Pulumi stack; needs pulumi on the PATH
  --auto [SECONDS]  continue without waiting for a key, so many seconds after each table
                    (default: 0)
  --help            this text

Exit status: 0 completed, or left with q; 1 a step failed; 2 wrong command line;
130 stopped by Ctrl-C.`;

/** A parsed command line of the walk. */
export interface Options {
  on: { sandbox: string } | { stack: string };
  /** Seconds to wait after each table instead of for a key. */
  auto?: number;
}

/**
 * Parses the command line of the walk.
 *
 * @throws UsageError naming what is wrong and what is valid.
 */
export function parseOptions(argv: string[]): Options | "help" {
  const { rest, auto } = takeAuto(argv);
  const { values, sandbox } = readOnStackOrSandbox(rest, { auto: { type: "boolean" } }, usage);
  if (values.help) return "help";
  const { stack } = values;
  const waits = auto === undefined ? {} : { auto };
  if (stack === undefined) return { on: { sandbox: sandbox ?? "sandbox" }, ...waits };
  if (sandbox) throw new UsageError("--stack and --sandbox cannot be combined.");
  if (stack === "") throw new UsageError("--stack needs the name of a stack.");
  return { on: { stack }, ...waits };
}

/** Takes `--auto`, `--auto N`, or `--auto=N` out of a command line: the parser has no option whose value is optional. */
function takeAuto(argv: string[]): { rest: string[]; auto?: number } {
  const at = argv.findIndex((arg) => arg === "--auto" || arg.startsWith("--auto="));
  if (at < 0) return { rest: argv };
  const [option = "", next = ""] = argv.slice(at);
  const own = option.startsWith("--auto=") ? option.slice("--auto=".length) : undefined;
  const follows = own === undefined && /^\d+$/.test(next);
  const value = own ?? (follows ? next : "0");
  if (!/^\d{1,4}$/.test(value)) {
    throw new UsageError(`--auto "${value}" is not a number of seconds from 0 to 9999.`);
  }
  const rest = [...argv.slice(0, at), ...argv.slice(at + (follows ? 2 : 1))];
  return { rest, auto: Number(value) };
}
