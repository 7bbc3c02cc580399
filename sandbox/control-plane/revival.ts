import { isRunning, knownProcesses } from "../process.js";
import { partNames, type PartName, processNames } from "./parts.js";

/**
 * Starts a control plane's processes again that died: as a cluster's own control plane comes back. One that was stopped
 * has no record, and stays away; so does one that could not be started again, until the next start of all.
 */
export class Revival {
  private working: Promise<void> = Promise.resolve();
  private readonly timer: NodeJS.Timeout;

  constructor(
    private readonly stateDir: string,
    private readonly start: (part: PartName) => Promise<void>,
  ) {
    this.timer = setInterval(() => {
      this.working = this.working.then(() => this.look());
    }, 1_000).unref();
  }

  /** Ends it, once what it has begun is done. */
  async stop(): Promise<void> {
    clearInterval(this.timer);
    await this.working;
  }

  private async look(): Promise<void> {
    const dead = knownProcesses(this.stateDir).filter((record) => !isRunning(record));
    // In the order in which they need each other.
    for (const part of partNames) {
      if (!dead.some(({ name }) => name === processNames[part])) continue;
      await this.start(part).catch((error: Error) => {
        process.stderr.write(`${error.message}\n`);
      });
    }
  }
}
