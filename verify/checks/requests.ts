import { Unchecked } from "../cluster/access.js";
import type { ExecResult, PodRef } from "../cluster/exec.js";
import type { Snapshot } from "../cluster/snapshot.js";
import { standIns } from "../stand-ins.js";
import { answers, urls } from "../answers.js";
import type { Answer, Client } from "../answers.js";
import type { Expectation } from "../expectations.js";
import { green, red } from "../finding.js";
import type { Finding } from "../finding.js";
import { parseResponses, requestsCommand, requestSeconds } from "./curl.js";
import type { Response } from "./curl.js";
import { isReady, matches } from "./objects.js";

/** How often each request of the table is sent in one look: one lucky answer proves little. */
export const repetitions = 5;

/** Runs a command in a Pod of the cluster. */
export type RunInPod = (pod: PodRef, command: string[], timeoutMs: number) => Promise<ExecResult>;

/**
 * The Pod from which a client's requests go.
 *
 * @throws Unchecked when there is none, or the cluster says it carries no requests.
 */
export function clientPod(snapshot: Snapshot, namespace: string, client: Client): PodRef {
  const { noRequests } = standIns(snapshot);
  if (noRequests) throw new Unchecked(noRequests, true);
  const pod = snapshot
    .list("pods")
    .find((candidate) => matches(candidate, { app: client }) && isReady(candidate));
  if (!pod?.metadata?.name) {
    throw new Unchecked(`no ready Pod app=${client} in namespace ${namespace} to send it from`);
  }
  const containers = pod.spec?.containers ?? [];
  const container = containers.find(({ name }) => name === client) ?? containers[0];
  return { namespace, pod: pod.metadata.name, container: container?.name ?? client };
}

export type RequestExpectation = Extract<Expectation, { check: "request" }>;

/** Sends one client's requests in one exec and judges each. */
export async function requests(
  run: RunInPod,
  pod: PodRef,
  rows: { row: RequestExpectation; answer: Answer }[],
): Promise<Finding[]> {
  const command = requestsCommand(
    rows.map(({ row }) => ({ method: row.method, url: urls[row.way] })),
    repetitions,
  );
  const limitMs = (rows.length * requestSeconds + 10) * 1000;
  const result = await run(pod, command, limitMs);
  const responses = parseResponses(result.stdout, rows.length);
  return rows.map(({ answer }, index) => {
    const got = responses[index] ?? [];
    if (got.length > 0) return judge(answer, got);
    const why =
      result.exit === undefined
        ? `nothing came back from Pod ${pod.namespace}/${pod.pod} in ${limitMs / 1000} s`
        : `Pod ${pod.namespace}/${pod.pod} could not run curl: ${complaintOf(result)}`;
    return { verdict: "not checked", seen: why };
  });
}

const complaintOf = ({ exit, stdout, stderr }: ExecResult) =>
  (stderr.trim() || stdout.trim() || `exit ${exit}`).slice(0, 200);

/** Green when every response is the answer; else what came, and how often. */
export function judge(answer: Answer, responses: Response[]): Finding {
  const seen = responses.map(name);
  if (seen.every((kind) => kind === answers[answer].say)) {
    return green(`${seen.length} of ${seen.length}`);
  }
  const kinds = [...new Set(seen)].map(
    (kind) => `${kind} ×${seen.filter((other) => other === kind).length}`,
  );
  return red(kinds.join(", "));
}

/** A response in the table's words, or in its own. */
function name({ exit, status, body }: Response): string {
  const known = Object.values(answers).find(
    (answer) =>
      answer.exit === exit &&
      (answer.status ?? status) === status &&
      (answer.body?.test(body) ?? true),
  );
  if (known) return known.say;
  if (exit === 28) return `no answer in ${requestSeconds} s (curl exit 28)`;
  const text = body.replace(/\s+/g, " ").slice(0, 60);
  return exit === 0 ? `HTTP ${status}${text && ` ${text}`}` : `curl exit ${exit} ${text}`.trim();
}
