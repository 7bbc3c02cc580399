import { tolerance } from "./binomial.js";
import type { Tolerance } from "./binomial.js";
import type { PodRef, RunInPod } from "../cluster/exec.js";
import { reviewsUrl } from "../../../components/verification/answers.js";
import { green, red } from "../finding.js";
import type { Finding } from "../finding.js";
import { parseReviews, reviewsCommand } from "./curl.js";
import type { ReviewCounts } from "./curl.js";

/** Time limit of the whole sample, in seconds; a page takes some tens of milliseconds on a small worker. */
const sampleSeconds = 120;

/** How many pages to fetch, and how many of them v2 must serve. */
export function expectedSplit(v2Percent: number): Tolerance {
  const expected = known.get(v2Percent) ?? tolerance(v2Percent / 100);
  known.set(v2Percent, expected);
  return expected;
}

/** Computed once: every round needs the same one, which takes milliseconds. */
const known = new Map<number, Tolerance>();

/** `10 % v2 (31–76 by chance), no v3`: the share and how many that may be; v1 serves the others. */
export function saySplit(v2Percent: number, { low, high }: Tolerance): string {
  const range = low === high ? `${low}` : `${low}–${high} by chance`;
  return `${v2Percent} % v2 (${range}), no v3`;
}

/** Samples the page and counts the versions of reviews that served it. */
export async function split(run: RunInPod, pod: PodRef, expected: Tolerance): Promise<Finding> {
  const command = reviewsCommand(reviewsUrl, expected.requests, sampleSeconds);
  const { stdout, stderr, exit } = await run(pod, command, (sampleSeconds + 10) * 1000);
  const counts = parseReviews(stdout);
  if (counts.v1 + counts.v2 + counts.v3 + counts.none > 0) return judgeSplit(expected, counts);
  const why = stderr.trim().slice(0, 200) || (exit === undefined ? "no time left" : `exit ${exit}`);
  return { verdict: "not checked", seen: `no output from Pod ${pod.pod}: ${why}` };
}

export function judgeSplit({ requests, low, high }: Tolerance, counts: ReviewCounts): Finding {
  const { v1, v2, v3, none, example } = counts;
  const seen = [
    `${v1} v1`,
    `${v2} v2`,
    ...(v3 > 0 ? [`${v3} v3`] : []),
    ...(none > 0 ? [`${none} pages without reviews`] : []),
  ].join(", ");
  const sent = v1 + v2 + v3 + none;
  if (sent < requests && none === 0 && v3 === 0) {
    const seconds = `only ${sent} of ${requests} pages within ${sampleSeconds} s`;
    return { verdict: "not checked", seen: `${seconds} (${seen})` };
  }
  if (v3 === 0 && none === 0 && v2 >= low && v2 <= high) return green(seen);
  return red(seen, example);
}
