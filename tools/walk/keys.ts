import type { ReadStream } from "node:tty";

export type Key = "go" | "quit";

/**
 * Reads keys from a terminal without echo, until `close`. In raw mode Ctrl-C is only a character, so this class sends the
 * signal.
 */
export class Keys {
  private waiting?: (key: Key) => void;

  constructor(private readonly input: ReadStream) {
    input.setRawMode(true).setEncoding("utf8").on("data", this.receive).resume();
  }

  /** The next Enter or q. */
  next(): Promise<Key> {
    return new Promise((resolve) => {
      this.waiting = resolve;
    });
  }

  close(): void {
    this.input.off("data", this.receive).pause().setRawMode(false);
  }

  private readonly receive = (text: string): void => {
    for (const key of text) {
      if (key === "\u0003") process.kill(process.pid, "SIGINT");
      const known = key === "\r" || key === "\n" ? "go" : key === "q" ? "quit" : undefined;
      if (!known) continue;
      this.waiting?.(known);
      this.waiting = undefined;
    }
  };
}
