import { describe, expect, test } from "@jest/globals";

import { stages } from "../../../components/settings/settings.js";
import { UncheckedError } from "../../../tools/verify/finding.js";
import { expectationsAt } from "../../../components/verification/expectations.js";
import { exitCode } from "../../../tools/verify/report.js";
import { verify } from "../../../tools/verify/verify.js";
import {
  atTraffic,
  clock,
  denied,
  healthy,
  input,
  simulatedCluster,
  reset,
  page,
} from "./cluster.js";
import type { Plain, Play } from "./cluster.js";

const settings = { settleSeconds: 5 };
const run = (play: Play = {}, over = {}) =>
  verify({ ...input, ...over }, simulatedCluster(play), { ...settings, ...clock() });
const reds = ({ rows }: Awaited<ReturnType<typeof run>>) =>
  rows.filter(({ verdict }) => verdict === "red").map(({ id }) => id);
const row = ({ rows }: Awaited<ReturnType<typeof run>>, id: string) => {
  const found = rows.find((candidate) => candidate.id === id);
  if (!found) throw new Error(`no row ${id}`);
  return found;
};
/** The healthy lists with one object changed. */
function broken(list: keyof ReturnType<typeof healthy>, name: string, change: (o: Plain) => void) {
  const objects = healthy()[list];
  change(objects.find(({ metadata }) => metadata.name === name));
  return { lists: { [list]: objects } };
}

describe("the table", () => {
  test("has the rows of the stage and of all stages before it", () => {
    const counts = stages.map((stage) => expectationsAt(stage).length);
    expect(counts).toEqual([...counts].sort((a, b) => a - b));
    expect(expectationsAt("cluster").map(({ id }) => id)).toEqual(["workers"]);
    expect(new Set(expectationsAt("traffic").map(({ id }) => id)).size).toBe(counts.at(-1));
  });

  test.each([
    ["bookinfo", page],
    ["ambient", page],
    ["l4", reset],
    ["l7", denied],
    ["traffic", denied],
  ] as const)("expects of notsleep at %s what the walk-through shows", async (stage, answer) => {
    const answers = { ...atTraffic, "notsleep GET direct": answer };
    const report = await run({ answers }, { stage });
    expect(report.verdict).toBe("green");
    expect(row(report, "notsleep-direct-get").verdict).toBe("green");
  });

  test("requires nothing that the stage does not have", async () => {
    const cluster = simulatedCluster();
    await verify({ ...input, stage: "mesh" }, cluster, { ...settings, ...clock() });
    expect(cluster.commands).toEqual([]);
  });
});

describe("a healthy cluster", () => {
  test("is green after one round, with one exec per client and one for the split", async () => {
    const cluster = simulatedCluster();
    const report = await verify(input, cluster, { ...settings, ...clock() });
    expect([report.verdict, exitCode(report)]).toEqual(["green", 0]);
    expect(cluster.commands.map(([pod]) => pod)).toEqual([
      "sleep-x-y",
      "notsleep-x-y",
      "sleep-x-y",
    ]);
  });

  test("is reported row by row", async () => {
    const rows: string[] = [];
    const cluster = simulatedCluster();
    const report = await verify(input, cluster, {
      ...settings,
      ...clock(),
      onRow: ({ id, verdict }) => rows.push(`${id} ${verdict} after ${cluster.commands.length}`),
    });
    expect(rows).toHaveLength(report.rows.length);
    expect(rows[0]).toBe("workers green after 0");
    expect(rows.at(-1)).toBe("reviews-split green after 3");
  });

  test("may take time to settle", async () => {
    let looks = 0;
    const late = { ...atTraffic, "notsleep GET direct": page };
    const early = simulatedCluster({ answers: late });
    const settled = simulatedCluster();
    const report = await verify(
      input,
      {
        ...settled,
        run: (...args) => (looks++ < 4 ? early : settled).run(...args),
      },
      { settleSeconds: 30, ...clock() },
    );
    expect(report.verdict).toBe("green");
  });
});

test("a cluster that settles just in time is green", async () => {
  const { now, sleep } = clock();
  const late = simulatedCluster({ answers: { ...atTraffic, "notsleep GET direct": page } });
  const settled = simulatedCluster();
  const report = await verify(
    input,
    {
      ...settled,
      run: (...args) => (now() < 28_000 ? late : settled).run(...args),
    },
    { settleSeconds: 30, now, sleep },
  );
  expect(report.verdict).toBe("green");
});

