/** One row of the display. */
export interface ProgressRow {
  title: string;
  detail?: string;
  /** A row that is done may run again: the engine does not tell which resource of a step is the last. */
  state: "waiting" | "running" | "done" | "failed" | "skipped";
}

/** Shows rows as they change. A note is a line that stays. */
export interface Display {
  update(row: ProgressRow): void;
  note(text: string): void;
  end(): Promise<void>;
}
