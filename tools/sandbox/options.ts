import { stages, type Stage } from "../../components/settings/types.js";
import {
  didYouMean,
  readArguments,
  rejectArguments,
  validName,
  validStage,
} from "../command-line/arguments.js";
import { UsageError } from "../command-line/errors.js";
import { parsePair, renderPath } from "../stacks/property-path.js";

export const commands = [
  "up",
  "preview",
  "refresh",
  "destroy",
  "status",
  "kubeconfig",
  "env",
  "tools",
] as const;
export type Command = (typeof commands)[number];

/** A parsed command line of the sandbox. */
export interface Options {
  command: Command;
  /** Which sandbox; each has its own state, ports, and processes. */
  name: string;
  json: boolean;
  /** Saved by `up` and `refresh`; `preview` only tries it. */
  stage?: Stage;
  /** `key.path=value` pairs of the program's configuration, in the order given. `tools` looks at what they need. */
  config: [path: string, value: unknown][];
  /** Reads the real state of every resource first, so that what was changed outside of Pulumi is restored. */
  refresh?: boolean;
}

export const usage = `Usage: npm run -s sandbox -- <command> [options]

  up          start the sandbox, or update it to its settings (npm start)
  preview     show what up would change
  refresh     read the real state of every resource into the stack
  destroy     delete everything and stop every process
  status      show what runs, and where
  kubeconfig  print the path of its kubeconfig
  env         print exports that point your own pulumi and kubectl at it
  tools       find or build the programs that the sandbox needs (the first up does it too)

  --name N            which sandbox (default: sandbox)
  --stage S           ${stages.join(" | ")}
  --config key=value  a setting, e.g. nodes.ocpus=4 (may be repeated; key= removes it)
  --refresh           with up and preview: read the real state first, so that up restores
                      what was changed outside of Pulumi
  --json              one JSON document on stdout, progress on stderr
  --help              this text`;

/**
 * Parses the command line of the sandbox.
 *
 * @throws UsageError naming what is wrong and what is valid.
 */
export function parseOptions(argv: string[]): Options | "help" {
  const { values, positionals } = readArguments(argv, known, usage);
  if (values.help) return "help";
  const [command, ...rest] = positionals;
  if (command === undefined) throw new UsageError(`No command given.\n\n${usage}`);
  if (!isOneOf(commands, command)) {
    throw new UsageError(
      `There is no command "${command}".${didYouMean(command, commands)} Use one of: ${commands.join(", ")}.`,
    );
  }
  rejectArguments(rest, ` after ${command}`);
  const name = validName(values.name ?? "sandbox", "--name");
  const stage = values.stage === undefined ? undefined : validStage(values.stage);
  const config = (values.config ?? []).map(setting);
  const configured = ["up", "preview", "refresh"] as const;
  if (stage !== undefined && !isOneOf(configured, command)) {
    throw new UsageError(`--stage applies to up, preview, and refresh, not to ${command}.`);
  }
  if (config.length > 0 && !isOneOf([...configured, "tools"], command)) {
    throw new UsageError(`--config applies to up, preview, refresh, and tools, not to ${command}.`);
  }
  const { json = false, refresh } = values;
  if (refresh && !isOneOf(["up", "preview"] as const, command)) {
    throw new UsageError(`--refresh applies to up and preview, not to ${command}.`);
  }
  return { command, name, json, ...(stage && { stage }), config, ...(refresh && { refresh }) };
}

const known = {
  name: { type: "string" },
  stage: { type: "string" },
  config: { type: "string", multiple: true },
  refresh: { type: "boolean" },
  json: { type: "boolean" },
  help: { type: "boolean", short: "h" },
} as const;

/** Parses `nodes.ocpus=4`; the path is text, so that the last of several values for one setting counts. */
function setting(pair: string): [string, unknown] {
  const [path, value] = parsePair(pair);
  return [renderPath(path), value];
}

function isOneOf<T extends string>(list: readonly T[], value: string): value is T {
  return (list as readonly string[]).includes(value);
}
