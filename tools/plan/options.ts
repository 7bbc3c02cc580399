import { statSync } from "node:fs";

import { stages } from "../../components/settings/types.js";
import type { Stage } from "../../components/settings/types.js";
import { readArguments, rejectArguments } from "../command-line/arguments.js";
import { UsageError } from "../command-line/errors.js";

export const usage = `npm run plan                    write plans/<stack>.yaml and .svg for every Pulumi.<stack>.yaml,
                                and docs/requests/<stage>.svg
npm run plan -- <options>

  --stack <name>         only this stack; may be repeated
  --check                write nothing; fail and show the difference if a plan is out of date
  --diff                 write nothing; show what a deployment would change from the checked-in plan
  --stage <stage>        plan another stage: ${stages.join(", ")}
  --from <stage>         with --diff: from the plan of that stage instead
  --config <path>=<v>    plan another value, such as reviews.v2Percent=50; may be repeated
  --against <folder>     with --diff: from the plans in that folder, as of another revision
  --markdown             with --diff: write Markdown, for a pull request
  --help                 this text

Without --check or --diff, --stage and --config print the plan and do not write plans/.
Exit status: 0 no change; 1 an error or a violated guard rail; 2 wrong command line; 3 a change.
`;

/** What the command line asks for. */
export interface Arguments {
  stacks: string[];
  pairs: string[];
  from?: Stage;
  against?: string;
  mode: "write" | "print" | "check" | "diff";
  markdown: boolean;
}

/**
 * The command line; undefined if it asks for the usage.
 *
 * @param known names of the stacks with a file.
 * @throws UsageError
 */
export function readOptions(args: string[], known: () => string[]): Arguments | undefined {
  const many = { type: "string", multiple: true } as const;
  const flag = { type: "boolean", default: false } as const;
  const one = { type: "string" } as const;
  const options = {
    stack: many,
    config: many,
    stage: one,
    from: one,
    against: one,
    check: flag,
    diff: flag,
    markdown: flag,
    help: { ...flag, short: "h" },
  } as const;
  const { values, positionals } = readArguments(args, options, usage.trimEnd());
  if (values.help) return undefined;
  rejectArguments(positionals);
  const { check, diff, markdown, against } = values;
  for (const [name, value] of Object.entries({ stage: values.stage, from: values.from })) {
    if (value !== undefined && !stages.includes(value as Stage)) {
      throw new UsageError(`--${name} ${value}: expected one of ${stages.join(", ")}`);
    }
  }
  if (check && diff) throw new UsageError("--check and --diff cannot be combined.");
  for (const [name, given] of Object.entries({ from: values.from, against, markdown })) {
    if (given && !diff) throw new UsageError(`--${name} requires --diff.`);
  }
  if (values.from && against) throw new UsageError("--from and --against cannot be combined.");
  if (against !== undefined && !statSync(against, { throwIfNoEntry: false })?.isDirectory()) {
    throw new UsageError(
      `--against ${against}: there is no such folder. Expected one with the plans of another revision, as from: git archive <revision> plans | tar -x -C <folder>`,
    );
  }
  const pairs = [...(values.config ?? []), ...(values.stage ? [`stage=${values.stage}`] : [])];
  if (check && pairs.length > 0) {
    throw new UsageError(
      "--check compares the stack as configured. To see what --stage or --config would change, use --diff.",
    );
  }
  return {
    stacks: values.stack ?? known(),
    pairs,
    ...(values.from && { from: values.from as Stage }),
    ...(against && { against }),
    mode: check ? "check" : diff ? "diff" : pairs.length > 0 ? "print" : "write",
    markdown,
  };
}
