import type { UncheckedError } from "../../../tools/verify/finding.js";
import type { ExecResult, PodRef } from "../../../tools/verify/cluster/exec.js";
import type { ReadLog } from "../../../tools/verify/cluster/logs.js";
import { Snapshot } from "../../../tools/verify/cluster/snapshot.js";
import type { ListName } from "../../../tools/verify/cluster/snapshot.js";
import type { VerifyInput } from "../../../components/verification/input.js";
import type { Prometheus } from "../../../tools/verify/cluster/prometheus.js";
import type { ClusterUnderTest } from "../../../tools/verify/cluster/kubernetes.js";

/** A cluster simulated by plain objects: healthy at the last stage, until a test changes it. */
export type Lists = Record<ListName, Plain[]>;
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- tests reach into objects of any kind
export type Plain = any;

export const input: VerifyInput = {
  target: "stack test",
  stage: "traffic",
  namespace: "default",
  v2Percent: 10,
  workers: 1,
  kubeconfig: "unused",
};

const labelled = "2026-03-01T10:00:00Z";
const before = "2026-03-01T09:50:00Z";

const condition = (type: string, message = "") => ({ type, status: "True", reason: "", message });
const ready = { conditions: [condition("Ready")] };

function pod(name: string, labels: Record<string, string>): Plain {
  const owner = name.split("-").slice(0, -1).join("-");
  return {
    metadata: {
      name,
      namespace: "default",
      labels,
      creationTimestamp: before,
      ownerReferences: [{ kind: "ReplicaSet", name: owner }],
    },
    spec: { containers: [{ name: labels["app"] }] },
    status: {
      phase: "Running",
      ...ready,
      containerStatuses: [{ restartCount: 0, state: { running: { startedAt: before } } }],
    },
  };
}

const workloads = [
  ["details", "v1"],
  ["ratings", "v1"],
  ["reviews", "v1"],
  ["reviews", "v2"],
  ["reviews", "v3"],
  ["productpage", "v1"],
] as const;

const named = (name: string, rest: Plain = {}) => ({
  ...rest,
  metadata: { name, namespace: "default", generation: 1, ...rest.metadata },
});

export function healthy(): Lists {
  const rollout = (name: string) => named(name, { status: { observedGeneration: 1 } });
  const daemonSet = (name: string) => {
    const object = rollout(name);
    Object.assign(object.status, {
      desiredNumberScheduled: 1,
      updatedNumberScheduled: 1,
      numberAvailable: 1,
    });
    return object;
  };
  const deployment = (name: string) => {
    const object = rollout(name);
    Object.assign(object.status, { updatedReplicas: 1, availableReplicas: 1 });
    return { ...object, spec: { replicas: 1, selector: { matchLabels: { app: name } } } };
  };
  const sleep = "cluster.local/ns/default/sa/sleep";
  return {
    nodes: [{ metadata: { name: "worker" }, status: ready }],
    systemDaemonSets: [daemonSet("istio-cni-node"), daemonSet("ztunnel")],
    systemDeployments: [deployment("istiod"), deployment("istio-ingressgateway")],
    systemPods: [],
    // What the charts make of their profile for ambient mode.
    meshConfigs: [
      named("istio", {
        data: {
          mesh: [
            "defaultConfig:",
            "  discoveryAddress: istiod.istio-system.svc:15012",
            "  proxyMetadata: { ISTIO_META_ENABLE_HBONE: 'true' }",
            "defaultProviders: { metrics: [prometheus] }",
            "discoverySelectors: [{ matchLabels: { kubernetes.io/metadata.name: default } }]",
            "enablePrometheusMerge: true",
            "rootNamespace: istio-system",
            "trustDomain: cluster.local",
          ].join("\n"),
        },
      }),
    ],
    namespaces: [
      named("default", {
        metadata: {
          labels: { "istio.io/dataplane-mode": "ambient" },
          managedFields: [
            {
              time: labelled,
              fieldsV1: { "f:metadata": { "f:labels": { "f:istio.io/dataplane-mode": {} } } },
            },
          ],
        },
      }),
    ],
    pods: [
      ...workloads.map(([app, version]) => pod(`${app}-${version}-x-y`, { app, version })),
      pod("sleep-x-y", { app: "sleep" }),
      pod("notsleep-x-y", { app: "notsleep" }),
    ],
    replicaSets: [],
    services: [
      named("productpage", {
        metadata: { labels: { "istio.io/use-waypoint": "productpage-waypoint" } },
        status: {
          conditions: [
            condition(
              "istio.io/WaypointBound",
              "Successfully attached. Ingress traffic will traverse the waypoint",
            ),
          ],
        },
      }),
      named("reviews", { status: { conditions: [condition("istio.io/WaypointBound")] } }),
    ],
    gateways: ["productpage-waypoint", "reviews-waypoint"].map((name) =>
      named(name, { status: { conditions: [condition("Programmed")] } }),
    ),
    policies: [
      named("productpage-viewer", {
        spec: {
          selector: { matchLabels: { app: "productpage" } },
          rules: [
            {
              from: [
                { source: { principals: ["cluster.local/ns/default/sa/productpage-waypoint"] } },
              ],
            },
          ],
        },
        status: { conditions: [condition("ZtunnelAccepted", "attached to ztunnel")] },
      }),
      named("productpage-waypoint", {
        spec: {
          targetRefs: [{ kind: "Service", name: "productpage" }],
          rules: [
            {
              from: [{ source: { principals: [sleep] } }],
              to: [{ operation: { methods: ["GET"] } }],
            },
          ],
        },
        status: {
          conditions: [condition("WaypointAccepted", "bound to default/productpage-waypoint")],
        },
      }),
    ],
    virtualServices: [
      named("reviews", {
        spec: {
          hosts: ["reviews"],
          http: [
            {
              route: [
                { destination: { host: "reviews", subset: "v1" }, weight: 90 },
                { destination: { host: "reviews", subset: "v2" }, weight: 10 },
              ],
            },
          ],
        },
      }),
    ],
    destinationRules: [
      named("reviews", {
        spec: {
          host: "reviews",
          subsets: ["v1", "v2", "v3"].map((version) => ({ name: version, labels: { version } })),
        },
      }),
    ],
  };
}

