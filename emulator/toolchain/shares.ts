import type { Report } from "../host/report.js";
import type { Step } from "./build.js";

/** Several pieces of work as one line: what each does, and how far they are together. */
export class Shares {
  private readonly parts: { title: string; weight: number; detail: string; fraction: number }[] =
    [];

  constructor(private readonly report: Report) {}

  /**
   * @param weight how much work it is, in any unit: the same one for all parts. All parts are named before the first
   * reports, so that what is done never becomes less.
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
