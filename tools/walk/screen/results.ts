import type { ReviewCounts } from "../../verify/checks/curl.js";
import { commandLines } from "../results/repeat-command.js";
import type { PendingRow } from "../results/result-table.js";
import { causeLines, marks } from "./frame.js";
import { cut, line, type Line } from "./lines.js";

/** Whether the step changes the row, or the row is not as green as before. */
const isTold = ({ stayed, verdict }: PendingRow) =>
  !stayed || verdict === "red" || verdict === "not checked";

const isChanged = ({ before }: PendingRow) => before !== undefined;

/**
 * The rows that a step changes, as changes; those that stayed as they were are one line.
 *
 * @param all all rows of the table, which determine the widths of the columns.
 */
export function resultLines(
  rows: PendingRow[],
  columns: number,
  commands = true,
  all = rows,
): Line[] {
  const told = rows.filter(isTold);
  const stayed = rows.filter((row) => !isTold(row));
  // Rows with another answer than before come first, and have columns of their own: their cells are the widest.
  return [
    ...[isChanged, (row: PendingRow) => !isChanged(row)].flatMap((group) => {
      const widths = columnsOf(all.filter(isTold).filter(group), columns);
      return told
        .filter(group)
        .flatMap((row, index, shown) => [
          rowLine(row, widths),
          ...causeLines(shown, index, columns),
          ...(commands && row.command ? repeated(row.command, columns) : []),
        ]);
    }),
    ...(stayed.length > 0 ? [stayedLine(stayed, told.length > 0)] : []),
  ];
}

/** Each request of the table with the command that repeats it. */
export function allCommands(rows: PendingRow[], columns: number): Line[] {
  return rows.flatMap(({ what, command }) =>
    command ? [line(what, "bold"), ...repeated(command, columns)] : [],
  );
}

const repeated = (command: string, columns: number) =>
  commandLines(command, columns, "    ").map((text) => line(text, "cyan"));

/** `the page → curl exit 56, reset`: the expected answer, and the one before if it was another. */
const change = ({ before, expected }: PendingRow) =>
  before === undefined ? expected : `${before} → ${expected}`;

const seenIn = ({ verdict, seen }: PendingRow) => (verdict === "not checked" ? verdict : seen);

function columnsOf(rows: PendingRow[], columns: number): number[] {
  const longest = (texts: string[]) => Math.max(0, ...texts.map(({ length }) => length));
  const what = longest(rows.map((row) => row.what));
  const seen = Math.min(longest(rows.map(seenIn)), Math.floor(columns / 3));
  const room = Math.max(8, columns - 2 - what - seen - 4);
  return [what, Math.min(longest(rows.map(change)), room), seen];
}

function rowLine(row: PendingRow, widths: number[]): Line {
  const { mark, style } = marks[row.verdict];
  const cells = [row.what, change(row), seenIn(row)].map((cell, column) => {
    const width = widths[column] ?? 0;
    const parts = cut(line(cell), width);
    const text = parts.map((part) => part.text).join("");
    return text.padEnd(width);
  });
  const text = ` ${cells.join("  ")}`.trimEnd();
  return [{ text: mark, style }, row.verdict === "pending" ? { text, style } : { text }];
}

function stayedLine(rows: PendingRow[], others: boolean): Line {
  const green = rows.filter(({ verdict }) => verdict === "green").length;
  const count = `${rows.length}${others ? " other" : ""} ${rows.length === 1 ? "row" : "rows"}`;
  if (green < rows.length) {
    return line(`· ${count} as at the stage before: ${green} checked`, "dim");
  }
  return [
    { text: `✔ ${count} as at the stage before`, style: "green" },
    { text: "   a: show them", style: "dim" },
  ];
}

/** The live count as a bar with the numbers behind it. */
export function countLine({ v1, v2, v3, none }: ReviewCounts, columns: number): Line {
  const all = v1 + v2 + v3;
  const share = all > 0 ? v2 / all : 0;
  const numbers = [`${v1} v1`, `${v2} v2`, ...(v3 > 0 ? [`${v3} v3`] : [])].join(", ");
  const without = none > 0 ? `, ${none} pages without reviews` : "";
  const said = `Now ${numbers}${without}: ${(share * 100).toFixed(1)} % v2  `;
  const width = Math.max(0, Math.min(40, columns - said.length));
  const stars = Math.round(share * width);
  return [
    { text: said, style: "bold" },
    { text: "█".repeat(width - stars), style: "dim" },
    { text: "█".repeat(stars), style: "yellow" },
  ];
}
