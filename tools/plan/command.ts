import { mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import * as pulumi from "@pulumi/pulumi";

import { stages } from "../../components/settings/settings.js";
import type { Stage } from "../../components/settings/settings.js";
import { buildPlans } from "./build.js";
import type { Plans } from "./build.js";
import { compare, hiddenChanges } from "./text/diff.js";
import { draw } from "./picture/draw.js";
import { render } from "./text/render.js";
import { clusterIsUntouched, guardRails } from "./rules/index.js";
import { painter, showMarkdown, showText } from "./text/show.js";
import { root } from "../paths.js";
import { stackNames } from "../stacks/stack-files.js";
import { readArguments, rejectArguments } from "../command-line/arguments.js";
import { ToolError, UsageError } from "../command-line/errors.js";
import { override, readStack } from "./stack-config.js";

const usage = `npm run plan                    write plans/<stack>.yaml and .svg for every Pulumi.<stack>.yaml
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

/** Where the command reads and writes; tests use temporary folders. */
export interface Place {
  /** Holds Pulumi.yaml and the stacks' files. */
  stacks: string;
  /** Holds the checked-in plans. */
  plans: string;
  out: (text: string) => void;
  err: (text: string) => void;
  color: boolean;
  build: typeof buildPlans;
}

/** The repository and the process's streams. */
export function here(): Place {
  const { NO_COLOR, FORCE_COLOR } = process.env;
  return {
    stacks: root,
    plans: join(root, "plans"),
    out: (text) => void process.stdout.write(text),
    err: (text) => void process.stderr.write(text),
    color: !NO_COLOR && (Boolean(FORCE_COLOR) || process.stdout.isTTY),
    build: buildPlans,
  };
}

interface Arguments {
  stacks: string[];
  pairs: string[];
  from?: Stage;
  against?: string;
  mode: "write" | "print" | "check" | "diff";
  markdown: boolean;
}

/**
 * `npm run plan`.
 *
 * @returns the exit status: 0 no change, 3 a change, 1 a violated guard rail.
 * @throws ToolError, and what the program throws.
 */
export async function run(args: string[], place: Place): Promise<number> {
  const asked = ask(args, place);
  if (asked === undefined) {
    place.out(usage);
    return 0;
  }
  let status = 0;
  for (const stack of asked.stacks) {
    const outcome = await planOf(stack, asked, place).catch((error: unknown) => {
      // One stack's mistake must not hide the plans of the others.
      if (asked.stacks.length === 1 || !isMistake(error)) throw error;
      place.err(
        `${error.message}\nThe mistake is in stack ${stack}; the other stacks are planned.\n`,
      );
      return "failed" as const;
    });
    if (outcome === "failed") status = 1;
    else if (outcome === "changed" && status === 0) status = 3;
  }
  return status;
}

/** Whether this is a mistake in the stack's file, and not in the command line. */
const isMistake = (error: unknown): error is Error =>
  error instanceof ToolError ? !(error instanceof UsageError) : pulumi.RunError.isInstance(error);

async function planOf(stack: string, asked: Arguments, place: Place) {
  const plans = await place.build(override(readStack(stack, place.stacks), asked.pairs));
  const violated = violations(plans);
  for (const line of violated) place.err(`${line}\n`);
  if (plans.plan.unknown) place.err(`${plans.plan.unknown}\n`);
  const changed = await act(plans, asked, place);
  return violated.length > 0 ? "failed" : changed ? "changed" : "same";
}

/** @returns whether the plan has changed. */
async function act({ plan, variants }: Plans, asked: Arguments, place: Place): Promise<boolean> {
  const { stack } = plan;
  const text = render(plan);
  const file = (folder: string, extension: string) => join(folder, `${stack}.${extension}`);
  if (asked.mode === "print") {
    place.out(text);
    return false;
  }
  if (asked.mode === "write") {
    mkdirSync(place.plans, { recursive: true });
    writeFileSync(file(place.plans, "yaml"), text);
    writeFileSync(file(place.plans, "svg"), await draw(plan));
    place.err(`plans/${stack}.yaml, plans/${stack}.svg: ${plan.entries.length} entries\n`);
    return false;
  }
  const paint = painter(place.color);
  if (asked.mode === "check") {
    const known = read(file(place.plans, "yaml"));
    const textIsStale = known !== text;
    if (!textIsStale && read(file(place.plans, "svg")) === (await draw(plan))) return false;
    const which = textIsStale ? "yaml" : "svg";
    if (textIsStale) place.out(showText(`plans/${stack}.yaml`, compare(known, text), paint));
    place.err(
      `plans/${stack}.${which} is out of date. Update it with: npm run plan -- --stack ${stack}\n`,
    );
    return true;
  }
  const before = variants.find(({ stage }) => stage === asked.from);
  const base = before ? render(before) : read(file(asked.against ?? place.plans, "yaml"));
  const changes = compare(base, text, before && hiddenChanges(before, plan));
  const title = `Stack ${stack}${asked.from ? `, ${asked.from} to ${plan.stage}` : ""}`;
  place.out(asked.markdown ? showMarkdown(title, changes) : showText(title, changes, paint));
  return changes.length > 0;
}

function violations({ plan, variants }: Plans): string[] {
  const ofPlan = guardRails.map((rail) => ({ rail, found: rail.check(plan) }));
  const ofVariants = variants.flatMap((variant) => clusterIsUntouched.check(plan, variant));
  return [...ofPlan, { rail: clusterIsUntouched, found: ofVariants }]
    .filter(({ found }) => found.length > 0)
    .flatMap(({ rail, found }) => [
      `Stack ${plan.stack} violates a guard rail: ${rail.name}. ${rail.why}`,
      ...new Set(found.map(({ resource, problem }) => `  ${resource}: ${problem}`)),
    ]);
}

function ask(args: string[], place: Place): Arguments | undefined {
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
    stacks: values.stack ?? stackNames(place.stacks),
    pairs,
    ...(values.from && { from: values.from as Stage }),
    ...(against && { against }),
    mode: check ? "check" : diff ? "diff" : pairs.length > 0 ? "print" : "write",
    markdown,
  };
}

/** A file's text; empty if there is no such file, so that everything is new. */
function read(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
