import type { ReadStream } from "node:tty";

import { type Stage, stages } from "../../../components/settings/types.js";

/** What a key asks for: an action, or the stage to go to. */
export type Key =
  "go" | "back" | "up" | "again" | "explain" | "rows" | "commands" | "keys" | "quit" | Stage;

const known: Record<string, Key> = {
  "\r": "go",
  "\n": "go",
  " ": "go",
  "\u001b[6~": "go",
  "\u001b[5~": "up",
  b: "back",
  // Clickers send one of the two to blank the screen.
  ".": "back",
  r: "again",
  e: "explain",
  a: "rows",
  c: "commands",
  "?": "keys",
  q: "quit",
  ...Object.fromEntries(stages.map((stage, index) => [`${index + 1}`, stage])),
};

/** The keys as a person reads them, with what they do. */
export const keyHelp: readonly [keys: string, does: string][] = [
  ["Enter, Space, PageDown", "go on"],
  ["PageUp, e", "explanation and changes of the step; again: back"],
  ["b, .", "a stage back: an update, shown before it is made"],
  ["1 to 7", "to any stage, in the same way"],
  ["r", "ask the requests again"],
  ["a", "all rows, or only those that the step changes"],
  ["c", "the commands that repeat the requests"],
  ["?", "these keys"],
  ["q", "leave; the next walk continues here"],
];

// A function key arrives as one sequence: https://invisible-island.net/xterm/ctlseqs/ctlseqs.html
const oneKey = /\u001b\[[\d;]*[ -/]*[@-~]|\u001bO[ -~]|\u001b?[^\u001b]|\u001b/gu;

/** The known keys in what a terminal sends, and Ctrl-C. */
export function keysIn(text: string): (Key | "interrupt")[] {
  return (text.match(oneKey) ?? []).flatMap((sequence) =>
    sequence === "\u0003" ? ["interrupt" as const] : (known[sequence] ?? []),
  );
}

/** The same key again within this time, in milliseconds, is one press. */
export const repeatMs = 250;

/**
 * Reads keys from a terminal without echo, until `close`. In raw mode Ctrl-C is only a character, so this class sends the
 * signal.
 */
export class Keys {
  private waiting?: (key: Key) => void;
  private last?: { key: Key; at: number };

  constructor(private readonly input: ReadStream) {
    input.setRawMode(true).setEncoding("utf8").on("data", this.receive).resume();
  }

  /** The next known key; keys that no one waits for are ignored. */
  next(): Promise<Key> {
    return new Promise((resolve) => {
      this.waiting = resolve;
    });
  }

  close(): void {
    this.input.off("data", this.receive).pause().setRawMode(false);
  }

  private readonly receive = (text: string): void => {
    for (const key of keysIn(text)) {
      if (key === "interrupt") {
        process.kill(process.pid, "SIGINT");
        continue;
      }
      const { last } = this;
      this.last = { key, at: Date.now() };
      // A clicker that bounces, or a key that is held down, must not apply what no one has read.
      if (last?.key === key && this.last.at - last.at < repeatMs) continue;
      this.waiting?.(key);
      this.waiting = undefined;
    }
  };
}
