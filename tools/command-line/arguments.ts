import { parseArgs, type ParseArgsConfig } from "node:util";

import { UsageError } from "./errors.js";

type OptionTypes = NonNullable<ParseArgsConfig["options"]>;

/**
 * What was typed, by option.
 *
 * @param usage is shown below what is wrong.
 * @throws UsageError for an option that there is not, or that lacks its value.
 */
export function readArguments<T extends OptionTypes>(argv: string[], options: T, usage: string) {
  try {
    return parseArgs({ args: argv, allowPositionals: true, options });
  } catch (error) {
    throw new UsageError(`${(error as Error).message}\n\n${usage}`);
  }
}

/** For {@link readOnStackOrSandbox}: a command's own options come beside them. */
const onStackOrSandbox = {
  stack: { type: "string" },
  sandbox: { type: "boolean" },
  help: { type: "boolean", short: "h" },
} as const;

/**
 * {@link readArguments} of a command that works on `--stack S` or on `--sandbox [NAME]`.
 *
 * @returns as `sandbox` its name, checked, where one was asked for.
 * @throws UsageError also for a word that is no sandbox's name.
 */
export function readOnStackOrSandbox<T extends OptionTypes>(
  argv: string[],
  options: T,
  usage: string,
) {
  // A name is optional, which the parser does not know of an option with a value.
  const args = argv.flatMap((arg) => (arg.startsWith("--sandbox=") ? arg.split("=", 2) : [arg]));
  const read = readArguments(args, { ...options, ...onStackOrSandbox }, usage);
  const { values, positionals } = read;
  const { sandbox, help } = values as { sandbox?: boolean; help?: boolean };
  const [name, ...rest] = positionals;
  if (!help && (rest.length > 0 || (name !== undefined && !sandbox))) {
    throw new UsageError(`"${positionals.join(" ")}" is too much; see --help.`);
  }
  return { values, sandbox: sandbox ? usableName(name ?? "sandbox", "--sandbox") : undefined };
}

/**
 * A sandbox's name: it becomes part of paths and of the stack's name.
 *
 * @param option by which it was given.
 * @throws UsageError where it is not usable.
 */
export function usableName(name: string, option: string): string {
  if (/^[a-z][a-z0-9-]{0,30}$/.test(name)) return name;
  throw new UsageError(
    `${option} "${name}" is not usable: lower case letters, digits and dashes, a letter first, at most 31.`,
  );
}
