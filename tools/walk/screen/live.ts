import type { ProgressRow } from "../../automation/display.js";
import { redraw } from "../../command-line/terminal.js";
import type { ReviewCounts } from "../../verify/checks/curl.js";
import type { PendingRow } from "../results/result-table.js";
import type { StepChanges } from "../step-changes.js";
import type { WalkStep } from "../steps.js";
import { bodiesOf, type Content, emptyContent } from "./bodies.js";
import { frame, headingOf } from "./frame.js";
import type { Key } from "./keys.js";
import { paint } from "./lines.js";
import type { Ui } from "./ui.js";

/** Shows the current step in place on a terminal; finished steps stay above. */
export class LiveUi implements Ui {
  private shown: string[] = [];
  private title = "Getting ready";
  private footer = () => "Loading …";
  private url?: string;
  private readonly preparations = new Map<string, ProgressRow>();
  private readonly content: Content;
  private notes: string[] = [];
  private readonly tick: NodeJS.Timeout;
  private readonly resize = () => this.drawAnew();

  /**
   * @param where the stack: `sandbox`, `stack dev`.
   * @param shell the command that lets a shell reach the cluster, if it needs one.
   */
  constructor(
    private readonly stream: NodeJS.WriteStream,
    private readonly where: string,
    shell?: string,
  ) {
    this.content = emptyContent(shell);
    this.tick = setInterval(() => this.draw(), 1000);
    this.tick.unref();
    stream.on("resize", this.resize);
    stream.write(hideCursor);
    process.once("exit", () => stream.write(showCursor));
    this.draw();
  }

  prepare(row: ProgressRow): void {
    this.preparations.set(row.title, row);
    this.show("", { preparations: [...this.preparations.values()] });
  }

  begin(step: WalkStep, back = false, keys: string[] = []): void {
    // These lines stay above the first step.
    if (this.content.phase === "preparing") this.show("Ready.", {});
    this.finishStep();
    this.title = headingOf(step, back);
    const started = Date.now();
    const seconds = () => Math.floor((Date.now() - started) / 1000);
    const doing = keys.length > 0 ? "Previewing" : "Previewing the changes";
    const footer = () => [`${doing}, ${seconds()} s …`, ...keys].join("   ");
    this.show(footer, { phase: "previewing", words: step.words, changes: undefined, rows: [] });
  }

  plan(changes: StepChanges): void {
    this.show("", { phase: "planned", changes });
  }

  apply(changes: StepChanges): void {
    const started = Date.now();
    const seconds = () => Math.floor((Date.now() - started) / 1000);
    const footer = () => `Updating, ${seconds()} s: ${changes.progress}`;
    this.show(footer, { phase: "applying", changes });
  }

  moved(): void {
    this.draw();
  }

  results(heading: string): void {
    this.show("Checking the results …", { phase: "results", heading });
  }

  table(rows: PendingRow[], settled = false): void {
    const green = rows.every(({ verdict }) => verdict === "green");
    const last = green ? "Every result is as expected." : "See the rows that are not green.";
    this.show(settled ? last : this.footer, { rows });
  }

  page(url: string | undefined): void {
    this.url = url;
    this.draw();
  }

  count(counts: ReviewCounts | undefined): void {
    this.show(this.footer, { count: counts });
  }

  ask(question: string | (() => string)): void {
    this.show(question, {});
  }

  look(key: Key): boolean {
    const { over, phase, allRows } = this.content;
    // In a plan, PageUp returns to the results of the stage before.
    const asked = key === "up" ? (phase === "results" ? "explain" : undefined) : key;
    if (asked === "explain" || asked === "keys" || asked === "commands") {
      this.show(this.footer, { over: over === asked ? undefined : asked });
      return true;
    }
    if (key === "rows") {
      this.show(this.footer, { over: undefined, allRows: over ? allRows : !allRows });
      return true;
    }
    this.show(this.footer, { over: undefined });
    // Going on from an explanation leads back to what it covered.
    return over !== undefined && (key === "go" || key === "up");
  }

  note(text: string): void {
    this.notes.push(text);
    this.draw();
  }

  end(text: string): void {
    clearInterval(this.tick);
    this.stream.off("resize", this.resize);
    this.finishStep();
    this.stream.write(`${showCursor}${text}`);
  }

  private show(
    footer: string | (() => string),
    content: { [K in keyof Content]?: Content[K] | undefined },
  ): void {
    this.footer = typeof footer === "string" ? () => footer : footer;
    Object.assign(this.content, content);
    this.draw();
  }

  private draw(): void {
    // A terminal of unknown size reports 0.
    const size = { columns: this.stream.columns || 80, rows: this.stream.rows || 24 };
    const picture = {
      heading: this.title,
      where: this.where,
      notes: this.notes,
      bodies: bodiesOf(this.content, size.columns),
      ...(this.url && { page: this.url }),
      footer: this.footer(),
    };
    const lines = frame(picture, size).map((spans) => paint(spans, !process.env["NO_COLOR"]));
    this.stream.write(redraw(this.shown, lines));
    this.shown = lines;
  }

  /** Resizing a terminal moves its contents. */
  private drawAnew(): void {
    this.stream.write("\u001b[2J\u001b[H");
    this.shown = [];
    this.draw();
  }

  private finishStep(): void {
    if (this.shown.length > 0) this.stream.write("\n");
    this.shown = [];
    this.notes = [];
    Object.assign(this.content, { over: undefined, allRows: false, count: undefined });
  }
}

const hideCursor = "\u001b[?25l";
const showCursor = "\u001b[?25h";
