import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

import * as pulumi from "@pulumi/pulumi";

import { stages } from "../../components/settings/settings.js";
import { buildPlans } from "./build.js";
import type { Plans } from "./build.js";
import { compare, hiddenChanges } from "./text/diff.js";
import { draw } from "./picture/draw.js";
import type { Plan } from "./plan.js";
import { drawRequests } from "./requests/draw.js";
import { requestPaths } from "./requests/path.js";
import { render } from "./text/render.js";
import { clusterIsUntouched, guardRails } from "./rules/index.js";
import { merge } from "./text/merge.js";
import type { Difference } from "./text/merge.js";
import { opened } from "./rules/opened.js";
import { painter, showMarkdown, showText } from "./text/show.js";
import { root } from "../paths.js";
import { stackNames } from "../stacks/stack-files.js";
import { readOptions, usage } from "./options.js";
import type { Arguments } from "./options.js";
import { ToolError, UsageError } from "../command-line/errors.js";
import { override, readStack } from "./stack-config.js";

/** Where the command reads and writes; tests use temporary folders. */
export interface Place {
  /** Holds Pulumi.yaml and the stacks' files. */
  stacks: string;
  /** Holds the checked-in plans. */
  plans: string;
  /** Holds the pictures of the requests' ways. */
  requests: string;
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
    requests: join(root, "docs", "requests"),
    out: (text) => void process.stdout.write(text),
    err: (text) => void process.stderr.write(text),
    color: !NO_COLOR && (Boolean(FORCE_COLOR) || process.stdout.isTTY),
    build: buildPlans,
  };
}

/**
 * `npm run plan`.
 *
 * @returns the exit status: 0 no change, 3 a change, 1 a violated guard rail.
 * @throws ToolError, and what the program throws.
 */
export async function run(args: string[], place: Place): Promise<number> {
  const asked = readOptions(args, () => stackNames(place.stacks));
  if (asked === undefined) {
    place.out(usage);
    return 0;
  }
  let status = 0;
  const differences: Difference[] = [];
  for (const stack of asked.stacks) {
    const outcome = await planOf(stack, asked, place).catch((error: unknown) => {
      // One stack's mistake must not hide the plans of the others.
      if (asked.stacks.length === 1 || !isMistake(error)) throw error;
      place.err(
        `${error.message}\nThe mistake is in stack ${stack}; the other stacks are planned.\n`,
      );
      return { failed: true, changed: false };
    });
    if ("difference" in outcome && outcome.difference) differences.push(outcome.difference);
    if (outcome.failed) status = 1;
    else if (outcome.changed && status === 0) status = 3;
  }
  const paint = painter(place.color);
  for (const { title, changes } of merge(differences)) {
    place.out(asked.markdown ? showMarkdown(title, changes) : showText(title, changes, paint));
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
  const failed = violated.length > 0;
  if (asked.mode !== "diff") return { failed, changed: await act(plans, asked.mode, place) };
  const difference = differenceOf(plans, asked, place);
  return { failed, changed: difference.changes.length > 0, difference };
}

/** What a deployment of the stack would change. */
function differenceOf({ plan, variants }: Plans, asked: Arguments, place: Place): Difference {
  const { stack, stage } = plan;
  const before = variants.find((variant) => variant.stage === asked.from);
  const known = join(asked.against ?? place.plans, `${stack}.yaml`);
  const base = before ? render(before) : read(known);
  const changes = compare(base, render(plan), before && hiddenChanges(before, plan));
  return { stack, ...(asked.from && { way: `${asked.from} to ${stage}` }), changes };
}

/** @returns whether the plan has changed. */
async function act(plans: Plans, mode: Arguments["mode"], place: Place): Promise<boolean> {
  const { stack, entries } = plans.plan;
  if (mode === "print") {
    place.out(render(plans.plan));
    return false;
  }
  const files = await filesOf(plans, place);
  if (mode === "write") {
    for (const { path, text } of files) {
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, text);
    }
    place.err(`${files.map(({ name }) => name).join(", ")}: ${entries.length} entries\n`);
    return false;
  }
  const stale = files.find(({ path, text }) => read(path) !== text);
  if (!stale) return false;
  const { name, path, text } = stale;
  if (name.endsWith(".yaml")) {
    place.out(showText(name, compare(read(path), text), painter(place.color)));
  }
  place.err(`${name} is out of date. Update it with: npm run plan -- --stack ${stack}\n`);
  return true;
}

/** What the command writes for a stack. */
async function filesOf({ plan, variants }: Plans, place: Place) {
  const { stack } = plan;
  const inPlans = (name: string, text: string) => ({
    name: `plans/${name}`,
    path: join(place.plans, name),
    text,
  });
  // A request takes the same way in every stack.
  const paths = stack === "dev" ? variants.slice(0, stages.length).flatMap(pathsOf) : [];
  return [
    inPlans(`${stack}.yaml`, render(plan)),
    inPlans(`${stack}.svg`, await draw(plan)),
    ...paths.map((paths) => ({
      name: `docs/requests/${paths.stage}.svg`,
      path: join(place.requests, `${paths.stage}.svg`),
      text: drawRequests(paths),
    })),
  ];
}

const pathsOf = (plan: Plan) => requestPaths(plan) ?? [];

function violations({ plan, variants }: Plans): string[] {
  const ofPlan = guardRails.map((rail) => ({
    rail,
    found: rail.check(rail.seesSecrets ? opened(plan) : plan),
  }));
  const ofVariants = variants.flatMap((variant) => clusterIsUntouched.check(plan, variant));
  return [...ofPlan, { rail: clusterIsUntouched, found: ofVariants }]
    .filter(({ found }) => found.length > 0)
    .flatMap(({ rail, found }) => [
      `Stack ${plan.stack} violates a guard rail: ${rail.name}. ${rail.why}`,
      ...new Set(found.map(({ resource, problem }) => `  ${resource}: ${problem}`)),
    ]);
}

/** A file's text; empty if there is no such file, so that everything is new. */
function read(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
