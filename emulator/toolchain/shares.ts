import type { Step } from "./build.js";

/**
 * Reports the progress of a long piece of work.
 *
 * `step` names the work, `detail` what it does at the moment, `fraction` how much of it is done, from 0 to 1, if known.
 */
export type Report = (event: { step: string; detail?: string; fraction?: number }) => void;

/** Combines the progress of several pieces of work into one report. */
export class Shares {
  private readonly parts: { title: string; weight: number; detail: string; fraction: number }[] =
    [];

  constructor(private readonly report: Report) {}

  /**
   * @param weight amount of work, in a unit common to all parts. Add all parts before the first one reports, or the
   * total fraction decreases.
   */
  share(title: string, weight: number): Step {
    const part = { title, weight, detail: "", fraction: 0 };
    this.parts.push(part);
    return (detail, fraction) => {
      Object.assign(part, { detail, fraction: Math.max(part.fraction, fraction) });
      const open = this.parts.filter((one) => one.fraction < 1 && one.detail);
      const all = this.parts.reduce((sum, one) => sum + one.weight, 0);
      this.report({
        step: "Tools",
        detail: open.map((one) => `${one.title}: ${one.detail}`).join("; ") || "ready",
        fraction: this.parts.reduce((sum, one) => sum + one.weight * one.fraction, 0) / all,
      });
    };
  }
}
