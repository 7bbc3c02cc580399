import { parseArgs, type ParseArgsConfig } from "node:util";

import { nearest } from "../../components/settings/nearest.js";
import { project, type Stage, stages } from "../../components/settings/types.js";
import { UsageError } from "./errors.js";
import { refuseSwallowed } from "./npm.js";

type OptionTypes = NonNullable<ParseArgsConfig["options"]>;

/**
 * Parses a command line.
 *
 * @param usage is shown below the error.
 * @throws UsageError for an unknown option, an option without its value, an option that npm kept for itself, or a
 * `--stack` of another project.
 */
export function readArguments<T extends OptionTypes>(argv: string[], options: T, usage: string) {
  refuseSwallowed(options, argv);
  const read = parsed(argv, options, usage);
  const { stack } = read.values as { stack?: string | string[] };
  [stack ?? []].flat().forEach(refuseOtherProject);
  return read;
}

function parsed<T extends OptionTypes>(args: string[], options: T, usage: string) {
  try {
    return parseArgs({ args, allowPositionals: true, options });
  } catch (error) {
    throw new UsageError(`${why(error as Error, Object.keys(options))}\n\n${usage}`);
  }
}

/**
 * Refuses a stack of another project, whose name would lead to this project's `Pulumi.<stack>.yaml`.
 *
 * @param name `dev`, `acme/dev`, or `acme/oke-ambient-mesh/dev`.
 * @throws UsageError
 */
function refuseOtherProject(name: string): void {
  const [organization = "", other = "", stack = "", ...rest] = name.split("/");
  if (stack === "" || rest.length > 0 || other === project) return;
  throw new UsageError(
    `--stack ${name} is a stack of project ${other}; this is project ${project}. Expected ${stack}, ${organization}/${stack}, or ${organization}/${project}/${stack}. For project ${other}, run its own commands in its folder.`,
  );
}

/** Node's message; of an unknown option the nearest known one instead of how to pass a positional argument. */
function why({ message }: Error, known: string[]): string {
  const [unknown, option] = /^Unknown option '--?([^']*)'/.exec(message) ?? [];
  if (option === undefined) return message;
  const near = nearest(option, known);
  return `${unknown}${near ? `; did you mean --${near}?` : "."}`;
}

/** ` Did you mean status?`, to follow a sentence about an unknown word; empty if no known one is near. */
export function didYouMean(word: string, known: readonly string[]): string {
  const near = nearest(word, known);
  return near ? ` Did you mean ${near}?` : "";
}

/** @throws UsageError for a stage that does not exist. */
export function validStage(stage: string): Stage {
  const found = stages.find((known) => known === stage);
  if (found) return found;
  throw new UsageError(
    `There is no stage "${stage}".${didYouMean(stage, stages)} Use one of: ${stages.join(", ")}.`,
  );
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
  name: { type: "string" },
  help: { type: "boolean", short: "h" },
} as const;

/**
 * {@link readArguments} of a command that works on `--stack S` or on a sandbox: `--sandbox [NAME]` or `--name NAME`.
 *
 * @returns in `sandbox` its validated name, if one of the two was given.
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
  const { sandbox, name, help } = values as { sandbox?: boolean; name?: string; help?: boolean };
  const [second, ...rest] = positionals;
  if (help) return { values, sandbox: undefined };
  rejectArguments(sandbox ? rest : positionals);
  const names = [
    ...(name === undefined ? [] : [validName(name, "--name")]),
    ...(sandbox && second !== undefined ? [validName(second, "--sandbox")] : []),
  ];
  if (new Set(names).size > 1) {
    throw new UsageError(`--name ${names[0]} and --sandbox ${names[1]} are different sandboxes.`);
  }
  return { values, sandbox: names[0] ?? (sandbox ? "sandbox" : undefined) };
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
