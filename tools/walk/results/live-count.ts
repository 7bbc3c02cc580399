import { reviewsUrl } from "../../../components/verification/answers.js";
import { clientPod } from "../../verify/checks/requests.js";
import { parseReviews, type ReviewCounts, reviewsCommand } from "../../verify/checks/curl.js";
import type { ClusterUnderTest } from "../../verify/cluster/kubernetes.js";
import { UncheckedError } from "../../verify/finding.js";

/** How many pages one round fetches: enough for a count that moves, few enough to leave the worker idle. */
const pages = 20;

/** The time limit of a round, in seconds, and the pause after it, in milliseconds. */
const roundSeconds = 10;
const pause = 1000;

/** Counts which version of reviews serves the page, round after round, until it is stopped. */
export class LiveCount {
  private readonly total: ReviewCounts = { v1: 0, v2: 0, v3: 0, none: 0 };
  private stopped = false;
  private wake: () => void = () => undefined;

  /** @param onCount receives the sum of all rounds after each one. */
  constructor(
    private readonly cluster: ClusterUnderTest,
    private readonly namespace: string,
    private readonly onCount: (counts: ReviewCounts) => void,
  ) {}

  /** Counts until `stop`, or until no client can send a request. Never throws. */
  async run(): Promise<void> {
    while (!this.stopped) {
      try {
        await this.round();
      } catch (error) {
        // Whatever keeps the pages away is shown by the rows; the count only waits.
        if (error instanceof UncheckedError && error.lasting) return;
      }
      if (this.stopped) return;
      await new Promise<void>((resolve) => {
        this.wake = resolve;
        setTimeout(resolve, pause).unref();
      });
    }
  }

  stop(): void {
    this.stopped = true;
    this.wake();
  }

  private async round(): Promise<void> {
    const pod = clientPod(await this.cluster.snapshot(), this.namespace, "sleep");
    const command = reviewsCommand(reviewsUrl, pages, roundSeconds);
    const { stdout } = await this.cluster.run(pod, command, (roundSeconds + 5) * 1000);
    const counts = parseReviews(stdout);
    for (const version of ["v1", "v2", "v3", "none"] as const) {
      this.total[version] += counts[version];
    }
    if (!this.stopped) this.onCount({ ...this.total });
  }
}
