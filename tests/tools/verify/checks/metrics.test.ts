import { describe, expect, test } from "@jest/globals";

import { UncheckedError } from "../../../../tools/verify/finding.js";
import type { Prometheus, Sample, Target } from "../../../../tools/verify/cluster/prometheus.js";
import { verify } from "../../../../tools/verify/verify.js";
import { clock, healthy, input, requestsCounted, simulatedCluster } from "../cluster.js";
import type { Plain } from "../cluster.js";

const on = { ...input, observability: true };
const changedAt = Date.parse("2026-03-01T10:00:00Z");

/** A healthy cluster with Prometheus and Kiali; the routes changed at 10:00, and it is 11:00. */
function lists(): ReturnType<typeof healthy> {
  const all = healthy();
  const [istiod] = all.systemDeployments;
  for (const name of ["prometheus", "kiali"]) {
    const metadata = { ...istiod.metadata, name };
    all.systemDeployments.push({ ...istiod, metadata });
  }
  all.virtualServices[0].metadata.managedFields = [
    { time: "2026-03-01T10:00:00Z", manager: "pulumi-kubernetes" },
    { time: "2026-03-01T11:30:00Z", manager: "pilot-discovery", subresource: "status" },
  ];
  return all;
}

async function rows(
  prometheus: Partial<Prometheus>,
  { sandbox = false, noRequests = "", start = Date.parse("2026-03-01T11:00:00Z"), over = {} } = {},
) {
  const all = lists();
  const annotations = {
    "oke-ambient-mesh.sandbox/real": "istiod",
    ...(noRequests && { "oke-ambient-mesh.sandbox/no-requests": noRequests }),
  };
  if (sandbox) all.nodes[0].metadata.annotations = annotations;
  const time = clock();
  const report = await verify({ ...on, ...over }, simulatedCluster({ lists: all, prometheus }), {
    settleSeconds: 5,
    sleep: time.sleep,
    now: () => start + time.now(),
  });
  return (id: string) => report.rows.find((row) => row.id === id);
}

const target = (job: string, more: Partial<Target> = {}): Target => ({
  labels: { job, namespace: "istio-system", pod: `${job}-x` },
  health: "up",
  ...more,
});
const everyJob = ["istiod", "ztunnel", "ingress-gateway", "waypoints"];
/** Answers the query of reviews: what was counted before, and what is counted now. */
const counts = (before: Sample[], now = before): Partial<Prometheus> => ({
  query: async (query, time) => {
    if (!query.includes("istio_requests_total")) return [{ metric: {}, value: 1 }];
    return time === undefined ? now : before;
  },
});

describe("the rows of the counters", () => {
  test("are there with observability only", async () => {
    const report = await verify(input, simulatedCluster(), { settleSeconds: 5, ...clock() });
    const ids = [
      "prometheus",
      "kiali",
      "prometheus-targets",
      "ztunnel-identity",
      "reviews-counted",
    ];
    expect(report.rows.filter(({ id }) => ids.includes(id))).toEqual([]);
    const row = await rows({});
    expect(ids.map((id) => row(id)?.verdict)).toEqual(ids.map(() => "green"));
  });

  test("are those of the stage", async () => {
    const row = await rows(
      { targets: async () => everyJob.slice(0, 3).map((job) => target(job)) },
      { over: { stage: "mesh" } },
    );
    expect(row("prometheus-targets")).toMatchObject({ verdict: "green", seen: "3 of 3" });
    expect(row("ztunnel-identity")).toBeUndefined();
    expect(row("reviews-counted")).toBeUndefined();
  });

  test("are not checked when Prometheus does not answer, and say why", async () => {
    const silent = async () => {
      throw new UncheckedError('no endpoints available for service "prometheus" (HTTP 503)');
    };
    const row = await rows({ targets: silent, query: silent });
    for (const id of ["prometheus-targets", "ztunnel-identity", "reviews-counted"]) {
      expect(row(id)).toMatchObject({
        verdict: "not checked",
        seen: expect.stringContaining("no endpoints available"),
      });
    }
  });
});

