import type { ExecResult, PodRef, RunInPod } from "../cluster/exec.js";
import type { Snapshot } from "../cluster/snapshot.js";
import { standIns } from "../stand-ins.js";
import { answers, urls } from "../../../components/verification/answers.js";
import type { Answer, Client } from "../../../components/verification/answers.js";
import type { Expectation } from "../../../components/verification/expectations.js";
import { green, red, UncheckedError } from "../finding.js";
import type { Finding } from "../finding.js";
import { parseResponses, requestsCommand, requestSeconds } from "./curl.js";
import type { Response } from "./curl.js";
import { isReady, matches } from "./objects.js";

/** How often each request is sent in one round: a single answer may be luck. */
export const repetitions = 5;

/** curl's exit status for a timeout. */
const timedOut = 28;

/**
 * The Pod that sends a client's requests.
 *
 * @throws UncheckedError when there is none, or the cluster reports that it carries no requests.
 */
export function clientPod(snapshot: Snapshot, namespace: string, client: Client): PodRef {
  const { noRequests } = standIns(snapshot);
  if (noRequests) throw new UncheckedError(noRequests, true);
  const pod = snapshot
    .list("pods")
    .find((candidate) => matches(candidate, { app: client }) && isReady(candidate));
  if (!pod?.metadata?.name) {
    throw new UncheckedError(
      `no ready Pod app=${client} in namespace ${namespace} to send the request`,
    );
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
  const seconds = rows.length * requestSeconds + 10;
  const result = await run(pod, command, seconds * 1000);
  const responses = parseResponses(result.stdout, rows.length);
  const cut = result.exit === undefined;
  const from = `Pod ${pod.namespace}/${pod.pod}`;
  return rows.map(({ answer }, index) => {
    const got = responses[index] ?? [];
    const unchecked = (seen: string): Finding => ({ verdict: "not checked", seen });
    if (got.length > 0) {
      const finding = judge(answer, got);
      // A timed-out request ends its row on purpose; otherwise the exec's time limit cut the row short.
      const short = cut && got.length < repetitions && got.at(-1)?.exit !== timedOut;
      if (!short || finding.verdict === "red") return finding;
      return unchecked(`only ${got.length} of ${repetitions} answers within ${seconds} s`);
    }
    if (!cut) return unchecked(`${from} could not run curl: ${errorOf(result)}`);
    return unchecked(
      responses.some(({ length }) => length > 0)
        ? `not sent: the requests before it took ${seconds} s`
        : `no output from ${from} within ${seconds} s`,
    );
  });
}

const errorOf = ({ exit, stdout, stderr }: ExecResult) =>
  (stderr.trim() || stdout.trim() || `exit ${exit}`).slice(0, 200);

/** Green when every response is the expected answer; otherwise red with the responses and their numbers. */
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

/** A response by the name of its expected answer, or as it is. */
function name({ exit, status, body }: Response): string {
  const known = Object.values(answers).find(
    (answer) =>
      answer.exit === exit &&
      (answer.status ?? status) === status &&
      (answer.body?.test(body) ?? true),
  );
  if (known) return known.say;
  if (exit === timedOut) return `no answer in ${requestSeconds} s (curl exit 28)`;
  const text = body.replace(/\s+/g, " ").slice(0, 60);
  return exit === 0 ? `HTTP ${status}${text && ` ${text}`}` : `curl exit ${exit} ${text}`.trim();
}
