import { expectedSplit, saySplit } from "./checks/split.js";
import { answers } from "../../components/verification/answers.js";
import { entryAt } from "../../components/verification/expectations.js";
import type { Expectation } from "../../components/verification/expectations.js";
import type { VerifyInput } from "../../components/verification/input.js";

/** A row's subject and its expected result, as the report shows them. */
export function describe(
  row: Expectation,
  { stage, workers, v2Percent }: VerifyInput,
): { what: string; expected: string } {
  switch (row.check) {
    case "workers":
      return { what: "workers", expected: `${workers} Ready` };
    case "rollout":
      return { what: `${row.kind} ${row.name}`, expected: "available" };
    case "pods":
      return { what: `Pods of ${row.of}`, expected: `${row.labels.length} ready` };
    case "not-restarted":
      return { what: "Pods and the ambient label", expected: "none restarted" };
    case "condition": {
      const kind = row.kind === "AuthorizationPolicy" ? "policy" : row.kind;
      return { what: `${kind} ${row.name}`, expected: row.type.split("/").pop() ?? row.type };
    }
    case "request": {
      const answer = entryAt(stage, row.answer);
      return {
        what: `${row.client}, ${row.way}, ${row.method}`,
        expected: answer ? answers[answer].say : "",
      };
    }
    case "split": {
      const expected = expectedSplit(v2Percent);
      return {
        what: `${expected.requests} reviews by version`,
        expected: saySplit(v2Percent, expected),
      };
    }
    case "targets":
      return { what: "Prometheus's targets", expected: "all up" };
    case "identity":
      return { what: "ztunnel's connections", expected: `from ${row.client}` };
    case "counted-split":
      return { what: "counters of reviews", expected: `${v2Percent} % v2, no v3` };
  }
}
