import { isRunning, knownProcesses } from "../processes/process.js";
import { partNames, type PartName, processNames } from "./parts.js";

/** The longest that a part waits to be started again, in milliseconds. */
const longest = 15_000;

/**
 * Starts a control plane's processes again that died: as a cluster's own control plane comes back. One that can't be
 * started again is tried again and again, ever more seldom; one that was {@link hold | stopped} stays away.
 */
export class Revival {
  private working: Promise<void> = Promise.resolve();
  private readonly timer: NodeJS.Timeout;
  /** Parts that have run and were not stopped: who dies at once leaves no record. */
  private readonly wanted = new Set<PartName>();
  private readonly held = new Set<PartName>();
  private readonly failures = new Map<PartName, { count: number; next: number; said: string }>();

  constructor(
    private readonly stateDir: string,
    private readonly start: (part: PartName) => Promise<void>,
    private readonly interval = 1_000,
  ) {
    this.timer = setInterval(() => {
      this.working = this.working.then(() => this.look()).catch(() => undefined);
    }, interval).unref();
  }

  /** Ends it, once what it has begun is done. */
  async stop(): Promise<void> {
    clearInterval(this.timer);
    await this.working;
  }

  /** Leaves a part alone until it is found running again; what has begun with it is at its end then. */
  async hold(part: PartName): Promise<void> {
    this.held.add(part);
    this.wanted.delete(part);
    this.failures.delete(part);
    await this.working;
  }

  /** A part that was held is looked after again. */
  release(part: PartName): void {
    this.held.delete(part);
  }

  private async look(): Promise<void> {
    const known = knownProcesses(this.stateDir);
    // Somebody has removed the folder: with it goes all that is in it.
    if (known.length === 0) return;
    // In the order in which they need each other.
    for (const part of partNames) {
      if (this.held.has(part)) continue;
      const record = known.find(({ name }) => name === processNames[part]);
      if (record) this.wanted.add(part);
      if (record && isRunning(record)) this.failures.delete(part);
      else if (this.wanted.has(part)) await this.revive(part);
    }
  }

  private async revive(part: PartName): Promise<void> {
    const before = this.failures.get(part);
    if (before && Date.now() < before.next) return;
    try {
      await this.start(part);
      this.failures.delete(part);
    } catch (error) {
      const said = (error as Error).message;
      if (said !== before?.said) process.stderr.write(`${said}\n`);
      const count = (before?.count ?? 0) + 1;
      const next = Date.now() + Math.min(this.interval * 2 ** count, longest);
      this.failures.set(part, { count, next, said });
    }
  }
}
