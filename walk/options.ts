import { parseArgs } from "node:util";

import { UsageError } from "../sandbox/errors.js";

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
  const { values, positionals } = read(argv);
  if (values.help) return "help";
  const { stack, sandbox, auto = false } = values;
  const [name, ...rest] = positionals;
  if (rest.length > 0 || (name !== undefined && !sandbox)) {
    throw new UsageError(`"${positionals.join(" ")}" is too much; see --help.`);
  }
  if (stack === undefined) return { on: { sandbox: usable(name ?? "sandbox") }, auto };
  if (sandbox) throw new UsageError("--stack and --sandbox exclude each other.");
  if (stack === "") throw new UsageError("--stack needs the name of a stack.");
  return { on: { stack }, auto };
}

function usable(name: string): string {
  if (/^[a-z][a-z0-9-]{0,30}$/.test(name)) return name;
  throw new UsageError(
    `--sandbox "${name}" is not usable: lower case letters, digits and dashes, a letter first, at most 31.`,
  );
}

function read(argv: string[]) {
  try {
    return parseArgs({
      // A name is optional, which the parser does not know of an option with a value.
      args: argv.flatMap((arg) => (arg.startsWith("--sandbox=") ? arg.split("=", 2) : [arg])),
      allowPositionals: true,
      options: {
        stack: { type: "string" },
        sandbox: { type: "boolean" },
        auto: { type: "boolean" },
        help: { type: "boolean", short: "h" },
      },
    });
  } catch (error) {
    throw new UsageError(`${(error as Error).message}\n\n${usage}`);
  }
}
