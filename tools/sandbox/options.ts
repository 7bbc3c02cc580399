import { stages, type Stage } from "../../components/settings/types.js";
import { readArguments, usableName } from "../command-line/arguments.js";
import { UsageError } from "../command-line/errors.js";

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

/** One call of the sandbox, as typed. */
export interface Options {
  command: Command;
  /** Which sandbox; each has state, ports and processes of its own. */
  name: string;
  json: boolean;
  /** Kept by `up` and `refresh`, only tried by `preview`. */
  stage?: Stage;
  /** `key.path=value` pairs of the program's configuration, in the order given. */
  config: [path: string, value: unknown][];
}

export const usage = `Usage: npm run -s sandbox -- <command> [options]

  up          bring the sandbox up, or bring it to what is configured (npm start)
  preview     show what up would change
  refresh     read the real state of everything, take it into the stack
  destroy     remove everything, stop every process
  status      what runs, and where
  kubeconfig  print the path of a working kubeconfig
  env         print exports with which your own pulumi and kubectl work on it
  tools       find or build what every sandbox runs, which the first up would do

  --name N            which sandbox (default: sandbox)
  --stage S           ${stages.join(" | ")}
  --config key=value  a setting, e.g. nodes.ocpus=4 (may be repeated; key= takes it back)
  --json              one JSON document on stdout, progress on stderr
  --help              this text`;

/**
 * The command line of the sandbox, checked.
 *
 * @throws UsageError naming what is wrong and what is offered.
 */
export function parseOptions(argv: string[]): Options | "help" {
  const { values, positionals } = readArguments(argv, known, usage);
  if (values.help) return "help";
  const [command, ...rest] = positionals;
  if (command === undefined) throw new UsageError(`No command given.\n\n${usage}`);
  if (!isOneOf(commands, command)) {
    throw new UsageError(`There is no command "${command}": it is one of ${commands.join(", ")}.`);
  }
  if (rest.length > 0) {
    throw new UsageError(`"${rest.join(" ")}" is too much after ${command}; see --help.`);
  }
  const name = usableName(values.name ?? "sandbox", "--name");
  const stage = values.stage;
  if (stage !== undefined && !isOneOf(stages, stage)) {
    throw new UsageError(`There is no stage "${stage}": it is one of ${stages.join(", ")}.`);
  }
  const config = (values.config ?? []).map(setting);
  const changes = stage !== undefined || config.length > 0;
  if (changes && !isOneOf(["up", "preview", "refresh"] as const, command)) {
    throw new UsageError(`--stage and --config go with up, preview and refresh, not ${command}.`);
  }
  return { command, name, json: values.json ?? false, ...(stage && { stage }), config };
}

const known = {
  name: { type: "string" },
  stage: { type: "string" },
  config: { type: "string", multiple: true },
  json: { type: "boolean" },
  help: { type: "boolean", short: "h" },
} as const;

/** `nodes.ocpus=4` → the path and a value of the type that `pulumi config set --path` would store. */
function setting(pair: string): [string, unknown] {
  const at = pair.indexOf("=");
  const path = pair.slice(0, Math.max(at, 0));
  if (!/^[A-Za-z]\w*(\.[\w-]+|\[\d+\])*$/.test(path)) {
    throw new UsageError(`--config "${pair}" is not key=value, for example nodes.ocpus=4.`);
  }
  return [path, scalar(pair.slice(at + 1))];
}

// What `pulumi config set --path` does: true, false and whole numbers without a leading zero keep
// their type, all else is text. https://www.pulumi.com/docs/iac/concepts/config/#structured-configuration
function scalar(text: string): unknown {
  if (text === "true" || text === "false") return text === "true";
  if (/^(0|-?[1-9]\d*)$/.test(text)) return Number(text);
  if (/^[[{]/.test(text)) {
    try {
      return JSON.parse(text) as unknown;
    } catch {
      throw new UsageError(`--config value ${text} begins like JSON but is not.`);
    }
  }
  return text;
}

function isOneOf<T extends string>(list: readonly T[], value: string): value is T {
  return (list as readonly string[]).includes(value);
}
