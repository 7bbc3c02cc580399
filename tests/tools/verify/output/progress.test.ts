import { afterEach, beforeEach, expect, jest, test } from "@jest/globals";

import { VerifyProgress } from "../../../../tools/verify/output/progress.js";
import type { Report } from "../../../../tools/verify/report.js";

beforeEach(() => void jest.useFakeTimers());
afterEach(() => void jest.useRealTimers());

const report = {
  rows: [
    { what: "workers", verdict: "green" },
    { what: "Deployment istiod", verdict: "red" },
  ],
} as Report;

/** What is written in ten seconds on a stream of that kind. */
function written(stream: object): string[] {
  const texts: string[] = [];
  const all = { ...stream, write: (text: string) => texts.push(text) };
  const progress = new VerifyProgress("Verifying stack dev", all as unknown as NodeJS.WriteStream);
  progress.begin();
  jest.advanceTimersByTime(5_000);
  progress.round(report);
  jest.advanceTimersByTime(5_000);
  progress.end();
  jest.advanceTimersByTime(60_000);
  return texts;
}

test("a log gets a line at once, and then one every four seconds", () => {
  expect(written({})).toEqual([
    "Verifying stack dev …\n",
    "… 4 s, checking\n",
    "… 8 s, settling: Deployment istiod\n",
  ]);
});

test("a terminal gets one line at once, which changes and goes", () => {
  const before = process.env;
  process.env = { ...before, TERM: "xterm", CI: "" };
  const texts = written({ isTTY: true, columns: 20 });
  process.env = before;
  expect(texts[0]).toBe("\r\u001b[K… 0 s, checking");
  expect(texts.at(-2)).toBe("\r\u001b[K… 10 s, settling: …");
  expect(texts.at(-1)).toBe("\r\u001b[K");
});
