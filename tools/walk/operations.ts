import type { Display } from "../automation/display.js";
import type { Interrupts } from "../automation/interrupts.js";
import type { Outcome } from "../automation/operation.js";
import { Progress } from "../automation/progress.js";
import type { Stage } from "../../components/settings/types.js";
import { displayOf } from "./screen/display.js";
import type { Ui } from "./screen/ui.js";
import type { WalkedStack } from "./stack/walked-stack.js";
import { StepChanges } from "./step-changes.js";

/** A failed operation with the engine's error messages. */
export class OperationFailed extends Error {
  override readonly name = "OperationFailed";

  constructor(readonly diagnostics: readonly string[]) {
    super(diagnostics.join("\n\n"));
  }
}

interface Preview {
  changes: StepChanges;
  done: Promise<void>;
  settled: boolean;
}

/** How long a canceled preview may take to end, in milliseconds. */
const grace = 5_000;

const silent: Display = {
  update: () => undefined,
  note: () => undefined,
  end: () => Promise.resolve(),
};

/** The engine's operations on a walked stack, one at a time. The next step's preview may run ahead. */
export class Operations {
  /** The previews since the last update. */
  private readonly previews = new Map<Stage, Preview>();
  private reject: () => void = () => undefined;
  /** Rejects when a signal has ended a preview that no one waits for. */
  readonly stopped = new Promise<never>((_, reject) => {
    this.reject = () => reject(new Error("stopped"));
  });

  private readonly display: Display;

  constructor(
    private readonly walked: WalkedStack,
    private readonly ui: Ui,
    private readonly interrupts: Interrupts,
  ) {
    this.display = displayOf(ui);
    // The rejection may have no other handler.
    this.stopped.catch(() => undefined);
  }

  /** Starts the preview of a stage without waiting for it; its failure shows when it is asked for. */
  lookAhead(stage: Stage): void {
    if (this.previews.has(stage) || this.underWay) return;
    this.start(stage, silent);
  }

  /** The changes that lead to a stage. @throws OperationFailed with the engine's messages. */
  async preview(stage: Stage): Promise<StepChanges> {
    // Two previews would write the same settings file, and no one asks for the other one now.
    if (!this.previews.has(stage)) await this.cancel();
    const preview = this.previews.get(stage) ?? this.start(stage, this.display);
    await preview.done;
    return preview.changes;
  }

  /** Updates the stack to a stage. @throws OperationFailed with the engine's messages. */
  async up(stage: Stage, changes: StepChanges): Promise<Outcome> {
    this.previews.clear();
    return this.run(changes, this.display, (progress) => this.walked.up(stage, progress));
  }

  /** Ends the preview that is under way, which changes nothing. */
  async cancel(): Promise<void> {
    const { underWay, interrupts } = this;
    if (!underWay || interrupts.status) return;
    const ended = underWay.done.catch(() => undefined);
    interrupts.engine?.interrupt();
    const timer = setTimeout(() => interrupts.engine?.kill(), grace).unref();
    await ended;
    clearTimeout(timer);
    for (const [stage, preview] of this.previews) {
      if (preview === underWay) this.previews.delete(stage);
    }
  }

  private get underWay(): Preview | undefined {
    return [...this.previews.values()].find(({ settled }) => !settled);
  }

  private start(stage: Stage, display: Display): Preview {
    const changes = new StepChanges();
    const done = this.run(
      changes,
      display,
      (progress) => this.walked.preview(stage, progress),
      true,
    );
    const preview: Preview = { changes, done, settled: false };
    const settle = () => {
      preview.settled = true;
      if (this.interrupts.status) this.reject();
    };
    done.then(settle, settle);
    this.previews.set(stage, preview);
    return preview;
  }

  private async run<T>(
    changes: StepChanges,
    display: Display,
    operate: (progress: Pick<Progress, "event">) => Promise<T>,
    preview = false,
  ): Promise<T> {
    const progress = new Progress(display, []);
    const follow = preview ? changes.planned : changes.happened;
    const event: Progress["event"] = (happened) => {
      progress.event(happened);
      follow(happened);
      if (!preview) this.ui.moved();
    };
    try {
      return await operate({ event });
    } catch (error) {
      const { diagnostics } = progress;
      if (this.interrupts.status || diagnostics.length === 0) throw error;
      throw new OperationFailed(diagnostics);
    } finally {
      await progress.end();
    }
  }
}
