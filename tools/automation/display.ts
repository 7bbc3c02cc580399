import { styleText } from "node:util";

import {
  Listr,
  ListrDefaultRendererLogLevels,
  ListrLogger,
  type ListrTaskWrapper,
  ProcessOutput,
} from "listr2";

/** One row of the display. */
export interface ProgressRow {
  title: string;
  detail?: string;
  state: "waiting" | "running" | "done" | "failed" | "skipped";
}

/** Shows rows as they change. A note is a line that stays. */
export interface Display {
  update(row: ProgressRow): void;
  note(text: string): void;
  end(): Promise<void>;
}

/** A terminal gets a live list, everything else a line for each change. */
export function openDisplay(stream: NodeJS.WriteStream, titles: string[]): Display {
  return stream.isTTY ? new LiveDisplay(stream, titles) : new LineDisplay(stream);
}

type Task = ListrTaskWrapper<unknown, never, never>;

interface Entry {
  row: ProgressRow;
  task?: Task;
  finish?: (error?: Error) => void;
}

class LiveDisplay implements Display {
  private readonly rows = new Map<string, Entry>();
  private readonly list: Promise<unknown>;
  private readonly notes: string[] = [];

  constructor(
    private readonly stream: NodeJS.WriteStream,
    titles: string[],
  ) {
    const logger = new ListrLogger({ processOutput: new ProcessOutput(stream, stream) });
    const tasks = titles.map((title) => ({
      title,
      task: (_: unknown, task: Task) =>
        new Promise<void>((resolve, reject) => {
          const row = this.rows.get(title)?.row ?? { title, state: "waiting" };
          const finish = (error?: Error) => (error ? reject(error) : resolve());
          this.rows.set(title, { row, task, finish });
          this.update(row);
        }),
    }));
    const icon = { [ListrDefaultRendererLogLevels.SKIPPED_WITH_COLLAPSE]: "-" };
    const options = { logger, icon, showErrorMessage: false, suffixSkips: false };
    this.list = new Listr(tasks as never[], {
      concurrent: true,
      exitOnError: false,
      registerSignalListeners: false,
      renderer: "default",
      rendererOptions: options,
    }).run();
  }

  update(row: ProgressRow): void {
    const entry = this.rows.get(row.title) ?? { row };
    entry.row = row;
    this.rows.set(row.title, entry);
    const { task, finish } = entry;
    if (!task || !finish) return;
    const text = row.detail ? `${row.title}  ${styleText("dim", row.detail)}` : row.title;
    task.title = row.state === "waiting" ? styleText("dim", text) : text;
    if (row.state === "skipped") task.skip();
    if (row.state === "done" || row.state === "skipped") finish();
    if (row.state === "failed") finish(new Error(text));
  }

  note(text: string): void {
    this.notes.push(text);
    // Also show it now, below the running row: the person may want to act on it.
    const running = [...this.rows.values()].find(({ row }) => row.state === "running");
    if (running?.task) running.task.output = text;
  }

  async end(): Promise<void> {
    for (const { row } of this.rows.values()) {
      if (row.state === "waiting") this.update({ ...row, state: "skipped" });
      if (row.state === "running") this.update({ ...row, state: "done" });
    }
    await this.list;
    for (const text of this.notes) this.stream.write(`${text}\n`);
  }
}

class LineDisplay implements Display {
  private readonly started = Date.now();
  private readonly rows = new Map<string, ProgressRow>();
  private last = Date.now();
  private readonly beat: NodeJS.Timeout;

  constructor(private readonly stream: NodeJS.WriteStream) {
    this.beat = setInterval(() => this.heartbeat(), 1000);
    this.beat.unref();
  }

  update(row: ProgressRow): void {
    const before = this.rows.get(row.title);
    this.rows.set(row.title, row);
    // Progress inside a row shows in the heartbeat, not in a line of its own.
    if (before?.state === row.state || row.state === "waiting") return;
    this.line(`${row.title}: ${row.detail || row.state}`);
  }

  note(text: string): void {
    this.line(text);
  }

  end(): Promise<void> {
    clearInterval(this.beat);
    return Promise.resolve();
  }

  private heartbeat(): void {
    if (Date.now() - this.last < 5000) return;
    const running = [...this.rows.values()].filter(({ state }) => state === "running");
    if (running.length > 0) {
      this.line(`… ${running.map(({ title, detail }) => `${title}: ${detail ?? ""}`).join("; ")}`);
    }
  }

  private line(text: string): void {
    this.last = Date.now();
    const seconds = ((this.last - this.started) / 1000).toFixed(1).padStart(6);
    this.stream.write(`${seconds}s  ${text}\n`);
  }
}