test.each([
  ["what is configured", {}, 20],
  ["what whoever verifies says", { settleSeconds: 3 }, 3],
])("settling may take %s", async (_, over, seconds) => {
  const answers = { ...atTraffic, "sleep GET direct": denied };
  const configured = { ...input, settleSeconds: 20 };
  const report = await verify(configured, simulatedCluster({ answers }), { ...clock(), ...over });
  expect(report.seconds).toBeCloseTo(seconds, 1);
});

describe("a red row", () => {
  test("names the request, the expected and actual answer, and the policy's condition", async () => {
    const complaint = {
      type: "WaypointAccepted",
      status: "False",
      reason: "AncestorNotBound",
      message: "no waypoint for Service productpage",
    };
    const report = await run({
      answers: { ...atTraffic, "notsleep GET direct": page },
      ...broken("policies", "productpage-waypoint", (o) => (o.status.conditions = [complaint])),
    });
    expect(exitCode(report)).toBe(1);
    expect(reds(report)).toEqual(["waypoint-policy-accepted", "notsleep-direct-get"]);
    expect(row(report, "notsleep-direct-get")).toMatchObject({
      what: "notsleep, direct, GET",
      expected: "RBAC: access denied",
      seen: "the page ×5",
      cause:
        "AuthorizationPolicy default/productpage-waypoint: WaypointAccepted=False AncestorNotBound: no waypoint for Service productpage",
    });
  });

  test("of a partly accepted policy names the ignored parts", async () => {
    const warning = {
      type: "ZtunnelAccepted",
      status: "True",
      reason: "UnsupportedValue",
      message: "ztunnel does not support HTTP attributes (found: methods)",
    };
    const report = await run({
      answers: { ...atTraffic, "sleep GET direct": reset },
      ...broken("policies", "productpage-viewer", (o) => (o.status.conditions = [warning])),
    });
    expect(reds(report)).toEqual(["viewer-accepted", "sleep-direct-get"]);
    expect(row(report, "viewer-accepted").seen).toBe("True, with a warning");
    expect(row(report, "sleep-direct-get").cause).toBe(
      "AuthorizationPolicy default/productpage-viewer: ZtunnelAccepted=True UnsupportedValue: " +
        "ztunnel does not support HTTP attributes (found: methods)",
    );
  });

  test("without a known cause still names a command", async () => {
    const report = await run({ answers: { ...atTraffic, "sleep GET direct": denied } });
    expect(report.remedies).toEqual([
      {
        why: "If something was changed outside of Pulumi, restore it with:",
        command: "pulumi up --refresh --stack test",
      },
    ]);
  });

  test("summarizes the policies when istiod reports no fault", async () => {
    const report = await run({ answers: { ...atTraffic, "sleep GET direct": denied } });
    expect(reds(report)).toEqual(["sleep-direct-get"]);
    expect(row(report, "sleep-direct-get").cause).toContain(
      "AuthorizationPolicy productpage-waypoint admits GET from default/sleep; Gateway",
    );
  });

  test("names a foreign policy", async () => {
    const policies = [
      ...healthy().policies,
      { metadata: { name: "mine" }, spec: { action: "DENY" } },
    ];
    const answers = { ...atTraffic, "sleep GET direct": reset };
    const report = await run({ answers, lists: { policies } });
    expect(row(report, "sleep-direct-get").cause).toBe(
      "there is another policy, AuthorizationPolicy default/mine (DENY)",
    );
    expect(report.remedies).toEqual([
      {
        why: "AuthorizationPolicy default/mine is not the program's. Remove it with:",
        command: "kubectl delete authorizationpolicy mine -n default",
      },
    ]);
  });

  test.each([
    [
      "weights that are not the configured ones",
      "virtualServices",
      (o: Plain): void => void (o.spec.http[0].route[1].weight = 20),
      "VirtualService default/reviews gives v2 20 %, not 10 %",
    ],
    [
      "a route for another host",
      "virtualServices",
      (o: Plain): void => void (o.spec.hosts = ["review"]),
      "VirtualService default/reviews is for review, not for reviews",
    ],
    [
      "a subset that selects nothing",
      "destinationRules",
      (o: Plain): void => void (o.spec.subsets[1].labels = { version: "v4" }),
      "subset v2 of DestinationRule default/reviews (version=v4) selects no Pod",
    ],
  ] as const)("of the split names %s", async (_, list, change, cause) => {
    const sample = (times: number) => "3".repeat(times);
    const report = await run({ sample, ...broken(list, "reviews", change) });
    expect(row(report, "reviews-split")).toMatchObject({ verdict: "red", cause });
  });

  test("of an object that was deleted ends the wait early, and names the command that restores it", async () => {
    const policies = healthy().policies.filter(
      ({ metadata }) => metadata.name !== "productpage-waypoint",
    );
    const { now, sleep } = clock();
    const cluster = simulatedCluster({
      answers: { ...atTraffic, "notsleep GET direct": page },
      lists: { policies },
    });
    const report = await verify(input, cluster, { settleSeconds: 90, now, sleep });
    expect(reds(report)).toEqual(["waypoint-policy-accepted", "notsleep-direct-get"]);
    expect(row(report, "notsleep-direct-get").cause).toBe(
      "AuthorizationPolicy default/productpage-waypoint does not exist",
    );
    expect(report.seconds).toBeLessThan(1);
    expect(report.remedies).toEqual([
      {
        why: "Changed outside of Pulumi: AuthorizationPolicy default/productpage-waypoint does not exist. Restore it with:",
        command: "pulumi up --refresh --stack test",
      },
    ]);
  });

  test("for good leaves the others ten seconds to settle", async () => {
    const answers = { ...atTraffic, "sleep GET direct": denied };
    const report = await verify(
      input,
      simulatedCluster({ answers, lists: { services: [], policies: healthy().policies } }),
      { settleSeconds: 90, ...clock() },
    );
    expect(report.seconds).toBeLessThan(12);
  });

  test("follows from the red row of the Pods that it needs", async () => {
    const pods = healthy().pods.filter(({ metadata }) => !/^productpage/.test(metadata.name));
    const refused = "0\u001fupstream connect error\u001f503";
    const report = await run({
      answers: { ...atTraffic, "sleep GET direct": refused, "sleep GET gateway": refused },
      lists: { pods },
      sample: () => "0000\u001ea page says: no healthy upstream\u001d",
    });
    for (const id of ["sleep-direct-get", "sleep-gateway-get", "reviews-split"]) {
      expect(row(report, id).cause).toBe(
        "follows from the red row Pods of Bookinfo: no Pod with app=productpage,version=v1",
      );
    }
    expect(report.remedies).toEqual([
      {
        why: "Changed outside of Pulumi: app=productpage,version=v1 has no replicas. Restore it with:",
        command: "pulumi up --refresh --stack test",
      },
    ]);
  });

  test.each([
    ["sandbox", "npm run -s sandbox -- up --refresh"],
    ["sandbox two", "npm run -s sandbox -- up --refresh --name two"],
    ["stack sandbox-two", "npm run -s sandbox -- up --refresh --name two"],
    ["stack dev", "pulumi up --refresh --stack dev"],
  ])("of %s names the command of its kind", async (target, command) => {
    const report = await run({ lists: { policies: [] } }, { target, stage: "l4" });
    expect(report.remedies).toMatchObject([{ command }]);
  });

  test("of istiod names the mesh configuration that it ignores", async () => {
    const mesh = "accessLogFile: true";
    const ignored = broken("meshConfigs", "istio", (o) => (o.data = { mesh }));
    const report = await run(ignored, { stage: "mesh" });
    expect(reds(report)).toEqual(["istiod"]);
    expect(row(report, "istiod").cause).toContain("istiod ignores all of ConfigMap");
  });

  test("of istiod names the mesh configuration that it refuses in its log alone", async () => {
    const systemPods = [{ metadata: { name: "istiod-x", labels: { app: "istiod" } } }];
    const log = async () => "invalid mesh config, using last known state: no";
    const report = await run({ lists: { systemPods }, log }, { stage: "mesh" });
    expect(reds(report)).toEqual(["istiod"]);
    expect(row(report, "istiod").cause).toMatch(/ConfigMap istio-system\/istio: no$/);
  });

  test("of istiod names the fields of the mesh configuration that were changed by hand", async () => {
    const discoverySelectors = [{ matchLabels: { "kubernetes.io/metadata.name": "default" } }];
    const proxyMetadata = { SECRET: "do not show" };
    const meshConfig = { discoverySelectors, defaultConfig: { proxyMetadata }, trustDomain: null };
    const report = await run({}, { target: "stack dev", stage: "mesh", meshConfig });
    expect(reds(report)).toEqual(["istiod"]);
    expect(row(report, "istiod")).toMatchObject({
      seen: "its mesh configuration is not in force",
      cause: expect.stringMatching(
        /^ConfigMap istio-system\/istio differs from the settings in defaultConfig\.proxyMetadata\.SECRET; a change/,
      ),
    });
    expect(JSON.stringify(report)).not.toContain("do not show");
    expect(report.remedies).toMatchObject([
      { command: "helm get manifest istiod -n istio-system | kubectl apply -n istio-system -f -" },
    ]);
    const asSet = { stage: "mesh", meshConfig: { discoverySelectors } } as const;
    expect(reds(await run({}, asSet))).toEqual([]);
    const dropped = broken("meshConfigs", "istio", (o) => (o.data = { mesh: "a: b" }));
    expect(row(await run(dropped, asSet), "istiod").cause).toContain("in discoverySelectors;");
    const gone = await run({ lists: { meshConfigs: [] } }, asSet);
    expect(row(gone, "istiod").cause).toContain("istio does not exist");
  });

  test("of a sandbox is healed by kubectl on the sandbox, not on the shell's own cluster", async () => {
    const lists = { policies: [...healthy().policies, { metadata: { name: "mine" } }] };
    const answers = { ...atTraffic, "sleep GET direct": reset };
    const report = await run({ answers, lists }, { target: "sandbox two" });
    expect(report.remedies).toMatchObject([
      {
        command:
          'eval "$(npm run -s sandbox -- env --name two)"; kubectl delete authorizationpolicy mine -n default',
      },
    ]);
  });

  test("names the namespace's missing label", async () => {
    const report = await run({
      answers: { ...atTraffic, "notsleep GET direct": page },
      ...broken("namespaces", "default", (o) => (o.metadata.labels = {})),
    });
    expect(reds(report)).toEqual(["not-restarted", "notsleep-direct-get"]);
    expect(row(report, "notsleep-direct-get").cause).toBe(
      "Namespace default has no label istio.io/dataplane-mode=ambient: requests bypass the mesh",
    );
  });

  test("counts differing answers", async () => {
    const cluster = simulatedCluster({
      run: (pod, command) => {
        const stdout = command.includes("GET")
          ? `${`${page}\u001e`.repeat(2)}${reset}\u001e\u001d`.repeat(3)
          : "1".repeat(468) + "2".repeat(52);
        return Promise.resolve({ exit: 0, stdout, stderr: "" });
      },
    });
    const report = await verify(input, cluster, { settleSeconds: 0, ...clock() });
    expect(row(report, "sleep-direct-get").seen).toBe("the page ×2, curl exit 56, reset ×1");
  });

  test.each([
    [
      "an answer that is late",
      "28\u001fcurl: (28) timed out\u001f000",
      "no answer in 5 s (curl exit 28) ×5",
    ],
    [
      "another error of curl",
      "6\u001fcurl: (6) no host\u001f000",
      "curl exit 6 curl: (6) no host ×5",
    ],
    ["another page", "0\u001f<h1>hello</h1>\u001f200", "HTTP 200 <h1>hello</h1> ×5"],
    ["a refusal by another server", "0\u001fForbidden\u001f403", "HTTP 403 Forbidden ×5"],
  ])("shows %s as it is", async (_, answer, seen) => {
    const report = await run({ answers: { ...atTraffic, "sleep GET direct": answer } });
    expect(row(report, "sleep-direct-get")).toMatchObject({ verdict: "red", seen });
  });
});

