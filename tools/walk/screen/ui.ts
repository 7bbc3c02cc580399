import type { ProgressRow } from "../../automation/display.js";
import type { ReviewCounts } from "../../verify/checks/curl.js";
import type { PendingRow } from "../results/result-table.js";
import type { StepChanges } from "../step-changes.js";
import type { WalkStep } from "../steps.js";
import type { Key } from "./keys.js";

/** The walk's user interface. */
export interface Ui {
  /** Work before the first step. */
  prepare(row: ProgressRow): void;
  /** A step begins; its preview is running, which `keys` interrupt. `back`: the stack comes from a later stage. */
  begin(step: WalkStep, back?: boolean, keys?: string[]): void;
  /** The preview's result. */
  plan(changes: StepChanges): void;
  /** The update begins; the display follows `changes` from now on. */
  apply(changes: StepChanges): void;
  /** `changes` has progressed. */
  moved(): void;
  /** The results begin, under a heading: `21 created in 12.3 s. Expected results:`. */
  results(heading: string): void;
  /** Shows the expected results; `settled`: these are their last verdicts. */
  table(rows: PendingRow[], settled?: boolean): void;
  /** The URL of the page, once there is one. */
  page(url: string | undefined): void;
  /** The live count of reviews, while it runs. */
  count(counts: ReviewCounts | undefined): void;
  /** Shows a question and its keys below the current content. */
  ask(question: string | (() => string)): void;
  /** Changes what is shown by a key; false if the key is not about that. */
  look(key: Key): boolean;
  /** Shows an additional note. */
  note(text: string): void;
  /** Ends the display, leaving its content, and prints a last text below. */
  end(text: string): void;
}
