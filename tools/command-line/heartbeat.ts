import { cutText, isLive } from "./terminal.js";

/** Time between two lines of a log, in milliseconds: none is silent for more than five seconds. */
export const logInterval = 4_000;

const clearLine = "\r\u001b[K";

/** Shows that a command is at work: on a terminal one line that changes, in a log a line every few seconds. */
export class Heartbeat {
  private readonly started = Date.now();
  private readonly live: boolean;
  private beat?: NodeJS.Timeout;
  private isShown = false;

  /** @param doing what the command does at the moment; undefined: nothing that takes time. */
  constructor(
    private readonly doing: () => string | undefined,
    private readonly stream: NodeJS.WriteStream = process.stderr,
  ) {
    this.live = isLive(stream);
  }

  /** May be called again. */
  begin(): void {
    if (this.beat) return;
    this.beat = setInterval(() => this.show(), this.live ? 1_000 : logInterval);
    this.beat.unref();
  }

  /** On a terminal, shows at once what the command does now. */
  refresh(): void {
    if (this.live && this.beat) this.show();
  }

  /** Clears the line; may be called again. */
  end(): void {
    clearInterval(this.beat);
    this.clear();
  }

  private show(): void {
    const doing = this.doing();
    if (doing === undefined) return this.clear();
    const line = `… ${Math.round((Date.now() - this.started) / 1000)} s, ${doing}`;
    if (!this.live) return void this.stream.write(`${line}\n`);
    this.isShown = true;
    this.stream.write(clearLine + cutText(line, (this.stream.columns || 80) - 1));
  }

  private clear(): void {
    if (this.isShown) this.stream.write(clearLine);
    this.isShown = false;
  }
}

/** The {@link Heartbeat} of a command that waits for the answers of others. */
export class Waiting {
  private readonly asked: string[] = [];
  private readonly heartbeat: Heartbeat;

  constructor(stream?: NodeJS.WriteStream) {
    const doing = () =>
      this.asked.length > 0 ? `still asking ${[...new Set(this.asked)].join(", ")}` : undefined;
    this.heartbeat = new Heartbeat(doing, stream);
    this.heartbeat.begin();
  }

  /** Shows who is being asked until the answer arrives. */
  readonly answer = async <T>(whom: string, answer: Promise<T>): Promise<T> => {
    this.asked.push(whom);
    try {
      return await answer;
    } finally {
      this.asked.splice(this.asked.lastIndexOf(whom), 1);
      // What the answer says may be printed next.
      if (this.asked.length === 0) this.heartbeat.refresh();
    }
  };

  end(): void {
    this.heartbeat.end();
  }
}

/** {@link Waiting.answer}, or nothing that shows it. */
export type Await = Waiting["answer"];
