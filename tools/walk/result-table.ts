import { describe } from "../verify/describe.js";
import { expectationsAt } from "../../components/verification/expectations.js";
import type { VerifyInput } from "../../components/verification/input.js";
import type { TableRow } from "../verify/report.js";
import type { PendingRow } from "./frame.js";

/** The expected results while they are checked: a row is pending until it is green. */
export class ResultTable {
  private rows: PendingRow[];

  constructor(input: VerifyInput) {
    this.rows = expectationsAt(input.stage).map((row) => ({
      id: row.id,
      stage: row.from,
      ...describe(row, input),
      seen: "",
      verdict: "pending",
    }));
  }

  get now(): PendingRow[] {
    return this.rows;
  }

  /** The table after one row was checked. A row that is not green stays pending: a later round may find it green. */
  update(row: TableRow): PendingRow[] {
    const seen: PendingRow = row.verdict === "green" ? row : { ...row, verdict: "pending" };
    this.rows = this.rows.map((before) => (before.id === row.id ? seen : before));
    return this.rows;
  }
}
