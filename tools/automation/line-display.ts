import { cutText } from "../command-line/terminal.js";
import type { Display, ProgressRow } from "./display.js";

/** The longest silence, in milliseconds; the clock looks once a second. */
const silence = 3_900;

/** A line for each change and, while nothing changes, one every few seconds: for logs, pipes, and simple terminals. */
export class LineDisplay implements Display {
  private readonly started = Date.now();
  private readonly rows = new Map<string, ProgressRow>();
  private last = Date.now();
  private readonly beat: NodeJS.Timeout;

  constructor(private readonly stream: NodeJS.WriteStream) {
    this.beat = setInterval(() => this.heartbeat(), 1000);
    this.beat.unref();
  }

  update(row: ProgressRow): void {
    const before = this.rows.get(row.title);
    this.rows.set(row.title, row);
    // Progress inside a row shows in the heartbeat, not in a line of its own.
    if (before?.state === row.state || row.state === "waiting") return;
    this.line(`${row.title}: ${row.detail || row.state}`);
  }

  note(text: string): void {
    this.line(text);
  }

  end(): Promise<void> {
    clearInterval(this.beat);
    return Promise.resolve();
  }

  private heartbeat(): void {
    if (Date.now() - this.last < silence) return;
    const running = [...this.rows.values()].filter(({ state }) => state === "running");
    const what = running.map(({ title, detail }) => (detail ? `${title}: ${detail}` : title));
    this.line(`… ${what.join("; ") || "waiting for the engine"}`);
  }

  private line(text: string): void {
    this.last = Date.now();
    const seconds = ((this.last - this.started) / 1000).toFixed(1).padStart(6);
    const line = `${seconds}s  ${text}`;
    // A log keeps whole lines; a terminal would wrap them.
    const { isTTY, columns } = this.stream;
    this.stream.write(`${isTTY ? cutText(line, columns || 80) : line}\n`);
  }
}
