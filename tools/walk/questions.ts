import type { Key } from "./screen/keys.js";
import type { Ui } from "./screen/ui.js";

/** What a person is asked at the end of a screen. */
export interface Question {
  /** What going on does: `step 5, l4`. */
  on: string;
  /** The other keys that are worth a place on the line. */
  others?: string[];
  /** The keys that answer it, besides "go". */
  accepts: readonly Key[];
}

/** Asks a person, or goes on without one. */
export class Questions {
  /**
   * @param key waits for a key.
   * @param pause seconds to wait at a table before going on; undefined: until a key is pressed.
   */
  constructor(
    private readonly ui: Ui,
    private readonly key: (() => Promise<Key>) | undefined,
    private readonly pause: number | undefined,
  ) {}

  /** Whether a person decides when to go on. */
  get attended(): boolean {
    return this.pause === undefined && this.key !== undefined;
  }

  /** Whether anyone has time to look at a table. */
  get lingers(): boolean {
    return this.attended || (this.pause ?? 0) > 0;
  }

  /** @param atTable whether the question is below a table, where an unattended walk pauses. */
  async ask({ on, others = [], accepts }: Question, atTable = false): Promise<Key> {
    if (!this.attended && !(atTable && this.lingers)) return "go";
    const line = [`Enter: ${on}`, ...others, "?: keys", "q: quit"].join("   ");
    const end = this.attended ? undefined : Date.now() + (this.pause ?? 0) * 1000;
    const left = () => Math.max(0, Math.ceil(((end ?? 0) - Date.now()) / 1000));
    this.ui.ask(end === undefined ? line : () => `In ${left()} s: ${on}`);
    for (;;) {
      const key = await this.next(end);
      if (this.ui.look(key)) continue;
      if (key === "go" || accepts.includes(key)) return key;
    }
  }

  /**
   * Waits for work, unless a person answers before it has ended.
   *
   * @returns the work's result, or the accepted key.
   */
  async unless<T extends object>(accepts: readonly Key[], work: Promise<T>): Promise<T | Key> {
    if (!this.attended) return work;
    // Its failure is no one's concern after a key.
    work.catch(() => undefined);
    for (;;) {
      const first = await Promise.race([work, this.next(undefined)]);
      if (typeof first !== "string") return first;
      if (!this.ui.look(first) && accepts.includes(first)) return first;
    }
  }

  private async next(end: number | undefined): Promise<Key> {
    if (end === undefined) return this.key?.() ?? "go";
    let timer: NodeJS.Timeout | undefined;
    const over = new Promise<Key>((resolve) => {
      timer = setTimeout(resolve, Math.max(0, end - Date.now()), "go");
    });
    try {
      return await Promise.race([over, ...(this.key ? [this.key()] : [])]);
    } finally {
      clearTimeout(timer);
    }
  }
}
