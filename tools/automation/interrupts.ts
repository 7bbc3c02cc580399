import type { Engine } from "./engine.js";

/** Signals that ask a command to stop, with the exit status: 128 plus the signal's number, as in a shell. */
const statuses = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const;
type StopSignal = keyof typeof statuses;

/** How long an engine has to write its state after the second interrupt, in milliseconds. */
const grace = 5_000;

/** Stops the running operation: the first signal cancels it, the second terminates it at once. */
export class Interrupts {
  /** Set as soon as the engine may be running. */
  engine?: Pick<Engine, "busy" | "interrupt" | "kill">;
  private times = 0;
  private first?: StopSignal;
  private abandon: () => void = () => undefined;
  /** Rejects when there is nothing to wait for: no engine is running, or a third signal arrived. */
  readonly abandoned = new Promise<never>((_, reject) => {
    this.abandon = () => reject(new Error("abandoned"));
  });

  /** @param note shows a line to the person. */
  constructor(private readonly note: (text: string) => void) {
    for (const signal of Object.keys(statuses)) process.on(signal, this.receive);
    // The rejection may have no other handler.
    this.abandoned.catch(() => undefined);
  }

  /** The exit status to end with; undefined until a signal arrives. */
  get status(): number | undefined {
    return this.first && statuses[this.first];
  }

  /** What stopped the command, as a person calls it. */
  get by(): string {
    return this.first === "SIGINT" ? "Ctrl-C" : (this.first ?? "");
  }

  close(): void {
    for (const signal of Object.keys(statuses)) process.off(signal, this.receive);
  }

  private readonly receive = (signal: NodeJS.Signals): void => {
    this.times += 1;
    this.first ??= signal as StopSignal;
    const { engine } = this;
    if (!engine?.busy || this.times > 2) {
      engine?.kill();
      this.abandon();
      return;
    }
    if (this.times === 1)
      this.note("Stopping after the operations under way. Press Ctrl-C again to stop at once.");
    engine.interrupt();
    if (this.times === 2) setTimeout(() => engine.kill(), grace).unref();
  };
}
