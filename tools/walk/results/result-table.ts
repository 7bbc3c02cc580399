import type { Stage } from "../../../components/settings/types.js";
import { expectationsAt } from "../../../components/verification/expectations.js";
import type { VerifyInput } from "../../../components/verification/input.js";
import { describe } from "../../verify/describe.js";
import type { TableRow } from "../../verify/report.js";
import { repeatCommand } from "./repeat-command.js";

/** A row of the expected results that may still be pending, compared with the stage before. */
export interface PendingRow extends Omit<TableRow, "verdict"> {
  verdict: TableRow["verdict"] | "pending";
  /** The answer that the stage before expects, if it is another one. */
  before?: string;
  /** Whether the stage before expects the same. */
  stayed?: boolean;
  /** The command that repeats the row's request. */
  command?: string;
}

/** The expected results while they are checked: a row is pending until it is green. */
export class ResultTable {
  private rows: PendingRow[];

  /** @param from the stage that the stack was at before; without it every row is new. */
  constructor(input: VerifyInput, from?: Stage) {
    const earlier = new Map(
      (from ? expectationsAt(from, input.observability) : []).map((row) => [
        row.id,
        describe(row, { ...input, stage: from ?? input.stage }).expected,
      ]),
    );
    this.rows = expectationsAt(input.stage, input.observability).map((row) => {
      const { what, expected } = describe(row, input);
      const before = earlier.get(row.id);
      const command = repeatCommand(row, input);
      return {
        id: row.id,
        stage: row.from,
        what,
        expected,
        seen: "",
        verdict: "pending",
        stayed: before === expected,
        ...(before !== undefined && before !== expected && { before }),
        ...(command && { command }),
      };
    });
  }

  get now(): PendingRow[] {
    return this.rows;
  }

  /** The table after one row was checked. A row that is not green stays pending: a later round may find it green. */
  update(row: TableRow): PendingRow[] {
    return this.put(row.verdict === "green" ? row : { ...row, verdict: "pending" });
  }

  /** The table with the verdicts of the last round. */
  settle(rows: TableRow[]): PendingRow[] {
    for (const row of rows) this.put(row);
    return this.rows;
  }

  private put(row: PendingRow): PendingRow[] {
    this.rows = this.rows.map((before) => (before.id === row.id ? { ...before, ...row } : before));
    return this.rows;
  }
}
