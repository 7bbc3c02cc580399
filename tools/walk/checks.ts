import type { Stage } from "../../components/settings/types.js";
import { ToolError } from "../command-line/errors.js";
import type { Report } from "../verify/report.js";
import { verify } from "../verify/verify.js";
import { LiveCount } from "./results/live-count.js";
import { ResultTable } from "./results/result-table.js";
import type { Ui } from "./screen/ui.js";
import type { WalkedStack } from "./stack/walked-stack.js";
import * as words from "./words.js";

/** Checks the expected results of a walked stack, and shows them. */
export class Checks {
  private report?: Report;

  constructor(
    private readonly walked: WalkedStack,
    private readonly ui: Ui,
  ) {}

  /**
   * Checks the expected results of a stage and shows them row by row.
   *
   * @param before the stage to compare them with.
   * @param settleSeconds how long the mesh may take to settle; default: as configured.
   * @returns whether no row is red.
   */
  async show(stage: Stage, before?: Stage, settleSeconds?: number): Promise<boolean> {
    const { input, cluster } = await this.walked.subject(stage);
    const table = new ResultTable(input, before);
    this.ui.table(table.now);
    const report = await verify(input, cluster, {
      settleSeconds,
      onRow: (row) => this.ui.table(table.update(row)),
    });
    this.ui.table(table.settle(report.rows), true);
    this.report = report;
    const [heals] = report.remedies;
    for (const note of heals ? [heals.why, `  ${heals.command}`] : []) this.ui.note(note);
    return report.verdict !== "red";
  }

  /** Starts the live count of the versions that serve reviews. */
  async count(stage: Stage): Promise<LiveCount> {
    const { input, cluster } = await this.walked.subject(stage);
    const live = new LiveCount(cluster, input.namespace, (counts) => this.ui.count(counts));
    void live.run();
    return live;
  }

  /** Notes of the last report: which parts were real and which simulated. */
  get notes(): string[] {
    return this.report?.notes ?? [];
  }

  /** The end of a walk at a table with red rows. */
  red(stage: Stage): ToolError {
    return new ToolError(words.red(stage, this.walked.commands, this.report?.remedies));
  }
}
