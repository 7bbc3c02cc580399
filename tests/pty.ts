import { type ChildProcess, spawn } from "node:child_process";

import { root } from "../tools/paths.js";
import { Terminal } from "./terminal.js";

/** A command in a pseudo-terminal of its own, followed on its screen. */
export class Pty {
  readonly terminal: Terminal;
  readonly child: ChildProcess;
  /** The exit status. */
  readonly ended: Promise<number | null>;
  /** Receives the screen after each drawing that the program marks as one. */
  onDrawing: (screen: string[]) => void = () => undefined;

  constructor(
    command: string,
    { columns, rows }: { columns: number; rows: number },
    env: NodeJS.ProcessEnv = {},
  ) {
    this.terminal = new Terminal(columns, rows);
    const sized = `stty cols ${columns} rows ${rows}; exec ${command}`;
    const argv =
      process.platform === "darwin"
        ? ["-q", "/dev/null", "sh", "-c", sized]
        : ["-qefc", sized, "/dev/null"];
    this.child = spawn("script", argv, {
      cwd: root,
      env: { ...process.env, TERM: "xterm", CI: "", ...env },
    });
    this.child.stdout?.setEncoding("utf8").on("data", (text: string) => this.see(text));
    this.ended = new Promise((resolve) => this.child.once("close", resolve));
  }

  get screen(): string {
    return this.terminal.screen.join("\n");
  }

  type(keys: string): void {
    this.child.stdin?.write(keys);
  }

  /** Waits until the screen shows it. */
  async shows(what: RegExp, seconds = 300): Promise<void> {
    const end = Date.now() + seconds * 1000;
    while (!what.test(this.screen)) {
      if (this.child.exitCode !== null || Date.now() > end) {
        throw new Error(`It never showed ${what}:\n${this.screen}`);
      }
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  private see(text: string): void {
    // One drawing after the other, as they are marked.
    for (const drawing of text.split(/(?<=\u001b\[\?2026l)/)) {
      this.terminal.write(drawing);
      if (drawing.endsWith("\u001b[?2026l")) this.onDrawing(this.terminal.screen);
    }
  }
}
