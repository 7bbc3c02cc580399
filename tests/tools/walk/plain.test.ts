import { afterEach, beforeEach, expect, jest, test } from "@jest/globals";

import { PlainUi } from "../../../tools/walk/screen/plain.js";
import { StepChanges } from "../../../tools/walk/step-changes.js";
import { stepAt } from "../../../tools/walk/steps.js";

beforeEach(() => void jest.useFakeTimers());
afterEach(() => void jest.useRealTimers());

test("without a terminal the walk is not silent for more than five seconds, unless it waits for a person", () => {
  let written = "";
  const stream = { write: (said: string) => (written += said) } as unknown as NodeJS.WritableStream;
  const ui = new PlainUi(stream);
  const changes = new StepChanges();
  const linesAfter = (doing: () => void) => {
    doing();
    written = "";
    jest.advanceTimersByTime(11_000);
    return written.split("\n").filter(Boolean);
  };
  expect(linesAfter(() => ui.begin(stepAt("l4")))).toEqual([
    "  5 s: previewing the changes",
    "  10 s: previewing the changes",
  ]);
  expect(linesAfter(() => ui.plan(changes))).toEqual([]);
  expect(linesAfter(() => ui.apply(changes))).toHaveLength(2);
  expect(linesAfter(() => ui.results("1 created"))).toEqual([
    "  5 s: checking the results",
    "  10 s: checking the results",
  ]);
  expect(linesAfter(() => ui.table([], true))).toEqual([]);
});
