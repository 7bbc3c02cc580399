import { cutText, isLive } from "../../command-line/terminal.js";
import type { Report } from "../report.js";

const clearLine = "\r\u001b[K";

/** Shows on stderr that a verification is under way: one line that changes, or a line every few seconds. */
export class VerifyProgress {
  private readonly started = Date.now();
  private pending: string[] = [];
  private ended = false;
  private readonly live: boolean;
  private beat?: NodeJS.Timeout;

  /** @param doing is said at once: the libraries take seconds to load. */
  constructor(
    doing: string,
    private readonly stream: NodeJS.WriteStream = process.stderr,
  ) {
    this.live = isLive(stream);
    if (this.live) this.begin();
    else stream.write(`${doing} …\n`);
  }

  /** The cluster is being asked: from now on a log gets its lines. */
  begin(): void {
    if (this.beat) return;
    this.beat = setInterval(() => this.show(), this.live ? 1_000 : 4_000);
    this.beat.unref();
    if (this.live) this.show();
  }

  /** A round has ended; the rows that are not green are checked again. */
  readonly round = ({ rows }: Report): void => {
    this.pending = rows.filter(({ verdict }) => verdict !== "green").map(({ what }) => what);
    if (this.live) this.show();
  };

  /** Clears the line; may be called again. */
  end(): void {
    clearInterval(this.beat);
    if (this.live && !this.ended) this.stream.write(clearLine);
    this.ended = true;
  }

  private show(): void {
    const seconds = Math.round((Date.now() - this.started) / 1000);
    const what = this.pending.length > 0 ? `settling: ${this.pending.join("; ")}` : "checking";
    const line = `… ${seconds} s, ${what}`;
    if (!this.live) return void this.stream.write(`${line}\n`);
    this.stream.write(clearLine + cutText(line, (this.stream.columns || 80) - 1));
  }
}
