import type { ProgressRow } from "../automation/display.js";
import type { StepChanges } from "./step-changes.js";
import {
  changeLines,
  changesInShort,
  frame,
  headingOf,
  type PendingRow,
  tableInShort,
  tableLines,
  wordLines,
} from "./frame.js";
import { line, type Line, paint } from "./lines.js";
import type { Ui } from "./ui.js";
import type { WalkStep } from "./steps.js";

/** Shows the current step in place on a terminal; finished steps stay above. */
export class LiveUi implements Ui {
  private shown: string[] = [];
  private heading = "Getting ready";
  private words = "";
  private bodies: (columns: number) => Line[][];
  private footer = () => "";
  private readonly preparations = new Map<string, ProgressRow>();
  private notes: string[] = [];
  private readonly tick: NodeJS.Timeout;
  private readonly resize = () => this.drawAnew();

  /** @param where the stack: `sandbox`, `stack dev`. */
  constructor(
    private readonly stream: NodeJS.WriteStream,
    private readonly where: string,
  ) {
    this.bodies = () => [[...this.preparations.values()].map(preparationLine)];
    this.tick = setInterval(() => this.draw(), 1000);
    this.tick.unref();
    stream.on("resize", this.resize);
    stream.write(hideCursor);
    process.once("exit", () => stream.write(showCursor));
  }

  prepare(row: ProgressRow): void {
    this.preparations.set(row.title, row);
    this.draw();
  }

  begin(step: WalkStep): void {
    this.finishStep();
    this.heading = headingOf(step);
    this.words = step.words;
    this.show("Previewing the changes …", (columns) => [wordLines(step.words, columns, false)]);
  }

  plan(changes: StepChanges): void {
    this.show(changes.summary, this.changeBodies(changes, false));
  }

  apply(changes: StepChanges): void {
    const started = Date.now();
    const seconds = () => Math.floor((Date.now() - started) / 1000);
    const footer = () => `Updating, ${seconds()} s: ${changes.progress}`;
    this.show(footer, this.changeBodies(changes, true));
  }

  moved(): void {
    this.draw();
  }

  applied(summary: string): void {
    this.show(summary, this.bodies);
  }

  table(rows: PendingRow[]): void {
    this.show(this.footer, (columns) => {
      const words = wordLines(this.words, columns);
      const all = tableLines(rows, columns);
      const short = tableInShort(rows, columns);
      return [[...words, ...all], all, [...words, ...short], short];
    });
  }

  ask(question: string): void {
    this.show(() => question, this.bodies);
  }

  note(text: string): void {
    this.notes.push(text);
    this.draw();
  }

  end(text: string): void {
    clearInterval(this.tick);
    this.stream.off("resize", this.resize);
    this.finishStep();
    this.stream.write(`${showCursor}${text}`);
  }

  private show(footer: string | (() => string), bodies: (columns: number) => Line[][]): void {
    this.footer = typeof footer === "string" ? () => footer : footer;
    this.bodies = bodies;
    this.draw();
  }

  private changeBodies(changes: StepChanges, underWay: boolean): (columns: number) => Line[][] {
    return (columns) => {
      const words = wordLines(this.words, columns);
      const short = changesInShort(changes.groups, underWay);
      const long = changeLines(changes.groups, underWay, columns);
      return [[...words, ...long], [...words, ...short], short];
    };
  }

  private draw(): void {
    // A terminal of unknown size reports 0.
    const size = { columns: this.stream.columns || 80, rows: this.stream.rows || 24 };
    const { heading, where, notes } = this;
    const picture = {
      heading,
      where,
      notes,
      bodies: this.bodies(size.columns),
      footer: this.footer(),
    };
    const lines = frame(picture, size).map((spans) => paint(spans, !process.env["NO_COLOR"]));
    this.stream.write(redraw(this.shown, lines));
    this.shown = lines;
  }

  /** Resizing a terminal moves its contents. */
  private drawAnew(): void {
    this.stream.write("\u001b[2J\u001b[H");
    this.shown = [];
    this.draw();
  }

  private finishStep(): void {
    if (this.shown.length > 0) this.stream.write("\n");
    this.shown = [];
    this.notes = [];
  }
}

const hideCursor = "\u001b[?25l";
const showCursor = "\u001b[?25h";

/**
 * Escape sequences that replace some lines of a terminal by others, with the cursor below them before and after. They
 * skip equal lines, which avoids flicker.
 */
export function redraw(before: string[], after: string[]): string {
  const up = before.length > 0 ? `\u001b[${before.length}A` : "";
  const lines = after.map((text, index) => (text === before[index] ? "\n" : `\r${text}\u001b[K\n`));
  const below = after.length < before.length ? "\u001b[J" : "";
  // Synchronized output, where the terminal supports it: https://gist.github.com/christianparpart/d8a62cc1ab659194337d73e399004036
  return `\u001b[?2026h${up}\r${lines.join("")}${below}\u001b[?2026l`;
}

function preparationLine({ title, detail = "", state }: ProgressRow): Line {
  const mark = state === "done" ? "✔" : state === "failed" ? "✖" : "▸";
  const style = state === "done" ? "green" : state === "failed" ? "red" : "cyan";
  return [{ text: mark, style }, ...line(` ${title}  `), { text: detail, style: "dim" }];
}
