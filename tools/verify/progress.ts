import { cutText, isLive } from "../command-line/terminal.js";
import type { Report } from "./report.js";

const clearLine = "\r\u001b[K";

/** Shows on stderr that a verification is under way: one line that changes, or a line every few seconds. */
export class VerifyProgress {
  private readonly started = Date.now();
  private pending: string[] = [];
  private readonly live: boolean;
  private readonly beat: NodeJS.Timeout;

  constructor(private readonly stream: NodeJS.WriteStream = process.stderr) {
    this.live = isLive(stream);
    this.beat = setInterval(() => this.show(), this.live ? 1_000 : 4_000);
    this.beat.unref();
    if (this.live) this.show();
  }

  /** A round has ended; the rows that are not green are checked again. */
  readonly round = ({ rows }: Report): void => {
    this.pending = rows.filter(({ verdict }) => verdict !== "green").map(({ what }) => what);
    if (this.live) this.show();
  };

  end(): void {
    clearInterval(this.beat);
    if (this.live) this.stream.write(clearLine);
  }

  private show(): void {
    const seconds = Math.round((Date.now() - this.started) / 1000);
    const what = this.pending.length > 0 ? `settling: ${this.pending.join("; ")}` : "checking";
    const line = `… ${seconds} s, ${what}`;
    if (!this.live) return void this.stream.write(`${line}\n`);
    this.stream.write(clearLine + cutText(line, (this.stream.columns || 80) - 1));
  }
}