/** What a client's `curl` prints, by `client method url-ending`; the article's answers at the last stage. */
export type Answers = Record<string, string>;
export const page = "0\u001f<title>Simple Bookstore App</title>\u001f200";
export const denied = "0\u001fRBAC: access denied\u001f403";
export const reset = "56\u001fcurl: (56) Recv failure: Connection reset by peer\u001f000";
export const atTraffic: Answers = {
  "sleep GET gateway": page,
  "sleep GET direct": page,
  "notsleep GET direct": denied,
  "sleep DELETE gateway": denied,
};

const jobs = ["istiod", "ztunnel", "ingress-gateway", "waypoints"];

/** Requests for reviews as the waypoint counts them, a tenth by v2. */
export const requestsCounted = (requests: number) => [
  { metric: { destination_version: "v1" }, value: requests * 0.9 },
  { metric: { destination_version: "v2" }, value: requests * 0.1 },
];

export interface Play {
  lists?: Partial<Record<ListName, Plain[] | UncheckedError>>;
  answers?: Answers;
  /** What the split's sample prints. */
  sample?: (times: number) => string;
  /** What Prometheus answers; default: that all is as it should be. */
  prometheus?: Partial<Prometheus>;
  /** What istiod has logged since a time; default: nothing that can be read. */
  log?: ReadLog;
  /** Replaces the simulated Pods. */
  run?: (pod: PodRef, command: string[]) => Promise<ExecResult>;
}

export interface SimulatedCluster extends ClusterUnderTest {
  /** Commands run so far, as `pod first-argument…`. */
  commands: string[][];
}

/** A cluster that plays what it is given. Its clock is the test's. */
export function simulatedCluster({
  lists,
  answers = atTraffic,
  sample,
  prometheus,
  log = async () => undefined,
  run,
}: Play = {}): SimulatedCluster {
  const commands: string[][] = [];
  const pages =
    sample ?? ((n) => "1".repeat(Math.round(n * 0.9)) + "2".repeat(Math.round(n * 0.1)));
  return {
    commands,
    log,
    prometheus: {
      targets: async () => jobs.map((job) => ({ labels: { job }, health: "up" as const })),
      // A query with a time is for the count before the sample.
      query: async (query, time) =>
        query.includes("istio_requests_total")
          ? requestsCounted(time === undefined ? 500 : 0)
          : [
              {
                metric: { source_principal: "spiffe://cluster.local/ns/default/sa/sleep" },
                value: 9,
              },
            ],
      ...prometheus,
    },
    snapshot: () =>
      Promise.resolve(
        new Snapshot({ ...healthy(), ...lists } as ConstructorParameters<typeof Snapshot>[0]),
      ),
    run: async (pod, command) => {
      commands.push([pod.pod, ...command.slice(4)]);
      if (run) return run(pod, command);
      const [first = "", ...rest] = command.slice(4);
      if (first.startsWith("http")) {
        const times = rest.slice(1).reduce((sum, share) => sum + Number(share), 0);
        return { exit: 0, stdout: pages(times), stderr: "" };
      }
      const client = pod.pod.split("-")[0];
      let stdout = "";
      for (let index = 0; index < rest.length; index += 2) {
        const way = rest[index + 1]?.endsWith("/productpage") ? "gateway" : "direct";
        const answer = answers[`${client} ${rest[index]} ${way}`] ?? reset;
        stdout += `${`${answer}\u001e`.repeat(Number(first))}\u001d`;
      }
      return { exit: 0, stdout, stderr: "" };
    },
  };
}

/** A clock that moves while a test sleeps, and a little with each reading. */
export function clock(): { now: () => number; sleep: (ms: number) => Promise<void> } {
  let time = 0;
  return {
    now: () => (time += 1),
    sleep: (ms) => ((time += ms), Promise.resolve()),
  };
}
