import { stages } from "../../components/settings/types.js";
import type { Stage } from "../../components/settings/types.js";
import { readOnStackOrSandbox, validStage } from "../command-line/arguments.js";
import { UsageError } from "../command-line/errors.js";

export const usage = `Usage: npm run -s verify -- [options]

Checks a deployment against the expected results of its stage.

  --stack S         a Pulumi stack (default: the selected one)
  --sandbox [NAME]  a sandbox on this machine (default name: sandbox)
  --name NAME       the same
  --stage S         another stage than the deployed one: ${stages.join(" | ")}
  --settle N        seconds that the mesh may take to settle (default: $VERIFY_SETTLE, else
                    the setting verifySettleSeconds)
  --destroyed       after a teardown: check that nothing of the stack is left
  --json            one JSON document on stdout
  --junit FILE      also write the rows as JUnit XML, for CI
  --help            this text

Exit status: 0 all green, or nothing left; 1 a row is red, something is left, or the command failed;
2 wrong command line; 3 something could not be checked.`;

/** A parsed command line. */
export interface Options {
  /** Where the input comes from; the graph's last resource passes it on stdin. */
  from: { stack?: string } | { sandbox: string } | "stdin";
  stage?: Stage;
  settleSeconds?: number;
  destroyed: boolean;
  json: boolean;
  /** Path of a file for the rows as JUnit XML. */
  junit?: string;
}

/**
 * Parses the command line.
 *
 * @throws UsageError naming what is wrong and what is valid.
 */
export function parseOptions(
  argv: string[],
  env: Record<string, string | undefined> = process.env,
): Options | "help" {
  const { values, sandbox } = readOnStackOrSandbox(argv, ownOptions, usage);
  if (values.help) return "help";
  const { stack } = values;
  const settle = values.settle ?? env["VERIFY_SETTLE"];
  if ([stack, sandbox, values["from-stdin"]].filter((given) => given !== undefined).length > 1) {
    throw new UsageError("--stack and --sandbox cannot be combined.");
  }
  const stage = values.stage === undefined ? undefined : validStage(values.stage);
  if (settle !== undefined && !/^\d{1,4}$/.test(settle)) {
    const from = values.settle === undefined ? "VERIFY_SETTLE" : "--settle";
    throw new UsageError(`${from} "${settle}" is not a number of seconds from 0 to 9999.`);
  }
  const { junit } = values;
  if (values.destroyed && [stage, values.settle, junit].some((given) => given !== undefined)) {
    throw new UsageError("--destroyed cannot be combined with --stage, --settle, or --junit.");
  }
  if (junit === "") throw new UsageError("--junit needs the path of a file.");
  return {
    from: values["from-stdin"] ? "stdin" : sandbox ? { sandbox } : { stack },
    stage,
    settleSeconds: settle === undefined ? undefined : Number(settle),
    destroyed: values.destroyed ?? false,
    json: values.json ?? false,
    ...(junit !== undefined && { junit }),
  };
}

const ownOptions = {
  stage: { type: "string" },
  settle: { type: "string" },
  destroyed: { type: "boolean" },
  json: { type: "boolean" },
  junit: { type: "string" },
  "from-stdin": { type: "boolean" },
} as const;