describe("what cannot be checked", () => {
  test("a request that times out", async () => {
    const report = await run({
      run: () => Promise.resolve({ exit: undefined, stdout: "", stderr: "" }),
    });
    expect([report.verdict, exitCode(report)]).toEqual(["not checked", 3]);
    expect(row(report, "sleep-direct-get").seen).toMatch(
      /^no output from Pod default\/sleep-x-y within \d+ s$/,
    );
  });

  test("a row that the time limit cuts short", async () => {
    const answers = (times: number) => `${page}\u001e`.repeat(times);
    const stdout = `${answers(5)}\u001d${answers(2)}`;
    const report = await run({
      run: () => Promise.resolve({ exit: undefined, stdout, stderr: "" }),
    });
    const result = (id: string) => [row(report, id).verdict, row(report, id).seen];
    expect(result("sleep-gateway-get")).toEqual(["green", "5 of 5"]);
    expect(result("sleep-direct-get")).toEqual(["not checked", "only 2 of 5 answers within 25 s"]);
    expect(result("sleep-gateway-delete")).toEqual([
      "not checked",
      "not sent: the requests before it took 25 s",
    ]);
    // What has come is enough against it.
    expect(result("notsleep-direct-get")).toEqual(["red", "the page ×5"]);
  });

  test("a sample that takes too long, unless its first part is already wrong", async () => {
    const short = await run({ sample: () => "1".repeat(300) + "2".repeat(30) });
    expect(row(short, "reviews-split")).toMatchObject({ verdict: "not checked" });
    const wrong = await run({ sample: () => "1".repeat(300) + "3".repeat(100) });
    expect(row(wrong, "reviews-split").verdict).toBe("red");
  });

  test("the requests of a missing Pod, which is red itself", async () => {
    const gone = healthy().pods.filter(({ metadata }) => metadata.name !== "notsleep-x-y");
    const report = await run({ lists: { pods: gone } });
    expect(reds(report)).toEqual(["client-pods"]);
    expect(row(report, "notsleep-direct-get")).toMatchObject({
      verdict: "not checked",
      seen: "no ready Pod app=notsleep in namespace default to send the request",
    });
    expect(row(report, "sleep-direct-get").verdict).toBe("green");
  });

  test("an exec that the API server refuses", async () => {
    const report = await run({
      run: () => Promise.reject(new UncheckedError("exec: forbidden", true)),
    });
    expect(row(report, "sleep-direct-get")).toMatchObject({
      verdict: "not checked",
      seen: "exec: forbidden",
    });
  });

  test("a container without curl", async () => {
    const report = await run({
      run: () => Promise.resolve({ exit: 126, stdout: "", stderr: "sh: not found" }),
    });
    expect(row(report, "sleep-direct-get").seen).toBe(
      "Pod default/sleep-x-y could not run curl: sh: not found",
    );
  });

  test("an unreachable API server: every row is there, and none is red", async () => {
    const away = new UncheckedError(
      "the API server https://x cannot be reached: connect ECONNREFUSED",
    );
    const lists = Object.fromEntries(Object.keys(healthy()).map((name) => [name, away]));
    const report = await run({ lists });
    expect(exitCode(report)).toBe(3);
    expect(report.rows).toHaveLength(expectationsAt("traffic").length);
    expect(new Set(report.rows.map(({ verdict }) => verdict))).toEqual(new Set(["not checked"]));
  });

  test("a cluster that declares that it carries no requests, without waiting", async () => {
    const nodes = healthy().nodes;
    const annotations = { "oke-ambient-mesh.sandbox/no-requests": "no data plane" };
    nodes[0].metadata.annotations = annotations;
    let looks = 0;
    const report = await verify(input, simulatedCluster({ lists: { nodes } }), {
      ...settings,
      ...clock(),
      onRound: () => looks++,
    });
    expect(looks).toBe(1);
    expect(exitCode(report)).toBe(3);
    expect(row(report, "reviews-split")).toMatchObject({
      verdict: "not checked",
      seen: "no data plane",
    });
    expect(row(report, "productpage-bound").verdict).toBe("green");
  });
});

describe("on the way back to an earlier stage", () => {
  test("the verification in the graph is deferred, and names the reason", async () => {
    const report = await verify({ ...input, stage: "l4" }, simulatedCluster(), {
      ...settings,
      ...clock(),
      deferrable: true,
    });
    expect([report.verdict, exitCode(report), report.rows]).toEqual(["deferred", 0, []]);
    expect(report.deferredBy).toContain("Gateway default/reviews-waypoint");
  });

  test("a verification by hand names remaining objects as the likely cause", async () => {
    const report = await run({ answers: atTraffic }, { stage: "l4" });
    expect(row(report, "notsleep-direct-get").cause).toMatch(
      /^objects of a later stage still exist: /,
    );
  });

  test("nothing is deferred at the deployed stage", async () => {
    const report = await verify(input, simulatedCluster(), {
      ...settings,
      ...clock(),
      deferrable: true,
    });
    expect(report.verdict).toBe("green");
  });
});
