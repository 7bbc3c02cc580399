import type { ProgressRow } from "../automation/display.js";
import { wrap } from "../command-line/wrap.js";
import type { StepChanges } from "./step-changes.js";
import { headingOf, type PendingRow, tableLines } from "./frame.js";
import { cut, paint } from "./lines.js";
import type { Ui } from "./ui.js";
import type { WalkStep } from "./steps.js";

const width = 80;
/** Interval between progress lines, in milliseconds. */
const beat = 10_000;

/** Shows the walk as lines, for logs and pipes. */
export class PlainUi implements Ui {
  private readonly prepared = new Map<string, string>();
  private readonly printed = new Map<string, string>();
  private heartbeat?: NodeJS.Timeout;

  constructor(private readonly stream: NodeJS.WritableStream) {}

  prepare({ title, detail = "", state }: ProgressRow): void {
    if (this.prepared.get(title) === state) return;
    this.prepared.set(title, state);
    if (state !== "running") this.lines(`${title}: ${detail || state}`);
  }

  begin(step: WalkStep): void {
    this.printed.clear();
    this.stream.write("\n");
    this.lines(headingOf(step));
    this.lines(step.words, "  ");
  }

  plan(changes: StepChanges): void {
    this.lines(changes.summary || "Nothing will change.");
    for (const { sign, kind, names } of changes.groups) {
      const [first = "", ...more] = wrap(`${names.length} ${kind}: ${names.join(", ")}`, width - 4);
      this.stream.write([`  ${sign} ${first}`, ...more.map((l) => `    ${l}`), ""].join("\n"));
    }
  }

  apply(changes: StepChanges): void {
    const started = Date.now();
    this.heartbeat = setInterval(() => {
      const seconds = Math.floor((Date.now() - started) / 1000);
      this.lines(`${seconds} s: ${changes.progress}`, "  ");
    }, beat);
    this.heartbeat.unref();
  }

  moved(): void {
    // The heartbeat shows it.
  }

  applied(summary: string): void {
    clearInterval(this.heartbeat);
    this.lines(summary);
  }

  /** Prints each row when its verdict is known, and again if a later round changes it. */
  table(rows: PendingRow[]): void {
    for (const row of rows) {
      if (row.verdict === "pending" || this.printed.get(row.id) === row.verdict) continue;
      this.printed.set(row.id, row.verdict);
      for (const line of tableLines([row], width, rows)) {
        this.stream.write(`${paint(cut(line, width), false)}\n`);
      }
    }
  }

  ask(question: string): void {
    this.lines(question);
  }

  note(text: string): void {
    this.lines(text, "  ");
  }

  end(text: string): void {
    clearInterval(this.heartbeat);
    this.stream.write(text);
  }

  private lines(text: string, indent = ""): void {
    this.stream.write(`${wrap(text, width, indent).join("\n")}\n`);
  }
}
