import { styleText } from "node:util";

import { wrap } from "../command-line/wrap.js";
import type { Verdict } from "./finding.js";
import type { Report, TableRow } from "./report.js";

export interface RenderOptions {
  /** Columns of the terminal; default 80. */
  width?: number;
  color?: boolean;
}

const marks: Record<Verdict, { mark: string; color: "green" | "red" | "yellow" }> = {
  green: { mark: "✔", color: "green" },
  red: { mark: "✖", color: "red" },
  "not checked": { mark: "–", color: "yellow" },
};

/** The report as a table for a terminal, no line wider than `width`. Ends with a newline. */
export function renderReport(
  report: Report,
  { width: given, color = false }: RenderOptions = {},
): string {
  // A terminal of unknown size reports 0.
  const width = given || 80;
  const { target, stage, namespace, rows, remedies, notes, deferredBy } = report;
  const paint = (style: Parameters<typeof styleText>[0], text: string) =>
    color ? styleText(style, text, { validateStream: false }) : text;
  const lines = [paint("bold", `${target}, stage ${stage}, namespace ${namespace}`)];
  if (deferredBy.length > 0) {
    const why = `Verification deferred: ${deferredBy.length === 1 ? "an object" : "objects"} of a later stage still ${deferredBy.length === 1 ? "exists:" : "exist:"}`;
    const then = "Run `npm run -s verify` once this update has finished.";
    lines.push(...wrap(`${why} ${deferredBy.join(", ")}. ${then}`, width));
    return `${lines.join("\n")}\n`;
  }
  const columns = layout(rows, width);
  lines.push(paint("dim", line("", ["stage", "what", "expected", "seen"], columns)[0] ?? ""));
  rows.forEach((row, index) => {
    const { mark, color: tint } = marks[row.verdict];
    const step = rows[index - 1]?.stage === row.stage ? "" : row.stage;
    const cells = [step, row.what, row.expected, seenCell(row)];
    lines.push(
      ...line(mark, cells, columns).map((text, n) =>
        n > 0 ? text : paint(tint, mark) + text.slice(1),
      ),
    );
    const cause = causeBelow(rows, index);
    if (cause) lines.push(...wrap(cause, width, "  ").map((text) => paint(tint, text)));
  });
  for (const [why, names] of unchecked(rows)) {
    lines.push(
      ...wrap(`not checked (${names.join("; ")}): ${why}`, width).map((text) =>
        paint("yellow", text),
      ),
    );
  }
  // A command stays on one line, to be copied.
  lines.push(...remedies.flatMap(({ why, command }) => [...wrap(why, width), `  ${command}`]));
  lines.push(...notes.flatMap((note) => wrap(note, width)), paint("bold", summary(report)));
  return `${lines.join("\n")}\n`;
}

/**
 * The likely cause to show below a row; undefined where there is none, or where it is shown elsewhere: rows that follow
 * each other share one line, and a cause that was shown before is not shown again.
 */
export function causeBelow(
  rows: readonly { cause?: string | undefined }[],
  index: number,
): string | undefined {
  const cause = rows[index]?.cause;
  if (!cause || rows[index + 1]?.cause === cause) return undefined;
  const first = rows.findIndex((row) => row.cause === cause);
  const together = rows.slice(first, index + 1);
  if (!together.every((row) => row.cause === cause)) return "likely cause: as above";
  return `likely cause${together.length > 1 ? ` of these ${together.length}` : ""}: ${cause}`;
}

const seenCell = ({ verdict, seen }: TableRow) =>
  verdict === "not checked" ? "not checked" : seen;

/** Each reason once, with the rows that it applies to. */
function unchecked(rows: TableRow[]): Map<string, string[]> {
  const reasons = new Map<string, string[]>();
  for (const { verdict, seen, what } of rows) {
    if (verdict === "not checked") reasons.set(seen, [...(reasons.get(seen) ?? []), what]);
  }
  return reasons;
}

function summary({ rows, seconds }: Report): string {
  const of = (verdict: Verdict) => rows.filter((row) => row.verdict === verdict).length;
  const counts = [`${of("green")} green`, `${of("red")} red`, `${of("not checked")} not checked`];
  return `${counts.join(", ")}; ${seconds.toFixed(1)} s`;
}

/** Widths of the four columns; the later ones shrink to fit. */
export function layout(rows: TableRow[], width: number): number[] {
  const longest = (texts: string[], least: number) =>
    Math.max(least, ...texts.map(({ length }) => length));
  const stage = longest(
    rows.map((row) => row.stage),
    5,
  );
  const room = Math.max(24, width - 2 - stage - 6);
  const whats = rows.map((row) => row.what);
  const what = Math.min(longest(whats, 4), Math.ceil(room / 2));
  const expecteds = rows.map((row) => row.expected);
  const expected = longest(expecteds, 8);
  const seen = longest(rows.map(seenCell), 4);
  const rest = room - what;
  const first = Math.min(expected, Math.max(rest - seen, rest - 14, Math.ceil(rest / 2)));
  return [stage, what, first, Math.min(seen, rest - first)];
}

/** One row; a cell wider than its column continues on the next line. */
function line(mark: string, cells: string[], widths: number[]): string[] {
  const wrapped = cells.map((cell, index) => wrap(cell, widths[index] ?? 80));
  const height = Math.max(...wrapped.map(({ length }) => length));
  return Array.from({ length: height }, (_, n) => {
    const parts = wrapped.map((texts, index) => (texts[n] ?? "").padEnd(widths[index] ?? 0));
    return `${n === 0 ? mark.padEnd(1) : " "} ${parts.join("  ")}`.trimEnd();
  });
}
