import type { Prometheus, Sample } from "../cluster/prometheus.js";
import { green, red, UncheckedError } from "../finding.js";
import type { Finding } from "../finding.js";
import type { Simulation } from "../stand-ins.js";
import { interval } from "./binomial.js";

/** What the checks of the counters depend on. */
export interface Metrics extends Simulation {
  prometheus: Prometheus;
  now: () => number;
  sleep: (ms: number) => Promise<void>;
}

/** Prometheus asks each target every 15 s. */
const scrapeMs = 15_000;
/** How long a check waits for requests that were just sent. */
const patienceMs = 2 * scrapeMs;
const pauseMs = 3000;

/** Fewer requests than this distinguish no split from another. */
const fewest = 100;
/** How far back requests count. */
const windowMs = 600_000;
const alpha = 0.001;

/** Whether Prometheus reaches a Pod of each job, and no Pod in vain. */
export async function targets(
  { prometheus, excused }: Metrics,
  jobs: readonly string[],
): Promise<Finding> {
  const isNeeded = (job?: string) => job === undefined || !excused?.jobs.includes(job);
  const all = (await prometheus.targets()).filter(({ labels }) => isNeeded(labels["job"]));
  const needed = jobs.filter(isNeeded);
  const down = all.filter(({ health }) => health !== "up");
  const seen = `${all.length - down.length} of ${all.length}`;
  const missing = needed.filter((job) => !all.some(({ labels }) => labels["job"] === job));
  if (missing.length > 0) return red(seen, `Prometheus finds no Pod of ${missing.join(", ")}`);
  const [first] = down;
  if (first) {
    const { labels, lastError, health } = first;
    const why = lastError || (health === "unknown" ? "not asked yet" : "no answer");
    return red(seen, `${labels["job"]}, Pod ${labels["namespace"]}/${labels["pod"]}: ${why}`);
  }
  if (!excused || needed.length === jobs.length) return green(seen);
  throw new UncheckedError(`${up(needed)}; ${excused.why}`, true);
}

const up = (jobs: string[]) => `${jobs.join(", ")} ${jobs.length === 1 ? "is" : "are"} up`;

/** Whether ztunnel has counted connections of a client's identity. */
export async function identity(
  metrics: Metrics,
  namespace: string,
  client: string,
): Promise<Finding> {
  const principal = `.*/ns/${namespace}/sa/${client}`;
  const query = `sum by (source_principal) (istio_tcp_connections_opened_total{app="ztunnel", source_principal=~"${principal}"})`;
  const opened = await untilFound(metrics, () => metrics.prometheus.query(query), sumOf);
  const count = sumOf(opened);
  if (count > 0) return green(`${count} from ${opened[0]?.metric["source_principal"]}`);
  if (metrics.simulated) {
    throw new UncheckedError("ztunnel is simulated here and counts no connections", true);
  }
  return red("no connection", `ztunnel has no istio_tcp_connections_opened_total of ${principal}`);
}

/**
 * Whether the waypoint's counters of reviews have the share of v2 that is configured. Requests count from one scrape
 * after the newest change of the routes, since no later one tells old requests from new.
 *
 * @param changed when the routes last changed, in milliseconds; undefined if it is unknown.
 */
export async function countedSplit(
  metrics: Metrics,
  { namespace, v2Percent }: { namespace: string; v2Percent: number },
  changed: number | undefined,
): Promise<Finding> {
  const { prometheus, now } = metrics;
  const query = `istio_requests_total{reporter="waypoint", destination_service_name="reviews", destination_service_namespace="${namespace}"}`;
  const since = Math.max(now() - windowMs, (changed ?? 0) + scrapeMs + 5000);
  const early = since > now();
  const before = await prometheus.query(query, early ? (changed ?? 0) : since);
  if (early && before.length > 0) throw new UncheckedError("the weights have just changed");
  const counted = async () => increase(before, await prometheus.query(query));
  const total = (counts: Map<string, number>) => [...counts.values()].reduce((a, b) => a + b, 0);
  const counts = await untilFound(metrics, counted, (found) =>
    total(found) >= fewest ? total(found) : 0,
  );
  const requests = total(counts);
  if (metrics.simulated && requests === 0) {
    throw new UncheckedError("the simulated waypoint has no istio_requests_total", true);
  }
  if (requests < fewest) {
    throw new UncheckedError(
      `only ${requests} requests for reviews were counted; ${fewest} tell a split from another. The setting load sends some`,
    );
  }
  return judge(counts, requests, v2Percent);
}

function judge(counts: Map<string, number>, requests: number, v2Percent: number): Finding {
  const of = (version: string) => counts.get(version) ?? 0;
  const others = requests - of("v1") - of("v2");
  const seen = [`${of("v1")} v1`, `${of("v2")} v2`, ...(others > 0 ? [`${others} others`] : [])];
  const { low, high } = interval(requests, v2Percent / 100, alpha);
  const fits = others === 0 && of("v2") >= low && of("v2") <= high;
  return fits
    ? green(seen.join(", "))
    : red(seen.join(", "), `expected ${low} to ${high} of ${requests} from v2`);
}

/** Requests by version. A counter that is lower than before belongs to a new Pod. */
function increase(before: Sample[], after: Sample[]): Map<string, number> {
  const key = ({ metric }: Sample) => JSON.stringify(Object.entries(metric).sort());
  const old = new Map(before.map((sample) => [key(sample), sample.value]));
  const counts = new Map<string, number>();
  for (const sample of after) {
    const was = old.get(key(sample)) ?? 0;
    const grown = sample.value < was ? sample.value : sample.value - was;
    const version = sample.metric["destination_version"] ?? "unknown";
    if (grown > 0) counts.set(version, (counts.get(version) ?? 0) + Math.round(grown));
  }
  return counts;
}

const sumOf = (samples: Sample[]) => samples.reduce((sum, { value }) => sum + value, 0);

/** Asks again until what was just sent has been scraped; a sandbox has nothing to wait for. */
async function untilFound<T>(
  { now, sleep, simulated }: Metrics,
  ask: () => Promise<T>,
  count: (found: T) => number,
): Promise<T> {
  const end = now() + patienceMs;
  for (;;) {
    const found = await ask();
    if (count(found) > 0 || simulated || now() >= end) return found;
    await sleep(pauseMs);
  }
}
