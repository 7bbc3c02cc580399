import type { ProgressRow } from "../automation/display.js";
import type { StepChanges } from "./step-changes.js";
import type { PendingRow } from "./frame.js";
import type { WalkStep } from "./steps.js";

/** The walk's user interface. */
export interface Ui {
  /** Work before the first step. */
  prepare(row: ProgressRow): void;
  /** A step begins; its preview is running. */
  begin(step: WalkStep): void;
  /** The preview's result. */
  plan(changes: StepChanges): void;
  /** The update begins; the display follows `changes` from now on. */
  apply(changes: StepChanges): void;
  /** `changes` has progressed. */
  moved(): void;
  /** The update has ended: `21 created in 12.3 s. Expected results:`. */
  applied(summary: string): void;
  /** Shows the expected results. */
  table(rows: PendingRow[]): void;
  /** Shows a question and its keys below the current content. */
  ask(question: string): void;
  /** Shows an additional note. */
  note(text: string): void;
  /** Ends the display, leaving its content, and prints a last text below. */
  end(text: string): void;
}
