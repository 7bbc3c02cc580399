import type { Snapshot } from "./cluster/snapshot.js";
import { describe } from "./describe.js";
import type { Expectation } from "../../components/verification/expectations.js";
import type { Finding, Remedy, Verdict } from "./finding.js";
import { healing, type Healing, lastResort } from "./remedies.js";
import type { VerifyInput } from "../../components/verification/input.js";
import type { Stage } from "../../components/settings/types.js";
import { standIns } from "./stand-ins.js";

/** One expected result with its verdict. */
export interface TableRow {
  /** Stable identifier of the expectation. */
  id: string;
  /** The stage that introduces it. */
  stage: Stage;
  what: string;
  expected: string;
  /** What was found, or why the row was not checked. */
  seen: string;
  verdict: Verdict;
  /** Of a red row: the likely cause, as the mesh reports it if it does. */
  cause?: string;
}

/** The document that `--json` prints. */
export interface Report {
  target: string;
  stage: Stage;
  namespace: string;
  /** Red if a row is red, else "not checked" if a row is; "deferred" on the way back to an earlier stage. */
  verdict: Verdict | "deferred";
  rows: TableRow[];
  /** Objects of later stages that defer the verification. */
  deferredBy: string[];
  /** What heals the red rows. */
  remedies: Healing[];
  /** Which parts were real and which simulated; empty on a real cluster. */
  notes: string[];
  seconds: number;
}

export function rowOf(
  expectation: Expectation,
  { verdict, seen, cause }: Finding,
  input: VerifyInput,
): TableRow {
  const { id, from } = expectation;
  return { id, stage: from, ...describe(expectation, input), seen, verdict, cause };
}

export function reportOf(
  input: VerifyInput,
  findings: Map<Expectation, Finding>,
  { snapshot, seconds, deferredBy }: { snapshot: Snapshot; seconds: number; deferredBy: string[] },
): Report {
  const { target, stage, namespace } = input;
  const rows = [...findings].map(([row, finding]) => rowOf(row, finding, input));
  const { real, standIns: others } = standIns(snapshot);
  const has = (verdict: Verdict) => rows.some((row) => row.verdict === verdict);
  return {
    target,
    stage,
    namespace,
    verdict:
      deferredBy.length > 0
        ? "deferred"
        : has("red")
          ? "red"
          : has("not checked")
            ? "not checked"
            : "green",
    rows,
    deferredBy,
    remedies: remediesFor(target, findings),
    notes: real && others ? [`Real: ${real}. Simulated: ${others}.`] : [],
    seconds,
  };
}

/** Every report with a red row names a command. */
function remediesFor(target: string, findings: Map<Expectation, Finding>): Healing[] {
  const reds = [...findings.values()].filter(({ verdict }) => verdict === "red");
  const known: Remedy[] = reds.flatMap(({ remedy }) => remedy ?? []);
  if (known.length > 0) return healing(target, known);
  return reds.length > 0 ? [lastResort(target)] : [];
}

/** 0 all green (or deferred), 1 a row is red, 3 something could not be checked. */
export function exitCode({ verdict }: Report): 0 | 1 | 3 {
  return verdict === "red" ? 1 : verdict === "not checked" ? 3 : 0;
}
