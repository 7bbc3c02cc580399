import { spawn } from "node:child_process";

import { block, folded, Unmet } from "./journal.js";

/** A command that has ended. */
export interface Ended {
  /** -1 if a signal ended it. */
  code: number;
  stdout: string;
  /** Both streams, in the order in which they were written. */
  output: string;
}

/** GitHub cuts a step's summary at 1 MiB; an operation's last lines say how it ended. */
const linesShown = 200;

/** Runs commands as a person types them, in the project's folder, and repeats what they write. */
export class Shell {
  constructor(
    private readonly cwd: string,
    private readonly env: NodeJS.ProcessEnv,
  ) {}

  run(argv: string[]): Promise<Ended> {
    const [program = "", ...args] = argv;
    process.stdout.write(`$ ${typed(argv)}\n`);
    return new Promise((resolve, reject) => {
      const child = spawn(program, args, {
        cwd: this.cwd,
        env: this.env,
        stdio: ["ignore", "pipe", "pipe"],
      });
      let stdout = "";
      let output = "";
      const hear = (text: string) => {
        output += text;
        process.stdout.write(text);
      };
      child.stdout.setEncoding("utf8").on("data", (text: string) => {
        stdout += text;
        hear(text);
      });
      child.stderr.setEncoding("utf8").on("data", hear);
      child.once("error", reject);
      child.once("close", (code) => resolve({ code: code ?? -1, stdout, output }));
    });
  }

  /**
   * Runs commands one after the other, each of which must succeed.
   *
   * @returns Markdown: the commands, and their output folded.
   * @throws Unmet with the output of the one that failed.
   */
  async succeed(...commands: string[][]): Promise<string> {
    const outputs: string[] = [];
    for (const argv of commands) {
      const { code, output } = await this.run(argv);
      outputs.push(`$ ${typed(argv)}\n${output.trimEnd()}`);
      if (code === 0) continue;
      throw new Unmet(`${code} is the exit status of:\n\n${block(tail(outputs.join("\n")))}`);
    }
    const lines = commands.map((argv) => `$ ${typed(argv)}`).join("\n");
    return `${block(lines)}\n\n${folded("output", block(tail(outputs.join("\n"))))}`;
  }
}

/** As a person would type it. */
export const typed = (argv: string[]) =>
  argv.map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word}'`)).join(" ");

function tail(text: string): string {
  const lines = text.split("\n");
  const left = lines.length - linesShown;
  return left > 0 ? [`… ${left} lines before`, ...lines.slice(left)].join("\n") : text;
}
