import type { ProgressRow } from "../../automation/display.js";
import { logInterval } from "../../command-line/heartbeat.js";
import { wrap } from "../../command-line/wrap.js";
import type { PendingRow } from "../results/result-table.js";
import type { StepChanges } from "../step-changes.js";
import type { WalkStep } from "../steps.js";
import { headingOf } from "./frame.js";
import { cut, paint } from "./lines.js";
import { resultLines } from "./results.js";
import type { Ui } from "./ui.js";

const width = 80;

/** Shows the walk as lines, for logs and pipes. */
export class PlainUi implements Ui {
  private readonly prepared = new Map<string, ProgressRow["state"]>();
  private readonly printed = new Map<string, string>();
  private heartbeat?: NodeJS.Timeout;
  private url?: string;
  private preparing = "";

  constructor(private readonly stream: NodeJS.WritableStream) {
    this.getsReady();
  }

  prepare({ title, detail = "", state }: ProgressRow): void {
    this.preparing = [title, detail].filter(Boolean).join(", ");
    if (this.prepared.get(title) === state) return;
    this.prepared.set(title, state);
    if (state === "running") return this.beats(() => this.preparing);
    this.lines(`${title}: ${detail || state}`);
    this.getsReady();
  }

  begin(step: WalkStep, back = false): void {
    this.printed.clear();
    this.stream.write("\n");
    this.lines(headingOf(step, back));
    this.lines(step.words, "  ");
    this.beats(() => "previewing the changes");
  }

  plan(changes: StepChanges): void {
    clearInterval(this.heartbeat);
    this.lines(changes.summary ? `${changes.summary}:` : "Nothing will change.");
    for (const { sign, kind, names } of changes.groups) {
      const [first = "", ...more] = wrap(`${names.length} ${kind}: ${names.join(", ")}`, width - 4);
      this.stream.write([`  ${sign} ${first}`, ...more.map((l) => `    ${l}`), ""].join("\n"));
    }
  }

  apply(changes: StepChanges): void {
    this.beats(() => changes.progress);
  }

  moved(): void {
    // The heartbeat shows it.
  }

  results(heading: string): void {
    this.lines(heading);
    this.beats(() => "checking the results");
  }

  /** Prints each row that the step changes when its verdict is known, and the others at the end, in one line. */
  table(rows: PendingRow[], settled = false): void {
    const news = rows.filter(
      ({ id, stayed, verdict }) =>
        verdict !== "pending" &&
        this.printed.get(id) !== verdict &&
        !(stayed && verdict === "green"),
    );
    for (const { id, verdict } of news) this.printed.set(id, verdict);
    this.rows(news, rows);
    if (!settled) return;
    clearInterval(this.heartbeat);
    this.rows(
      rows.filter(({ stayed, verdict }) => stayed && verdict === "green"),
      rows,
    );
    if (this.url) this.lines(`The page: ${this.url}`);
  }

  page(url: string | undefined): void {
    this.url = url;
  }

  count(): void {
    // A log has no place for a number that moves.
  }

  ask(question: string | (() => string)): void {
    clearInterval(this.heartbeat);
    this.lines(typeof question === "string" ? question : question());
  }

  look(): boolean {
    return false;
  }

  note(text: string): void {
    this.lines(text, "  ");
  }

  end(text: string): void {
    clearInterval(this.heartbeat);
    this.stream.write(text);
  }

  /** Between two rows, and between the last one and the first step. */
  private getsReady(): void {
    this.beats(() => "getting ready");
  }

  /** Prints a line every few seconds, until something is shown. */
  private beats(doing: () => string): void {
    const started = Date.now();
    clearInterval(this.heartbeat);
    this.heartbeat = setInterval(() => {
      const seconds = Math.floor((Date.now() - started) / 1000);
      this.lines(`${seconds} s: ${doing()}`, "  ");
    }, logInterval);
    this.heartbeat.unref();
  }

  private rows(rows: PendingRow[], all: PendingRow[]): void {
    for (const spans of resultLines(rows, width, true, all)) {
      // The key that the line of the other rows names does not exist here.
      const shown = spans.filter(({ text }) => !text.includes("a: show them"));
      this.stream.write(`${paint(cut(shown, width), false)}\n`);
    }
  }

  private lines(text: string, indent = ""): void {
    this.stream.write(`${wrap(text, width, indent).join("\n")}\n`);
  }
}
