import xterm from "@xterm/headless";

import type { Cast } from "./capture.js";

/** Adjacent characters of one style. */
export interface Run {
  text: string;
  /** Column of the first character, from 0. */
  column: number;
  /** Of the terminal's 16 colors; undefined: the default. */
  color?: number;
  bold: boolean;
  dim: boolean;
}

/** The screen at one moment. */
export interface Frame {
  /** Seconds since the start. */
  at: number;
  /** One for each row of the terminal. */
  lines: Run[][];
}

// A program marks the end of one drawing: https://github.com/contour-terminal/vt-extensions/blob/master/synchronized-output.md
const afterDrawing = /(?<=\u001b\[\?2026l)/;

/** The screens that a recording shows, without those that look like the one before. */
export async function framesOf({ columns, rows, events }: Cast): Promise<Frame[]> {
  const terminal = new xterm.Terminal({ cols: columns, rows, allowProposedApi: true });
  const frames: Frame[] = [];
  let before = "";
  for (const [at, text] of events) {
    for (const drawing of text.split(afterDrawing)) {
      await new Promise<void>((resolve) => terminal.write(drawing, resolve));
      const lines = screenOf(terminal);
      const now = JSON.stringify(lines);
      if (now !== before) frames.push({ at, lines });
      before = now;
    }
  }
  terminal.dispose();
  return frames;
}

function screenOf({ buffer, rows }: xterm.Terminal): Run[][] {
  const { active } = buffer;
  return Array.from({ length: rows }, (_, row) => {
    const line = active.getLine(active.baseY + row);
    return line ? runsOf(line) : [];
  });
}

function runsOf(line: xterm.IBufferLine): Run[] {
  const runs: Run[] = [];
  for (let column = 0; column < line.length; column += 1) {
    const cell = line.getCell(column);
    // The second half of a wide character has no characters.
    if (!cell?.getChars()) continue;
    const run: Run = {
      text: cell.getChars(),
      column,
      ...(cell.isFgPalette() && { color: cell.getFgColor() }),
      bold: cell.isBold() !== 0,
      dim: cell.isDim() !== 0,
    };
    const last = runs.at(-1);
    if (last && continues(last, run)) last.text += run.text;
    else runs.push(run);
  }
  return runs
    .map((run) => ({ ...run, text: run.text.trimEnd() }))
    .filter(({ text }) => text !== "");
}

const continues = (last: Run, next: Run) =>
  last.column + last.text.length === next.column &&
  last.color === next.color &&
  last.bold === next.bold &&
  last.dim === next.dim;

/** A line of a frame as text, padded where the terminal was empty. */
export function textOf(line: Run[]): string {
  return line.reduce((text, run) => text.padEnd(run.column) + run.text, "");
}
