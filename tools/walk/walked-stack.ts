import type { Stack } from "@pulumi/pulumi/automation/index.js";

import { type Stage, stages } from "../../components/settings/types.js";
import type { Engine } from "../automation/engine.js";
import { ToolError } from "../command-line/errors.js";

/** What is walked through: a stack, and how it is brought to another stage. */
export interface WalkedStack {
  /** Once it is open. */
  readonly stack: Stack;
  /** What a person types to take it down, or to bring it up. */
  readonly commands: { destroy: string; up: string };
  /**
   * Makes it ready for the engine.
   *
   * @param onEngine gets the engine before it is put to work.
   */
  open(onEngine: (engine: Engine) => void): Promise<void>;
  /** The stack's settings with another stage, for a preview: path of the file. */
  tried(stage: Stage): Promise<string>;
  /** Sets the stage for good. */
  keep(stage: Stage): Promise<void>;
  /** Lets go of what the walk alone needed, opened or half opened; `untouched` when it has changed nothing. */
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
  const last = lastChange(history);
  if (!last || last.kind === "destroy") return undefined;
  const named = last.config?.["oke-ambient-mesh:stage"]?.value as Stage | undefined;
  const stage = named && stages.includes(named) ? named : "traffic";
  return last.result === "succeeded" ? stage : stages[stages.indexOf(stage) - 1];
}

const lastChange = (history: Update[]) =>
  history.find(({ kind }) => kind === "update" || kind === "destroy");

/** Updates that are read to find the last one: refreshes and imports may stand in between. */
const enough = 20;

/**
 * The stage that the walk goes on from; undefined from the beginning.
 *
 * @throws ToolError where a destroy has left something: of which stage it is, nothing tells, and the first step of
 * a walk takes away whatever is of a later one.
 */
export async function deployedStage({ stack, commands }: WalkedStack): Promise<Stage | undefined> {
  const history = (await stack.history(enough, 1, false)) as Update[];
  if (lastChange(history)?.kind === "destroy") {
    const { deployment } = (await stack.exportStack()) as { deployment: { resources?: unknown[] } };
    const left = deployment.resources?.length ?? 0;
    if (left > 0) {
      throw new ToolError(
        `The last destroy has left ${left} ${left === 1 ? "resource" : "resources"}: where the walk stands is not known.\n` +
          `Take it down to the end: ${commands.destroy}\nOr bring it up, and walk from there: ${commands.up}`,
      );
    }
  }
  return stageReached(history);
}
