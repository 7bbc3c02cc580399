import type { Stack } from "@pulumi/pulumi/automation/index.js";

import { type Stage, stages } from "../components/settings/types.js";

/** What is walked through: a stack, and how it is brought to another stage. */
export interface Ground {
  stack: Stack;
  /** The stack's settings with another stage, for a preview: path of the file. */
  tried(stage: Stage): Promise<string>;
  /** Sets the stage for good. */
  keep(stage: Stage): Promise<void>;
  /** Lets go of what the walk alone needed; `untouched` when it has changed nothing. */
  close(untouched: boolean): Promise<void>;
}

/** How an update came out, newest first; as much of it as is read here. */
export interface Update {
  kind: string;
  result: string;
  config?: Record<string, { value?: string } | undefined>;
}

/**
 * The stage that a stack stands at, by its history: its outputs name a stage as soon as an `up` has begun with it.
 * One that did not come to its end is still ahead.
 */
export function stageReached(history: Update[]): Stage | undefined {
  const last = history.find(({ kind }) => kind === "update" || kind === "destroy");
  if (!last || last.kind === "destroy") return undefined;
  const named = last.config?.["oke-ambient-mesh:stage"]?.value as Stage | undefined;
  const stage = named && stages.includes(named) ? named : "traffic";
  return last.result === "succeeded" ? stage : stages[stages.indexOf(stage) - 1];
}

/** Updates that are read to find the last one: refreshes and imports may stand in between. */
const enough = 20;

export async function deployedStage({ stack }: Ground): Promise<Stage | undefined> {
  return stageReached((await stack.history(enough, 1, false)) as Update[]);
}
