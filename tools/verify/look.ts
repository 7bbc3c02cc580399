import { reaches } from "../../components/settings/types.js";
import { likelyCause } from "./cause.js";
import type { Circumstances } from "./cause.js";
import { changedMeshConfig } from "./checks/mesh-config-drift.js";
import { ignoredMeshConfig, loggedMeshConfig } from "./checks/mesh-config.js";
import { notRestarted } from "./checks/not-restarted.js";
import { condition, pods, rollout, workers } from "./checks/objects.js";
import { clientPod, requests } from "./checks/requests.js";
import { expectedSplit, split } from "./checks/split.js";
import { describe } from "./describe.js";
import { countedSplit, identity, targets, type Metrics } from "./checks/metrics.js";
import { routesChanged } from "./checks/routes-changed.js";
import type { ClusterUnderTest } from "./cluster/kubernetes.js";
import type { Snapshot } from "./cluster/snapshot.js";
import { entryAt, expectationsAt } from "../../components/verification/expectations.js";
import type { Client } from "../../components/verification/answers.js";
import type { Expectation, ObjectRef } from "../../components/verification/expectations.js";
import { found, isSettled, red, unchecked } from "./finding.js";
import type { Finding } from "./finding.js";
import type { VerifyInput } from "../../components/verification/input.js";
import { laterObjects } from "./later.js";
import { simulation } from "./stand-ins.js";

type Expected<C> = Extract<Expectation, { check: C }>;
type Findings = Map<Expectation, Finding>;

export interface Round {
  cluster: Pick<ClusterUnderTest, "run" | "prometheus" | "log">;
  /** Whether this is the last round: it takes the expensive traffic sample even if other rows are red. */
  last: boolean;
  now: () => number;
  sleep: (ms: number) => Promise<void>;
  /** Receives each row's finding as soon as it is known. */
  onFinding: (row: Expectation, finding: Finding) => void;
}

/** Checks every row of the stage once. */
export async function look(
  input: VerifyInput,
  snapshot: Snapshot,
  { cluster, last, now, sleep, onFinding }: Round,
): Promise<Findings> {
  const { stage, namespace, v2Percent } = input;
  const { run } = cluster;
  const table = expectationsAt(stage, input.observability);
  const findings: Findings = new Map();
  const circumstances = (): Circumstances => ({
    namespace,
    v2Percent,
    enrolled: reaches(stage)("ambient"),
    later: laterObjects(snapshot, namespace, stage),
    redAbove: redAbove(input, findings),
  });
  const withCause = (finding: Finding, concerns: ObjectRef[]): Finding => {
    if (finding.verdict !== "red") return finding;
    const likely = likelyCause(snapshot, concerns, circumstances());
    const { text, lasting, follows, remedy } = likely ?? {};
    const cause =
      [text, follows ? undefined : finding.cause].filter(Boolean).join("; ") || undefined;
    return { ...finding, cause, ...(lasting && { lasting }), ...(remedy && { remedy }) };
  };
  const decide = (row: Expectation, finding: Finding): void => {
    findings.set(row, finding);
    onFinding(row, finding);
  };
  for (const row of table) {
    const check = objectCheck(row);
    if (check) decide(row, await found(check));
  }

  const requestRows = table.filter((row) => row.check === "request");
  const clients = new Set(requestRows.map(({ client }) => client));
  await Promise.all([...clients].map(ofClient));

  for (const row of table.filter((row) => row.check === "split")) {
    const worthIt = last || [...findings.values()].every(isSettled);
    if (worthIt) decide(row, withCause(await found(() => sample(row)), row.concerns));
    else findings.set(row, red("waits for the other rows"));
  }
  const metrics: Metrics = { prometheus: cluster.prometheus, ...simulation(snapshot), now, sleep };
  // The rows above send the requests that the counters must show.
  const shown = last || [...findings.values()].every(isSettled);
  const counters = table.map(async (row) => {
    const check = metricCheck(row, metrics);
    if (check && shown) decide(row, await found(check));
    else if (check) findings.set(row, red("waits for the other rows"));
  });
  await Promise.all(counters);
  return new Map(table.map((row) => [row, findings.get(row) ?? red("not checked")]));

  function objectCheck(row: Expectation): (() => Finding | Promise<Finding>) | undefined {
    switch (row.check) {
      case "workers":
        return () => workers(snapshot, input.workers);
      case "rollout":
        return async () => {
          const finding = rollout(snapshot, row.kind, row.name);
          if (row.id !== "istiod" || finding.verdict !== "green") return finding;
          return (
            ignoredMeshConfig(snapshot) ??
            (await loggedMeshConfig(snapshot, cluster.log)) ??
            changedMeshConfig(snapshot, input.meshConfig) ??
            finding
          );
        };
      case "pods":
        return () => pods(snapshot, row.labels);
      case "condition":
        return () => condition(snapshot, namespace, row);
      case "not-restarted": {
        const ours = table.flatMap((other) => (other.check === "pods" ? other.labels : []));
        return () => notRestarted(snapshot, namespace, ours);
      }
      default:
        return undefined;
    }
  }

  function metricCheck(row: Expectation, metrics: Metrics): (() => Promise<Finding>) | undefined {
    switch (row.check) {
      case "targets":
        return () => targets(metrics, entryAt(stage, row.jobs) ?? []);
      case "identity":
        return () => identity(metrics, namespace, row.client);
      case "counted-split":
        return () => countedSplit(metrics, input, routesChanged(snapshot));
      default:
        return undefined;
    }
  }

  /** Sends all requests of one client in one exec. */
  async function ofClient(client: Client): Promise<void> {
    const rows = requestRows.flatMap((row) => {
      const answer = entryAt(stage, row.answer);
      return row.client === client && answer ? [{ row, answer }] : [];
    });
    const results = await requestsFrom(client, rows).catch((error: unknown) => {
      const failed = unchecked(error);
      return rows.map(() => failed);
    });
    rows.forEach(({ row }, index) => {
      const finding = results[index] ?? red("not checked");
      decide(row, withCause(finding, entryAt(stage, row.concerns) ?? []));
    });
  }

  async function requestsFrom(client: Client, rows: Parameters<typeof requests>[2]) {
    return requests(run, clientPod(snapshot, namespace, client), rows);
  }

  async function sample(row: Expected<"split">): Promise<Finding> {
    return split(run, clientPod(snapshot, namespace, row.client), expectedSplit(v2Percent));
  }
}

/** The red rows of nodes and Pods, each with its cause: whatever needs them is red because of them. */
function redAbove(input: VerifyInput, findings: Findings): string[] {
  const needed = ["workers", "rollout", "pods"];
  return [...findings]
    .filter(
      ([{ check, needs }, { verdict }]) => verdict === "red" && !needs && needed.includes(check),
    )
    .map(([row, { seen, cause }]) => `${describe(row, input).what}: ${cause ?? seen}`);
}
