import type { ProgressRow } from "../../automation/display.js";
import { logInterval } from "../../command-line/heartbeat.js";
import { wrap } from "../../command-line/wrap.js";
import type { PendingRow } from "../results/result-table.js";
import type { StepChanges } from "../step-changes.js";
import type { WalkStep } from "../steps.js";
import { bodiesOf, type Content, emptyContent } from "./bodies.js";
import { headingOf, tableLines } from "./frame.js";
import type { Key } from "./keys.js";
import { cut, type Line, paint } from "./lines.js";
import { resultLines } from "./results.js";
import type { Ui } from "./ui.js";

const width = 80;

/** Shows the walk as lines, for logs and pipes, and on terminals that can't draw a line again. */
export class PlainUi implements Ui {
  private readonly prepared = new Map<string, ProgressRow["state"]>();
  private readonly printed = new Map<string, string>();
  private heartbeat?: NodeJS.Timeout;
  private url?: string;
  private preparing = "";
  /** What waits for a key. */
  private question?: string | (() => string);
  private readonly content: Content;

  /** @param shell the command that lets a shell reach the cluster, if it needs one. */
  constructor(
    private readonly stream: NodeJS.WritableStream,
    shell?: string,
  ) {
    this.content = emptyContent(shell);
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

  begin(step: WalkStep, back = false, keys: string[] = []): void {
    Object.assign(this.content, { phase: "previewing", words: step.words, rows: [] });
    delete this.content.changes;
    this.stream.write("\n");
    this.lines(headingOf(step, back));
    this.lines(step.words, "  ");
    if (keys.length > 0) this.ask(["Previewing …", ...keys].join("   "));
    this.beats(() => "previewing the changes");
  }

  plan(changes: StepChanges): void {
    Object.assign(this.content, { phase: "planned", changes });
    clearInterval(this.heartbeat);
    this.lines(changes.summary ? `${changes.summary}:` : "Nothing will change.");
    for (const { sign, kind, names } of changes.groups) {
      const [first = "", ...more] = wrap(`${names.length} ${kind}: ${names.join(", ")}`, width - 4);
      this.stream.write([`  ${sign} ${first}`, ...more.map((l) => `    ${l}`), ""].join("\n"));
    }
  }

  apply(changes: StepChanges): void {
    this.content.phase = "applying";
    this.beats(() => changes.progress);
  }

  moved(): void {
    // The heartbeat shows it.
  }

  results(heading: string): void {
    this.content.phase = "results";
    this.printed.clear();
    this.lines(heading);
    this.beats(() => "checking the results");
  }

  /** Prints each row that the step changes when its verdict is known, and the others at the end, in one line. */
  table(rows: PendingRow[], settled = false): void {
    this.content.rows = rows;
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
    this.question = question;
    this.askAgain();
  }

  /** Prints what a key looks up, and below it the question again. */
  look(key: Key): boolean {
    const looked = this.lookUp(key);
    if (!looked) return false;
    this.write([[], ...looked, []]);
    this.askAgain();
    return true;
  }

  note(text: string): void {
    this.lines(text, "  ");
  }

  end(text: string): void {
    clearInterval(this.heartbeat);
    this.stream.write(text);
  }

  private lookUp(key: Key): Line[] | undefined {
    const { content } = this;
    if (key === "rows")
      return content.rows.length > 0 ? tableLines(content.rows, width) : undefined;
    // In a plan, PageUp returns to the results of the stage before.
    const over = key === "up" && content.phase === "results" ? "explain" : key;
    if (over !== "explain" && over !== "keys" && over !== "commands") return undefined;
    return bodiesOf({ ...content, over }, width)[0];
  }

  private askAgain(): void {
    const { question = "" } = this;
    const line = typeof question === "string" ? question : question();
    // The keys stand apart from each other.
    const parts = line.length <= width ? [line] : line.split("   ");
    for (const part of parts) this.write([[{ text: part }]]);
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
      this.write([spans.filter(({ text }) => !text.includes("a: show them"))]);
    }
  }

  private write(lines: Line[]): void {
    for (const spans of lines) this.stream.write(`${paint(cut(spans, width), false)}\n`);
  }

  private lines(text: string, indent = ""): void {
    this.stream.write(`${wrap(text, width, indent).join("\n")}\n`);
  }
}
