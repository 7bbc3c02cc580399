import type { ProgressRow } from "../automation/display.js";
import type { StepChanges } from "./step-changes.js";
import type { PendingRow } from "./frame.js";
import type { WalkStep } from "./steps.js";

/** How the walk shows itself. */
export interface Ui {
  /** Work before the first step. */
  prepare(row: ProgressRow): void;
  /** A step begins; what it changes is being asked. */
  begin(step: WalkStep): void;
  /** What it changes. */
  plan(changes: StepChanges): void;
  /** The change is under way; `changes` is followed from now on. */
  apply(changes: StepChanges): void;
  /** `changes` has moved on. */
  moved(): void;
  /** The change is done, or did not work: `21 created in 12.3 s. Now what must hold:`. */
  applied(summary: string): void;
  /** The table as it stands. */
  table(rows: PendingRow[]): void;
  /** Says what is to be decided, with the keys for it; what is shown stays in sight until then. */
  ask(question: string): void;
  /** Something besides. */
  note(text: string): void;
  /** What is shown so far stays; text below it. */
  end(text: string): void;
}
