import type { Display } from "../../automation/display.js";
import { progressSteps } from "../../automation/steps.js";
import type { Ui } from "./ui.js";

/** What the walk's interface shows of a progress: the rows before the steps, and its notes. */
export function displayOf(ui: Ui): Display {
  const isStep = (title: string) => progressSteps.some((step) => step.title === title);
  return {
    update: (row) => void (isStep(row.title) || ui.prepare(row)),
    note: (text) => ui.note(text),
    end: () => Promise.resolve(),
  };
}
