import { isRunning, knownProcesses } from "../processes/process.js";
import { partNames, type PartName, processNames } from "./parts.js";

/** The longest delay before the next attempt, in milliseconds. */
const maxDelay = 15_000;

/**
 * Restarts the control plane's processes when they end, with increasing delays while that fails. A process that is
 * {@link hold | held} stays stopped.
 */
export class Restarter {
  private working: Promise<void> = Promise.resolve();
  private readonly timer: NodeJS.Timeout;
  /** Parts that have run and are not held: a process that ends at once leaves no record. */
  private readonly wanted = new Set<PartName>();
  private readonly held = new Set<PartName>();
  private readonly failures = new Map<PartName, { count: number; next: number; message: string }>();

  constructor(
    private readonly stateDir: string,
    private readonly start: (part: PartName) => Promise<void>,
    private readonly interval = 1_000,
  ) {
    this.timer = setInterval(() => {
      this.working = this.working.then(() => this.check()).catch(() => undefined);
    }, interval).unref();
  }

  /** Ends the supervision, after a restart in progress. */
  async stop(): Promise<void> {
    clearInterval(this.timer);
    await this.working;
  }

  /** Stops restarting a part until {@link release}; waits for a restart in progress. */
  async hold(part: PartName): Promise<void> {
    this.held.add(part);
    this.wanted.delete(part);
    this.failures.delete(part);
    await this.working;
  }

  /** Restarts a part again when it ends. */
  release(part: PartName): void {
    this.held.delete(part);
  }

  private async check(): Promise<void> {
    const known = knownProcesses(this.stateDir);
    // The state folder was removed: nothing must be started in it.
    if (known.length === 0) return;
    for (const part of partNames) {
      if (this.held.has(part)) continue;
      const record = known.find(({ name }) => name === processNames[part]);
      if (record) this.wanted.add(part);
      if (record && isRunning(record)) this.failures.delete(part);
      else if (this.wanted.has(part)) await this.restart(part);
    }
  }

  private async restart(part: PartName): Promise<void> {
    const before = this.failures.get(part);
    if (before && Date.now() < before.next) return;
    try {
      await this.start(part);
      this.failures.delete(part);
    } catch (error) {
      const { message } = error as Error;
      if (message !== before?.message) process.stderr.write(`${message}\n`);
      const count = (before?.count ?? 0) + 1;
      const next = Date.now() + Math.min(this.interval * 2 ** count, maxDelay);
      this.failures.set(part, { count, next, message });
    }
  }
}