describe("Prometheus's targets", () => {
  test("are red with the Pod that is down, and why", async () => {
    const down = target("ztunnel", { health: "down", lastError: "connection refused" });
    const targets = async () => [
      target("istiod"),
      down,
      target("ingress-gateway"),
      target("waypoints"),
    ];
    expect((await rows({ targets }))("prometheus-targets")).toMatchObject({
      verdict: "red",
      seen: "3 of 4",
      cause: "ztunnel, Pod istio-system/ztunnel-x: connection refused",
    });
  });

  test("are red when a job has no Pod", async () => {
    const targets = async () => everyJob.slice(0, 3).map((job) => target(job));
    const row = (await rows({ targets }))("prometheus-targets");
    expect(row).toMatchObject({ verdict: "red", cause: "Prometheus finds no Pod of waypoints" });
  });

  test("in a sandbox are those of the processes that run, without ztunnel", async () => {
    const targets = async () =>
      everyJob.map((job) => target(job, { health: job === "ztunnel" ? "down" : "up" }));
    const row = (await rows({ targets }, { sandbox: true }))("prometheus-targets");
    expect(row).toMatchObject({
      verdict: "not checked",
      seen: "istiod, ingress-gateway, waypoints are up; ztunnel is simulated here",
    });
    const unasked = async () => [
      ...(await targets()).slice(0, 3),
      target("waypoints", { health: "unknown" }),
    ];
    const early = await rows({ targets: unasked }, { sandbox: true });
    expect(early("prometheus-targets")).toMatchObject({
      ...{ verdict: "red", seen: "2 of 3" },
      cause: expect.stringContaining("waypoints-x: not asked yet"),
    });
  });

  test("in a sandbox without requests need istiod only", async () => {
    const down = everyJob.map((job) => target(job, { health: job === "istiod" ? "up" : "down" }));
    const over = { sandbox: true, noRequests: "there is no Envoy" };
    const row = (await rows({ targets: async () => down }, over))("prometheus-targets");
    expect(row).toMatchObject({
      verdict: "not checked",
      seen: "istiod is up; the proxies need not be, because requests can't be sent: there is no Envoy",
    });
    const none = await rows({ targets: async () => down.slice(1) }, over);
    expect(none("prometheus-targets")?.verdict).toBe("red");
  });
});

describe("ztunnel's connections", () => {
  test("must have the client's identity", async () => {
    const asked: string[] = [];
    const query = async (text: string) => {
      asked.push(text);
      return text.includes("istio_requests_total") ? requestsCounted(500) : [];
    };
    const row = (await rows({ query }))("ztunnel-identity");
    expect(row).toMatchObject({ verdict: "red", seen: "no connection" });
    expect(asked.join()).toContain('source_principal=~".*/ns/default/sa/sleep"');
  });

  test("are waited for until Prometheus has asked ztunnel again", async () => {
    let asked = 0;
    const query = async (text: string) => {
      if (text.includes("istio_requests_total")) return requestsCounted(500);
      const metric = { source_principal: "spiffe://cluster.local/ns/default/sa/sleep" };
      return asked++ < 5 ? [] : [{ metric, value: 7 }];
    };
    expect((await rows({ query }))("ztunnel-identity")).toMatchObject({
      verdict: "green",
      seen: "7 from spiffe://cluster.local/ns/default/sa/sleep",
    });
  });
});

describe("the counters of reviews", () => {
  const reviews = async (prometheus: Partial<Prometheus>, more = {}) =>
    (await rows(prometheus, more))("reviews-counted");

  test("count what has come since the routes changed", async () => {
    const times: (number | undefined)[] = [];
    const start = changedAt + 100_000;
    const { query } = counts(requestsCounted(1000), requestsCounted(1500));
    const prometheus: Partial<Prometheus> = {
      query: async (text, time) => {
        if (text.includes("istio_requests_total")) times.push(time);
        return query?.(text, time) ?? [];
      },
    };
    const row = await reviews(prometheus, { start });
    expect(row).toMatchObject({ verdict: "green", seen: "450 v1, 50 v2" });
    // One scrape after the change; istiod's status does not count.
    expect(times[0]).toBe(changedAt + 20_000);
  });

  test("are red when the share is not that of the setting", async () => {
    const row = await reviews(
      counts(
        [],
        [
          { metric: { destination_version: "v1" }, value: 250 },
          { metric: { destination_version: "v2" }, value: 250 },
        ],
      ),
    );
    expect(row).toMatchObject({
      verdict: "red",
      seen: "250 v1, 250 v2",
      cause: expect.stringMatching(/^expected \d+ to \d+ of 500 from v2$/),
    });
  });

  test("are red when another version answers", async () => {
    const v3: Plain = { metric: { destination_version: "v3" }, value: 3 };
    expect(await reviews(counts([], [...requestsCounted(500), v3]))).toMatchObject({
      verdict: "red",
      seen: "450 v1, 50 v2, 3 others",
    });
  });

  test("start again with a new waypoint", async () => {
    const row = await reviews(counts(requestsCounted(100_000), requestsCounted(400)));
    expect(row).toMatchObject({ verdict: "green", seen: "360 v1, 40 v2" });
  });

  test("are not judged by too few requests", async () => {
    expect(await reviews(counts([], requestsCounted(50)))).toMatchObject({
      verdict: "not checked",
      seen: expect.stringMatching(/^only 50 requests.*load sends some/),
    });
  });

  test("are not judged by requests from before a change", async () => {
    const row = await reviews(counts(requestsCounted(500)), { start: changedAt + 1000 });
    expect(row).toMatchObject({ verdict: "not checked", seen: "the weights have just changed" });
  });

  test("do not exist in a sandbox", async () => {
    expect(await reviews(counts([]), { sandbox: true })).toMatchObject({
      verdict: "not checked",
      seen: "the simulated waypoint has no istio_requests_total",
    });
  });
});
