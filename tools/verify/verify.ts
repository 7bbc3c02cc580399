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
  /** How long the mesh may take to settle, in seconds; default: the input's value, else 90. */
  settleSeconds?: number;
  /** Receives each row as soon as a round has checked it; a later round may change it. */
  onRow?: (row: TableRow) => void;
  /** Receives the report after each round. */
  onRound?: (report: Report) => void;
  /** Whether objects of later stages defer the verification; default false. */
  deferrable?: boolean;
  /** Replaces the clock in tests. */
  now?: () => number;
  sleep?: (ms: number) => Promise<void>;
}

/** How long the other rows may settle, in seconds, where one stays red however long it waits. */
const hopelessSeconds = 10;

/**
 * Checks the cluster against the expected results, in rounds at growing intervals, until every row of one round is green
 * or the settling time is over; sooner if a row is red for good, such as for an object that does not exist. Ends within that time plus the time limits of one round. Throws only for its own faults.
 */
export async function verify(
  input: VerifyInput,
  cluster: ClusterUnderTest,
  options: VerifyOptions = {},
): Promise<Report> {
  const {
    settleSeconds = input.settleSeconds ?? 90,
    onRow,
    onRound,
    deferrable,
    now = Date.now,
    sleep = wait,
  } = options;
  const onFinding = (row: Expectation, finding: Finding) => onRow?.(rowOf(row, finding, input));
  const started = now();
  let deadline = started + settleSeconds * 1000;
  for (let pause = 500; ; pause = Math.min(pause * 2, 15_000)) {
    const last = now() >= deadline;
    const snapshot = await cluster.snapshot();
    const later = laterObjects(snapshot, input.namespace, input.stage);
    const deferred = deferrable && later.length > 0;
    const findings = deferred
      ? new Map<Expectation, Finding>()
      : await look(input, snapshot, { cluster, last, now, sleep, onFinding });
    const report = reportOf(input, findings, {
      snapshot,
      seconds: (now() - started) / 1000,
      deferredBy: deferred ? later : [],
    });
    onRound?.(report);
    const found = [...findings.values()];
    const settled = found.every(isSettled);
    if (found.some(({ verdict, lasting }) => verdict === "red" && lasting)) {
      deadline = Math.min(deadline, started + hopelessSeconds * 1000);
    }
    if (settled || last) return report;
    await sleep(Math.max(0, Math.min(pause, deadline - now())));
  }
}

const wait = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));
