import { wrap } from "../../command-line/wrap.js";
import { causeBelow, layout } from "../../verify/render.js";
import type { TableRow } from "../../verify/report.js";
import type { PendingRow } from "../results/result-table.js";
import type { ChangeGroup } from "../step-changes.js";
import { cut, line, type Line } from "./lines.js";
import type { WalkStep } from "../steps.js";
import { walkSteps } from "../steps.js";

/** What the terminal shows of a step at one moment. */
export interface Picture {
  heading: string;
  where: string;
  /** Versions of the content, the best first; the first one that fits is shown. */
  bodies: Line[][];
  /** Additional notes; only their last lines are shown. */
  notes: string[];
  /** URL of the page, once there is one. */
  page?: string;
  footer: string;
}

export interface Size {
  columns: number;
  rows: number;
}

/** @param back whether the stack comes from a later stage. */
export const headingOf = ({ number, stage, title }: WalkStep, back = false) =>
  `${back ? "Back to step" : "Step"} ${number} of ${walkSteps.length}, ${stage}: ${title}`;

/** The lines of a picture: none wider than the terminal, and too few to scroll it. */
export function frame(picture: Picture, { columns, rows }: Size): Line[] {
  const { heading, where, bodies, notes, page, footer } = picture;
  const gap = Math.max(1, columns - heading.length - where.length);
  const head: Line[] = [
    [
      { text: heading, style: "bold" },
      { text: " ".repeat(gap) + where, style: "dim" },
    ],
    line("─".repeat(columns), "dim"),
  ];
  const noteLines = notes.flatMap((note) => wrap(note, columns, /^ */.exec(note)?.[0]));
  const shownNotes = rows < 12 ? [] : noteLines.slice(-4).map((note) => line(note, "yellow"));
  // In the place of an empty line: a small terminal has none to give away.
  const above = page ? line(`The page: ${page}`, "underline") : line("");
  const foot = [...shownNotes, above, line(footer, "cyan")];
  // The cursor needs a line below.
  const room = Math.max(1, rows - 1 - head.length - foot.length);
  const body = bodies.find(({ length }) => length <= room) ?? shortened(bodies.at(-1) ?? [], room);
  const gapBelow = page && body.length > 0 && body.length < room ? [line("")] : [];
  return [...head, ...body, ...gapBelow, ...foot].map((spans) => cut(spans, columns));
}

function shortened(body: Line[], room: number): Line[] {
  const more = body.length - room + 1;
  return [...body.slice(0, room - 1), line(`… and ${more} more lines`, "dim")];
}

/** A step's description, with an empty line below if something follows. */
export function wordLines(words: string, columns: number, followed = true): Line[] {
  const lines = wrap(words, columns).map((part) => line(part));
  return followed ? [...lines, line("")] : lines;
}

/** The changes of a step, by kind, with every name. */
export function changeLines(groups: ChangeGroup[], underWay: boolean, columns: number): Line[] {
  const indent = kindWidth(groups) + 10;
  return groups.flatMap((group, index) => {
    const [first = "", ...more] = wrap(group.names.join(", "), columns - indent);
    const [start = []] = changesInShort(groups.slice(index, index + 1), underWay, indent - 10);
    return [
      [...start.slice(0, -1), { text: first, style: "dim" as const }],
      ...more.map((text) => line(" ".repeat(indent) + text, "dim")),
    ];
  });
}

/** The changes of a step, one line per kind; with progress marks once the operation runs. */
export function changesInShort(
  groups: ChangeGroup[],
  underWay: boolean,
  width = kindWidth(groups),
): Line[] {
  return groups.map(({ sign, kind, names, done, running, failed }) => {
    const count = done > 0 && done < names.length ? `${done}/${names.length}` : `${names.length}`;
    const mark = failed ? "✖" : done === names.length ? "✔" : running ? "▸" : sign;
    const style = failed ? "red" : done === names.length ? "green" : running ? "cyan" : "dim";
    return [
      { text: underWay ? mark : sign, style: underWay ? style : signStyle[sign] },
      { text: ` ${count.padStart(5)} ${kind.padEnd(width)}  ` },
      { text: names.join(", "), style: "dim" },
    ];
  });
}

const kindWidth = (groups: ChangeGroup[]) => Math.max(0, ...groups.map(({ kind }) => kind.length));

const signStyle = { "+": "green", "~": "yellow", "±": "magenta", "-": "red" } as const;

export const marks = {
  green: { mark: "✔", style: "green" },
  red: { mark: "✖", style: "red" },
  "not checked": { mark: "–", style: "yellow" },
  pending: { mark: "·", style: "dim" },
} as const;

/**
 * One line per row, and below a red row its likely cause.
 *
 * @param all all rows of the table, which determine the widths of the columns.
 */
export function tableLines(rows: PendingRow[], columns: number, all = rows): Line[] {
  const widths = layout(all as TableRow[], columns);
  return rows.flatMap((row, index) => {
    const { mark, style } = marks[row.verdict];
    const stage = rows[index - 1]?.stage === row.stage ? "" : row.stage;
    const seen = row.verdict === "not checked" ? "not checked" : row.seen;
    const cells = [stage, row.what, row.expected, seen].map((cell, column) => {
      const width = widths[column] ?? 0;
      const [{ text = "" } = {}, { text: end = "" } = {}] = cut(line(cell), width);
      return (text + end).padEnd(width);
    });
    const text = ` ${cells.join("  ")}`.trimEnd();
    const first = [{ text: mark, style }, row.verdict === "pending" ? { text, style } : { text }];
    return [first, ...causeLines(rows, index, columns)];
  });
}

/** Why a row is red or was not checked; empty for any other, and where another row shows the same cause. */
export function causeLines(rows: PendingRow[], index: number, columns: number): Line[] {
  const row = rows[index];
  if (!row) return [];
  const { verdict, seen } = row;
  const causes = rows.map((other) => (other.verdict === "red" ? { cause: other.cause } : {}));
  const why = verdict === "not checked" ? `not checked: ${seen}` : causeBelow(causes, index);
  if (!why) return [];
  return wrap(why, columns, "  ").map((text) => line(text, marks[verdict].style));
}
