import { writeFileSync } from "node:fs";
import { join } from "node:path";

import { afterAll, afterEach, beforeAll, describe, expect, jest, test } from "@jest/globals";

import { stateDir } from "../../../tools/paths.js";
import { TestSandbox } from "../harness.js";

// Breaks one object at a time, and expects exactly the affected rows to turn red.
jest.setTimeout(1_800_000);

const sandbox = new TestSandbox("test-sabotage");

afterAll(async () => {
  await sandbox.try("destroy");
});

/** Verifies until exactly the expected rows are not green: istiod's configuration takes a moment to spread. */
async function shows(expected: Record<string, RegExp>): Promise<void> {
  const rows = Object.entries(expected).map(([id, seen]) => [id, expect.stringMatching(seen)]);
  const end = Date.now() + 90_000;
  for (;;) {
    const report = await sandbox.verify("--settle", "1");
    const others = report.rows.filter(({ verdict }) => verdict !== "green");
    try {
      expect(Object.fromEntries(others.map(({ id, seen }) => [id, seen]))).toEqual(
        Object.fromEntries(rows),
      );
      expect(report.verdict).toBe(rows.length > 0 ? "red" : "green");
      return;
    } catch (error) {
      if (Date.now() > end) throw error;
    }
  }
}

interface KubernetesObject {
  apiVersion: string;
  kind: string;
  metadata: {
    name: string;
    labels?: Record<string, string>;
    annotations?: Record<string, string>;
  };
  spec: unknown;
}
type Patch = { op: "add" | "replace" | "remove"; path: string; value?: unknown }[];

const broken: KubernetesObject[] = [];

/** The fields of an object that the program or a user sets; the cluster sets the others. */
async function read(object: string): Promise<KubernetesObject> {
  const { apiVersion, kind, metadata, spec } = await sandbox.get<KubernetesObject>(object);
  const { name, labels, annotations } = metadata;
  return { apiVersion, kind, metadata: { name, labels, annotations }, spec };
}

async function breaks(object: string, patch: Patch): Promise<void> {
  broken.push(await read(object));
  await sandbox.kubectl("patch", object, "--type=json", "-p", JSON.stringify(patch));
}

/** Recreates the object, for changes that its controller ignores in an existing one. */
async function remakes(object: string, change: (object: KubernetesObject) => void): Promise<void> {
  const found = await read(object);
  broken.push(structuredClone(found));
  change(found);
  await remake(found);
}

async function remake(object: KubernetesObject): Promise<void> {
  const file = join(stateDir(sandbox.name), "object.json");
  writeFileSync(file, JSON.stringify(object));
  await sandbox.kubectl("replace", "--force", "-f", file);
}

// Also after a failed test, so that the next one starts from the original objects.
afterEach(async () => {
  for (const object of broken.splice(0).reverse()) {
    const named = `${object.kind}/${object.metadata.name}`;
    if (object.kind === "Gateway") await remake(object);
    else {
      const { labels = {} } = object.metadata;
      const patch = [
        { op: "replace", path: "/spec", value: object.spec },
        { op: "add", path: "/metadata/labels", value: labels },
      ];
      await sandbox.kubectl("patch", named, "--type=json", "-p", JSON.stringify(patch));
    }
    const { metadata, spec } = await read(named);
    expect({ labels: metadata.labels ?? {}, spec }).toEqual({
      labels: object.metadata.labels ?? {},
      spec: object.spec,
    });
  }
});

const viewer = "authorizationpolicy/productpage-viewer";
const waypointPolicy = "authorizationpolicy/productpage-waypoint";
const principals = "/spec/rules/0/from/0/source/principals";
const sleep = "cluster.local/ns/default/sa/sleep";
const gateway = "cluster.local/ns/istio-system/sa/istio-ingressgateway-service-account";
const refusedByZtunnel = /^HTTP 503 upstream connect error.* ×5$/;
const withoutReviews = /^0 v1, 0 v2, \d+ pages without reviews$/;
const anyVersion = /^\d+ v1, \d+ v2, \d+ v3$/;

/** The changed object, and the rows that must turn red. */
type Case = [what: string, object: string, patch: Patch, red: Record<string, RegExp>];

describe("at stage l4", () => {
  beforeAll(async () => {
    await sandbox.run("up", "--stage", "l4", "--config", "verify=false");
  });

  test.each<Case>([
    [
      "a wrong principal for sleep",
      viewer,
      [{ op: "replace", path: `${principals}/0`, value: `${sleep}er` }],
      // The gateway has another principal, and is still admitted.
      { "sleep-direct-get": /^curl exit 56, reset ×5$/ },
    ],
    [
      "a wrong principal for the gateway",
      viewer,
      [{ op: "replace", path: `${principals}/1`, value: gateway.replace("-service-account", "") }],
      { "sleep-gateway-get": refusedByZtunnel },
    ],
    [
      "methods, which ztunnel does not support",
      viewer,
      [{ op: "add", path: "/spec/rules/0/to", value: [{ operation: { methods: ["GET"] } }] }],
      // ztunnel drops the rule and, without any rule, denies every request. istiod reports the policy as
      // accepted, with a warning.
      {
        "viewer-accepted": /^True, with a warning$/,
        "sleep-direct-get": /^curl exit 56, reset ×5$/,
        "sleep-gateway-get": refusedByZtunnel,
      },
    ],
  ])("%s", async (_, object, patch, red) => {
    await breaks(object, patch);
    await shows(red);
  });
});

