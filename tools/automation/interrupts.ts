import type { Engine } from "./engine.js";

/** Ctrl-C and what else asks a command to end, with the exit status: 128 and the signal's number, as in a shell. */
const statuses = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const;
type Asking = keyof typeof statuses;

/** What an engine that was told twice to stop gets to write its state, in milliseconds. */
const grace = 5_000;

/** Ends what is under way: at the first request in order, at the second at once. */
export class Interrupts {
  /** The engine, from when on it may be at work. */
  engine?: Pick<Engine, "busy" | "interrupt" | "kill">;
  private times = 0;
  private first?: Asking;
  private abandon: () => void = () => undefined;
  /** Rejects where nothing is to be waited for: no engine is at work, or it was asked a third time. */
  readonly abandoned = new Promise<never>((_, reject) => {
    this.abandon = () => reject(new Error("abandoned"));
  });

  /** @param note says something to the person who waits. */
  constructor(private readonly note: (text: string) => void) {
    for (const signal of Object.keys(statuses)) process.on(signal, this.receive);
    // Nobody may be waiting for it.
    this.abandoned.catch(() => undefined);
  }

  /** The exit status that is called for; undefined while nobody asked. */
  get status(): number | undefined {
    return this.first && statuses[this.first];
  }

  /** What asked, as a person calls it. */
  get by(): string {
    return this.first === "SIGINT" ? "Ctrl-C" : (this.first ?? "");
  }

  close(): void {
    for (const signal of Object.keys(statuses)) process.off(signal, this.receive);
  }

  private readonly receive = (signal: NodeJS.Signals): void => {
    this.times += 1;
    this.first ??= signal as Asking;
    const { engine } = this;
    if (!engine?.busy || this.times > 2) {
      engine?.kill();
      this.abandon();
      return;
    }
    if (this.times === 1) this.note("Stopping in order; Ctrl-C again stops at once.");
    engine.interrupt();
    if (this.times === 2) setTimeout(() => engine.kill(), grace).unref();
  };
}
