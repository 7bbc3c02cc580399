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
  expect(linesAfter(() => undefined)).toEqual(["  4 s: getting ready", "  8 s: getting ready"]);
  const tools = { title: "Tools", state: "running" } as const;
  expect(linesAfter(() => ui.prepare({ ...tools, detail: "building istiod" }))).toEqual([
    "  4 s: Tools, building istiod",
    "  8 s: Tools, building istiod",
  ]);
  // The time is that of the row: another detail does not start it anew.
  expect(linesAfter(() => ui.prepare({ ...tools, detail: "40 % downloading Pulumi" }))).toEqual([
    "  12 s: Tools, 40 % downloading Pulumi",
    "  16 s: Tools, 40 % downloading Pulumi",
    "  20 s: Tools, 40 % downloading Pulumi",
  ]);
  expect(
    linesAfter(() => ui.prepare({ title: "Tools", detail: "Pulumi 3.259.0", state: "done" })),
  ).toEqual(["  4 s: getting ready", "  8 s: getting ready"]);
  expect(linesAfter(() => ui.ask("Enter: create it"))).toEqual([]);
  expect(linesAfter(() => ui.begin(stepAt("l4")))).toEqual([
    "  4 s: previewing the changes",
    "  8 s: previewing the changes",
  ]);
  expect(linesAfter(() => ui.plan(changes))).toEqual([]);
  expect(linesAfter(() => ui.apply(changes))).toHaveLength(2);
  expect(linesAfter(() => ui.results("1 created"))).toEqual([
    "  4 s: checking the results",
    "  8 s: checking the results",
  ]);
  expect(linesAfter(() => ui.table([], true))).toEqual([]);
});