describe("at stage traffic", () => {
  beforeAll(async () => {
    await sandbox.run("up", "--stage", "traffic", "--config", "verify=false");
  });

  test.each<Case>([
    [
      "a wrong principal",
      waypointPolicy,
      [{ op: "replace", path: `${principals}/0`, value: `${sleep}er` }],
      // Without the page, sleep has no reviews to count.
      { "sleep-direct-get": /^RBAC: access denied ×5$/, "reviews-split": withoutReviews },
    ],
    [
      "the L4 policy without the waypoint's identity",
      viewer,
      [{ op: "replace", path: principals, value: [sleep, gateway] }],
      // The waypoint admits these requests, but ztunnel denies the waypoint. The waypoint's denials do not change.
      {
        "sleep-direct-get": refusedByZtunnel,
        "sleep-gateway-get": refusedByZtunnel,
        "reviews-split": withoutReviews,
      },
    ],
    [
      "a missing label ingress-use-waypoint",
      "service/productpage",
      [{ op: "remove", path: "/metadata/labels/istio.io~1ingress-use-waypoint" }],
      // The gateway bypasses the waypoint, and ztunnel admits only the waypoint.
      {
        "productpage-bound": /^True, without "Ingress traffic will traverse the waypoint"$/,
        "sleep-gateway-get": refusedByZtunnel,
        "sleep-gateway-delete": refusedByZtunnel,
      },
    ],
    [
      "a selector instead of targetRefs",
      waypointPolicy,
      [
        { op: "remove", path: "/spec/targetRefs" },
        { op: "add", path: "/spec/selector", value: { matchLabels: { app: "productpage" } } },
      ],
      // ztunnel gets the policy; the waypoint has none and admits every request.
      {
        "waypoint-policy-accepted": /^no such condition$/,
        "notsleep-direct-get": /^the page ×5$/,
        "sleep-gateway-delete": /^HTTP 405 .*×5$/,
      },
    ],
    [
      "methods with DELETE",
      waypointPolicy,
      [{ op: "add", path: "/spec/rules/0/to/0/operation/methods/-", value: "DELETE" }],
      { "sleep-gateway-delete": /^HTTP 405 .*×5$/ },
    ],
    [
      "weights 80 to 20",
      "virtualservice/reviews",
      [
        { op: "replace", path: "/spec/http/0/route/0/weight", value: 80 },
        { op: "replace", path: "/spec/http/0/route/1/weight", value: 20 },
      ],
      { "reviews-split": /^\d+ v1, \d+ v2$/ },
    ],
    [
      "a subset that selects nothing",
      "destinationrule/reviews",
      [{ op: "replace", path: "/spec/subsets/1/labels/version", value: "v22" }],
      // v2's share of the pages has no reviews.
      { "reviews-split": /^\d+ v1, 0 v2, \d+ pages without reviews$/ },
    ],
    [
      "a VirtualService for a wrong host",
      "virtualservice/reviews",
      [{ op: "replace", path: "/spec/hosts/0", value: "review" }],
      { "reviews-split": anyVersion },
    ],
    [
      "a missing namespace label",
      "namespace/default",
      [{ op: "remove", path: "/metadata/labels/istio.io~1dataplane-mode" }],
      // The clients bypass both waypoints. The gateway is in another namespace: it still goes through
      // productpage's waypoint, and DELETE is denied.
      {
        "not-restarted": /^no label$/,
        "notsleep-direct-get": /^the page ×5$/,
        "reviews-split": anyVersion,
      },
    ],
  ])("%s", async (_, object, patch, red) => {
    await breaks(object, patch);
    await shows(red);
  });

  test("a missing label ingress-use-waypoint and an admitted gateway let DELETE through", async () => {
    await breaks(viewer, [{ op: "add", path: `${principals}/-`, value: gateway }]);
    await breaks("service/productpage", [
      { op: "remove", path: "/metadata/labels/istio.io~1ingress-use-waypoint" },
    ]);
    await shows({
      "productpage-bound": /^True, without "Ingress traffic will traverse the waypoint"$/,
      // productpage's own response, without a policy in between.
      "sleep-gateway-delete": /^HTTP 405 .*×5$/,
    });
  });

  test("a waypoint of a class without a controller never becomes Programmed", async () => {
    await remakes("gateway/reviews-waypoint", ({ spec }) => {
      Object.assign(spec as object, { gatewayClassName: "istio-waypoints" });
    });
    await shows({
      "reviews-waypoint-programmed": /^Unknown$/,
      "reviews-bound": /^False$/,
      // Without its waypoint, requests reach every version of the Service directly.
      "reviews-split": anyVersion,
    });
  });

  test("without a change, every row is green", async () => {
    await shows({});
  });
});
