import { type Stage, stages } from "../../components/settings/types.js";
import { wrap } from "../command-line/wrap.js";
import type { Healing } from "../verify/remedies.js";
import type { Commands } from "./stack/walked-stack.js";
import type { WalkStep } from "./steps.js";

/** Where a walk is. */
export interface Position {
  doing: "opening" | "preview" | "plan" | "update" | "check" | "results";
  /** The step on the screen. */
  step?: WalkStep;
  /** The stage that the stack is at. */
  held?: Stage;
}

/** What was changed, as a sentence: only an update changes anything. */
export function soFar({ doing, held }: Position): string {
  if (doing === "update") {
    const last = held ? ` The last completed stage is ${held}.` : "";
    return `The stack's state records what was done.${last}`;
  }
  return `Nothing was changed${held ? `; still at stage ${held}` : ""}.`;
}

/** The last words after a signal. */
export function stopped(by: string, at: Position, commands: Commands): string {
  const { doing, step } = at;
  const stage = step?.stage ?? "";
  const where = {
    opening: ".",
    preview: ` in the preview of stage ${stage}.`,
    plan: ` before stage ${stage}.`,
    update: ` in the update to stage ${stage}.`,
    check: ` while the results were checked. Stage ${stage} is deployed.`,
    results: ` at stage ${stage}.`,
  }[doing];
  // On a line of its own: together they are longer than a terminal is wide.
  const done = doing === "check" || doing === "results" ? "" : `\n${soFar(at)}`;
  return `Stopped by ${by}${where}${done}\nContinue with: ${commands.walk}`;
}

/** The last words after `q`. */
export function left({ held }: Position, commands: Commands): string {
  const where = held ? `at stage ${held}` : "with nothing changed";
  return `\nStopped ${where}. Continue with: ${commands.walk}\n`;
}

/** The last words of a walk at the last stage. */
export function ended(
  first: string,
  { url, hints }: { url?: string; hints: string[] },
  commands: Commands,
  notes: string[] = [],
): string {
  const lines = [
    ...wrap(first, 80),
    ...(url ? [`The page: ${url}`, ...hints].flatMap((line) => wrap(line, 80)) : []),
    ...withCommand("To return to any stage:", commands.to("cluster")),
    `The stages: ${stages.join(", ")}`,
    ...withCommand("Destroy it with:", commands.destroy),
    ...notes.flatMap((line) => wrap(line, 80)),
  ];
  return `\n${lines.join("\n")}\n`;
}

/** A command is never broken: one line can be copied. */
function withCommand(label: string, command: string): string[] {
  const line = `${label} ${command}`;
  return line.length <= 80 ? [line] : [label, `  ${command}`];
}

/** Why the walk can't go on from a table with red rows. */
export function red(stage: Stage, commands: Commands, [heals]: Healing[] = []): string {
  const next = heals ? `${heals.why} ${heals.command}` : `Verify again with: ${commands.verify}`;
  return `Stage ${stage} failed verification; see the red rows.\n${next}\nContinue with: ${commands.walk}`;
}
