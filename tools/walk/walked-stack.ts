import type { Stack } from "@pulumi/pulumi/automation/index.js";

import { type Stage, stages } from "../../components/settings/types.js";
import type { Engine } from "../automation/engine.js";
import { ToolError } from "../command-line/errors.js";

/** The stack that the walk leads through its stages. */
export interface WalkedStack {
  /** Available once it is open. */
  readonly stack: Stack;
  /** The command lines that destroy it and bring it up. */
  readonly commands: { destroy: string; up: string };
  /**
   * Prepares it for the engine.
   *
   * @param onEngine receives the engine before it runs.
   */
  open(onEngine: (engine: Engine) => void): Promise<void>;
  /** Writes the stack's settings with another stage, for a preview. @returns the file's path. */
  previewConfig(stage: Stage): Promise<string>;
  /** Saves the stage in the stack's settings. */
  setStage(stage: Stage): Promise<void>;
  /** Releases what only the walk needed, even if `open` failed; `untouched`: the walk has changed nothing. */
  close(untouched: boolean): Promise<void>;
}

/** An entry of a stack's history, reduced to what is read here. */
export interface Update {
  kind: string;
  result: string;
  config?: Record<string, { value?: string } | undefined>;
}

/**
 * The stage that a stack has reached, by its history: the outputs name a stage as soon as an `up` to it begins. A stage
 * whose `up` failed is still ahead.
 *
 * @param history newest first.
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

/** How many history entries to read: refreshes and imports may follow the last update. */
const historyEntries = 20;

/**
 * The stage that the walk continues from; undefined: from the beginning.
 *
 * @throws ToolError if a destroy has left resources: their stage is unknown, and the first step of the walk would delete
 * those of later stages.
 */
export async function deployedStage({ stack, commands }: WalkedStack): Promise<Stage | undefined> {
  const history = (await stack.history(historyEntries, 1, false)) as Update[];
  if (lastChange(history)?.kind === "destroy") {
    const { deployment } = (await stack.exportStack()) as { deployment: { resources?: unknown[] } };
    const left = deployment.resources?.length ?? 0;
    if (left > 0) {
      throw new ToolError(
        `The last destroy left ${left} ${left === 1 ? "resource" : "resources"}, so the stage to continue from is unknown.\n` +
          `Complete the destroy: ${commands.destroy}\nOr bring the stack up and walk from there: ${commands.up}`,
      );
    }
  }
  return stageReached(history);
}
