import type { Stack } from "@pulumi/pulumi/automation/index.js";

import type { Stage } from "../../../components/settings/types.js";
import type { VerifyInput } from "../../../components/verification/input.js";
import type { Engine } from "../../automation/engine.js";
import type { Outcome } from "../../automation/operation.js";
import type { Progress } from "../../automation/progress.js";
import { ToolError } from "../../command-line/errors.js";
import { lastChange, stageHeld, stageReached, type Update } from "../../stacks/history.js";
import type { ClusterUnderTest } from "../../verify/cluster/kubernetes.js";

/** Command lines of a walked stack. */
export interface Commands {
  destroy: string;
  up: string;
  /** Brings it to a stage. */
  to: (stage: Stage) => string;
  verify: string;
  /** Continues the walk. */
  walk: string;
}

export interface DeployedStage {
  /** The stage of the last `up` that succeeded. */
  held?: Stage;
  /** The stage that the walk continues from; undefined: from the beginning. A stage whose `up` failed is still ahead. */
  reached?: Stage;
}

/** The stack that the walk leads through its stages. */
export interface WalkedStack {
  readonly commands: Commands;
  /** Of a sandbox that does not exist yet and was asked for by its name: that there is none, and which exist. */
  readonly missing?: string;
  /**
   * Prepares it for the engine.
   *
   * @param onEngine receives the engine before it runs.
   */
  open(onEngine: (engine: Engine) => void): Promise<void>;
  stage(): Promise<DeployedStage>;
  /** The outputs of the last update. */
  outputs(): Promise<Record<string, unknown>>;
  /** Previews another stage; changes nothing. */
  preview(stage: Stage, progress: Pick<Progress, "event">): Promise<void>;
  /** Saves the stage and updates the stack to it. */
  up(stage: Stage, progress: Pick<Progress, "event">): Promise<Outcome>;
  /** What is to be verified at a stage, and where. */
  subject(stage: Stage): Promise<{ input: VerifyInput; cluster: ClusterUnderTest }>;
  /** The URL that opens the page, and what keeps it from opening. */
  page(url: unknown): { url?: string; hints: string[] };
  /** Releases what only the walk needed, even if `open` failed; `untouched`: the walk has changed nothing. */
  close(untouched: boolean): Promise<void>;
}

/** How many history entries to read: refreshes and imports may follow the last update. */
const historyEntries = 20;

/**
 * Where the stack is, by its history.
 *
 * @throws ToolError if a destroy has left resources: their stage is unknown, and the first step of the walk would delete
 * those of later stages.
 */
export async function deployedStage(
  stack: Pick<Stack, "history" | "exportStack">,
  commands: Pick<Commands, "destroy" | "up">,
): Promise<DeployedStage> {
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
  const [held, reached] = [stageHeld(history), stageReached(history)];
  return { ...(held && { held }), ...(reached && { reached }) };
}
