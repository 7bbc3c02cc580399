import { styleText } from "node:util";

import { cutText, redraw } from "../command-line/terminal.js";
import { wrap } from "../command-line/wrap.js";
import type { Display, ProgressRow } from "./display.js";

const frames = [..."⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"];
/** Milliseconds between two drawings. */
const pace = 100;
const hideCursor = "\u001b[?25l";
const showCursor = "\u001b[?25h";

/** Shows the rows in place on a terminal: a spinner for each that runs, a mark for each that has ended. */
export class LiveDisplay implements Display {
  private readonly rows = new Map<string, ProgressRow>();
  private shown: string[] = [];
  private frame = 0;
  private ended = false;
  private readonly tick: NodeJS.Timeout;
  private readonly resized = () => this.drawAnew();

  /** @param titles of the rows, in order, that show before anything is known of them. */
  constructor(
    private readonly stream: NodeJS.WriteStream,
    titles: string[],
  ) {
    for (const title of titles) this.rows.set(title, { title, state: "waiting" });
    stream.on("resize", this.resized);
    stream.write(hideCursor);
    process.once("exit", this.showCursor);
    this.tick = setInterval(() => {
      this.frame += 1;
      this.draw();
    }, pace);
    this.tick.unref();
    this.draw();
  }

  update(row: ProgressRow): void {
    const before = this.rows.get(row.title)?.state;
    this.rows.set(row.title, row);
    if (before !== row.state && !this.ended) this.draw();
  }

  /** Writes the note above the rows, where it stays. */
  note(text: string): void {
    const lines = text.split("\n").flatMap((line) => wrap(line, this.columns));
    if (this.ended) return void this.stream.write(`${lines.join("\n")}\n`);
    this.stream.write(redraw(this.shown, lines));
    this.shown = [];
    this.draw();
  }

  end(): Promise<void> {
    if (this.ended) return Promise.resolve();
    this.ended = true;
    for (const row of this.rows.values()) {
      if (row.state === "waiting") this.rows.set(row.title, { ...row, state: "skipped" });
      if (row.state === "running") this.rows.set(row.title, { ...row, state: "done" });
    }
    clearInterval(this.tick);
    this.draw();
    this.stream.off("resize", this.resized);
    process.off("exit", this.showCursor);
    this.showCursor();
    return Promise.resolve();
  }

  private readonly showCursor = (): void => void this.stream.write(showCursor);

  // A terminal of unknown size reports 0.
  private get columns(): number {
    return this.stream.columns || 80;
  }

  private draw(): void {
    const all = [...this.rows.values()];
    // The cursor needs a line below; on a low terminal the last rows count.
    const lines = all
      .slice(-Math.max(1, (this.stream.rows || 24) - 1))
      .map((row) => this.line(row));
    this.stream.write(redraw(this.shown, lines));
    this.shown = lines;
  }

  private line({ title, detail, state }: ProgressRow): string {
    const text = cutText(detail ? `${title}  ${detail}` : title, this.columns - 2);
    const [mark, color] = this.mark(state);
    const shownTitle = text.slice(0, title.length);
    const rest = paint("dim", text.slice(title.length));
    return `${paint(color, mark)} ${state === "waiting" ? paint("dim", shownTitle) : shownTitle}${rest}`;
  }

  private mark(state: ProgressRow["state"]): [string, Style] {
    switch (state) {
      case "waiting":
        return ["·", "dim"];
      case "running":
        return [frames[this.frame % frames.length] ?? "·", "cyan"];
      case "done":
        return ["✔", "green"];
      case "failed":
        return ["✖", "red"];
      case "skipped":
        return ["-", "dim"];
    }
  }

  /** Resizing a terminal moves its contents. */
  private drawAnew(): void {
    this.stream.write("\u001b[2J\u001b[H");
    this.shown = [];
    this.draw();
  }
}

type Style = "dim" | "cyan" | "green" | "red";

const paint = (style: Style, text: string) =>
  text && !process.env["NO_COLOR"] ? styleText(style, text, { validateStream: false }) : text;
