import { parseArgs, type ParseArgsConfig } from "node:util";

import { UsageError } from "./errors.js";

type OptionTypes = NonNullable<ParseArgsConfig["options"]>;

/**
 * Parses a command line.
 *
 * @param usage is shown below the error.
 * @throws UsageError for an unknown option or an option without its value.
 */
export function readArguments<T extends OptionTypes>(argv: string[], options: T, usage: string) {
  try {
    return parseArgs({ args: argv, allowPositionals: true, options });
  } catch (error) {
    throw new UsageError(`${(error as Error).message}\n\n${usage}`);
  }
}

/** @throws UsageError for arguments that a command does not take. */
export function rejectArguments(unexpected: string[], where = ""): void {
  if (unexpected.length === 0) return;
  const words = unexpected.map((word) => `"${word}"`).join(", ");
  const noun = unexpected.length === 1 ? "argument" : "arguments";
  throw new UsageError(`Unexpected ${noun} ${words}${where}; see --help.`);
}

/** Options of every command that {@link readOnStackOrSandbox} parses. */
const onStackOrSandbox = {
  stack: { type: "string" },
  sandbox: { type: "boolean" },
  help: { type: "boolean", short: "h" },
} as const;

/**
 * {@link readArguments} of a command that works on `--stack S` or on `--sandbox [NAME]`.
 *
 * @returns in `sandbox` its validated name, if `--sandbox` was given.
 * @throws UsageError also for an invalid sandbox name or an unexpected argument.
 */
export function readOnStackOrSandbox<T extends OptionTypes>(
  argv: string[],
  options: T,
  usage: string,
) {
  // The parser has no option whose value is optional.
  const args = argv.flatMap((arg) => (arg.startsWith("--sandbox=") ? arg.split("=", 2) : [arg]));
  const read = readArguments(args, { ...options, ...onStackOrSandbox }, usage);
  const { values, positionals } = read;
  const { sandbox, help } = values as { sandbox?: boolean; help?: boolean };
  const [name, ...rest] = positionals;
  if (!help) rejectArguments(sandbox ? rest : positionals);
  return { values, sandbox: sandbox ? validName(name ?? "sandbox", "--sandbox") : undefined };
}

/**
 * Validates a sandbox's name, which becomes part of paths and of the stack's name.
 *
 * @param option that gave the name.
 * @throws UsageError for an invalid name.
 */
export function validName(name: string, option: string): string {
  if (/^[a-z][a-z0-9-]{0,30}$/.test(name)) return name;
  throw new UsageError(
    `${option} "${name}" is not a valid name: use at most 31 lower-case letters, digits, and dashes, starting with a letter.`,
  );
}
