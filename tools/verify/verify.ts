import type { ClusterUnderTest } from "./cluster/kubernetes.js";
import { isSettled } from "./finding.js";
import type { Finding } from "./finding.js";
import type { Expectation } from "../../components/verification/expectations.js";
import type { VerifyInput } from "../../components/verification/input.js";
import { laterObjects } from "./later.js";
import { look } from "./look.js";
import { reportOf, rowOf } from "./report.js";
import type { Report, TableRow } from "./report.js";

export interface VerifyOptions {
  /** How long the mesh may take to settle, in seconds; default: what the input says, else 90. */
  settleSeconds?: number;
  /** Told each row as a look decides it; a later look may decide it anew. */
  onRow?: (row: TableRow) => void;
  /** Told the state of the table after each look. */
  onLook?: (report: Report) => void;
  /** Whether objects of later stages put the verification off; default false. */
  deferrable?: boolean;
  /** Instead of the clock. */
  now?: () => number;
  sleep?: (ms: number) => Promise<void>;
}

/**
 * Holds the cluster against the table: looks again, at growing intervals, until every row of one look is
 * green or the settling time is over. Ends within that time and the time limits of one look. Throws only
 * for faults of its own.
 */
export async function verify(
  input: VerifyInput,
  cluster: ClusterUnderTest,
  options: VerifyOptions = {},
): Promise<Report> {
  const {
    settleSeconds = input.settleSeconds ?? 90,
    onRow,
    onLook,
    deferrable,
    now = Date.now,
    sleep = wait,
  } = options;
  const tell = (row: Expectation, finding: Finding) => onRow?.(rowOf(row, finding, input));
  const started = now();
  const deadline = started + settleSeconds * 1000;
  for (let pause = 500; ; pause = Math.min(pause * 2, 15_000)) {
    const last = now() >= deadline;
    const snapshot = await cluster.snapshot();
    const later = laterObjects(snapshot, input.namespace, input.stage);
    const deferred = deferrable && later.length > 0;
    const findings = deferred
      ? new Map<Expectation, Finding>()
      : await look(input, snapshot, cluster.run, last, tell);
    const report = reportOf(input, findings, {
      snapshot,
      seconds: (now() - started) / 1000,
      deferredBy: deferred ? later : [],
    });
    onLook?.(report);
    const settled = [...findings.values()].every(isSettled);
    if (settled || last) return report;
    await sleep(Math.max(0, Math.min(pause, deadline - now())));
  }
}

const wait = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));
