import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** One step of a run, as the summary shows it. */
export interface StepRecord {
  title: string;
  passed: boolean;
  seconds: number;
  /** Markdown: commands, tables, output. */
  detail: string;
}

/** An expectation that was not met; its message is Markdown. */
export class Unmet extends Error {
  override name = "Unmet";
}

/** Collects the steps of a run and keeps `summary.md` up to date, so that a run that is cut off has one too. */
export class Journal {
  readonly steps: StepRecord[] = [];
  /** Facts about the run, one sentence each. */
  readonly notes: string[] = [];
  private readonly started = Date.now();
  private finished = false;

  /** @param folder for `summary.md`; created if it does not exist. */
  constructor(
    private readonly title: string,
    private readonly folder: string,
  ) {
    mkdirSync(folder, { recursive: true });
  }

  /**
   * Runs one step and records it.
   *
   * @param work returns or throws ({@link Unmet}) the step's detail.
   * @returns whether it passed.
   */
  async step(title: string, work: () => Promise<string>): Promise<boolean> {
    const number = this.steps.length + 1;
    process.stdout.write(`\n=== ${number}. ${title}\n`);
    const started = Date.now();
    const [passed, detail] = await work().then(
      (said) => [true, said] as const,
      (error: Error) =>
        [false, error instanceof Unmet ? error.message : block(String(error.stack))] as const,
    );
    const seconds = (Date.now() - started) / 1000;
    this.steps.push({ title, passed, seconds, detail });
    process.stdout.write(
      `=== ${number}. ${passed ? "passed" : "FAILED"} in ${duration(seconds)}\n`,
    );
    this.save("summary.md", this.markdown());
    return passed;
  }

  /** No step follows. */
  finish(): void {
    this.finished = true;
    this.save("summary.md", this.markdown());
  }

  /** Writes another file beside the summary. */
  save(name: string, text: string): void {
    writeFileSync(join(this.folder, name), text);
  }

  markdown(): string {
    const failed = this.steps.find(({ passed }) => !passed);
    const soFar = this.finished ? "passed" : "not finished";
    const verdict = failed ? `failed at “${failed.title}”` : soFar;
    const seconds = (Date.now() - this.started) / 1000;
    const rows = this.steps.map(({ title, passed, seconds }, index) => [
      String(index + 1),
      title,
      passed ? "✔" : "✖",
      duration(seconds),
    ]);
    const parts = this.steps.map(({ title, detail }, index) =>
      `### ${index + 1}. ${title}\n\n${detail}`.trimEnd(),
    );
    const head = `## ${this.title}: ${verdict}, ${duration(seconds)}`;
    const notes = this.notes.map((note) => `- ${note}`).join("\n");
    const all = [head, notes, table(["#", "step", "result", "time"], rows), ...parts];
    return `${all.filter(Boolean).join("\n\n")}\n`;
  }
}

/** `75` → `1 min 15 s` */
export function duration(seconds: number): string {
  const whole = Math.round(seconds);
  return whole < 60 ? `${whole} s` : `${Math.floor(whole / 60)} min ${whole % 60} s`;
}

export function table(head: string[], rows: string[][]): string {
  const line = (cells: string[]) =>
    `| ${cells.map((cell) => cell.replaceAll("|", "\\|").replace(/\s+/g, " ")).join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}

/** Text as a code block that no backticks in it can end. */
export function block(text: string): string {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([ticks]) => ticks.length));
  const fence = "`".repeat(longest + 1);
  return `${fence}\n${text.trimEnd()}\n${fence}`;
}

export function folded(title: string, markdown: string): string {
  return `<details><summary>${title}</summary>\n\n${markdown}\n\n</details>`;
}
