import { styleText } from "node:util";

import type { CheckResult, CheckState } from "./check-result.js";

const marks: Record<CheckState, { mark: string; color: "green" | "red" | "yellow" }> = {
  ok: { mark: "✔", color: "green" },
  warning: { mark: "!", color: "yellow" },
  problem: { mark: "✖", color: "red" },
  "not checked": { mark: "–", color: "yellow" },
};

/** 1 if there is a problem, else 0; warnings and unchecked rows are not problems. */
export function exitCode(rows: readonly CheckResult[]): 0 | 1 {
  return rows.some(({ state }) => state === "problem") ? 1 : 0;
}

/** The rows as a table for a terminal, remedies under their row. Ends with a newline. */
export function render(title: string, rows: readonly CheckResult[], color = false): string {
  const paint = (style: Parameters<typeof styleText>[0], text: string) =>
    color ? styleText(style, text, { validateStream: false }) : text;
  const width = Math.max(0, ...rows.map(({ check }) => check.length));
  const lines = rows.flatMap(({ check, state, found, remedy }) => {
    const { mark, color: tint } = marks[state];
    return [
      `${paint(tint, mark)} ${check.padEnd(width)}  ${found}`,
      ...(remedy ? remedy.split("\n").map((line) => `  ${" ".repeat(width)}  → ${line}`) : []),
    ];
  });
  const count = (state: CheckState) => rows.filter((row) => row.state === state).length;
  const problems = count("problem");
  const unchecked = count("not checked");
  const summary = [
    problems === 0
      ? "No problem found."
      : `${problems} ${problems === 1 ? "problem" : "problems"}.`,
    ...(unchecked > 0 ? [`${unchecked} not checked.`] : []),
  ].join(" ");
  return `${[paint("bold", title), ...lines, paint("bold", summary)].join("\n")}\n`;
}
