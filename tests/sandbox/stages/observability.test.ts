import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";

import { quantity } from "../../../components/existing/rules/quota.js";
import type { OperationReport } from "../../../tools/sandbox/commands.js";
import { TestSandbox, unverified } from "../harness.js";

const minutes = 60_000;
const long = 10 * minutes;
const sandbox = new TestSandbox("test-observability");
const on = ["--config", "observability=true", "--config", "load=5"];
const off = ["--config", "observability=false", "--config", "load=0"];
const none = { create: [], update: [], replace: [], delete: [] };
const own = /^(observability|waypoint-metrics|load)(-|$)/;

let first: OperationReport;
beforeAll(async () => void (first = await sandbox.run("up", ...on)), long);
afterAll(async () => void (await sandbox.try("destroy")), 5 * minutes);

interface Pod {
  metadata: { name: string; uid: string };
  spec: {
    nodeName?: string;
    containers: { resources?: { requests?: Record<string, string> } }[];
  };
  status: { phase: string };
}

const pods = async () => (await sandbox.get<{ items: Pod[] }>("pods", "-A")).items;

/** Whether the API server allows a service account of istio-system something. */
async function can(account: string, ...what: string[]): Promise<boolean> {
  const as = `--as=system:serviceaccount:istio-system:${account}`;
  const said = await sandbox
    .kubectl("auth", "can-i", ...what, as)
    .catch((error: { stdout: string }) => error.stdout);
  return said.trim() === "yes";
}

describe("a stack with observability and load", () => {
  test("is green where the running Prometheus has counters, and says why elsewhere", () => {
    const rows = first.verification?.rows ?? [];
    expect(rows.filter(({ verdict }) => verdict === "red")).toEqual([]);
    expect(rows.filter(({ id }) => /prometheus|kiali/.test(id)).length).toBeGreaterThan(2);
    const unchecked = rows.filter(({ verdict }) => verdict === "not checked");
    expect(unchecked.map(({ what, seen }) => `${what}: ${seen}`)).toEqual([
      expect.stringMatching(
        /^Prometheus's targets: istiod, ingress-gateway, waypoints are up; ztunnel is simulated here/,
      ),
      expect.stringMatching(/^ztunnel's connections: ztunnel is simulated here/),
      expect.stringMatching(/^counters of reviews: the simulated waypoint has no istio_requests_/),
    ]);
  });

  test("has every Pod on its one worker, with a quarter of it free", async () => {
    const all = await pods();
    const names = all.map(({ metadata }) => metadata.name).join("\n");
    for (const name of ["prometheus", "kiali", "load", "load-notsleep"]) {
      expect(names).toMatch(new RegExp(`^${name}-[a-z0-9]+-[a-z0-9]{5}$`, "m"));
    }
    expect(all.filter(({ spec, status }) => !spec.nodeName || status.phase !== "Running")).toEqual(
      [],
    );
    interface Node {
      status: { allocatable: Record<"cpu" | "memory", string> };
    }
    const { items: nodes } = await sandbox.get<{ items: Node[] }>("nodes");
    expect(nodes).toHaveLength(1);
    for (const resource of ["cpu", "memory"] as const) {
      const asked = all
        .flatMap(({ spec }) => spec.containers)
        .reduce((sum, { resources }) => sum + quantity(resources?.requests?.[resource] ?? "0"), 0);
      const allocatable = quantity(nodes[0]?.status.allocatable[resource] ?? "0");
      expect(asked).toBeGreaterThan(0);
      expect(asked / allocatable).toBeLessThanOrEqual(0.75);
    }
  });

  test(
    "has nothing to change in the next preview",
    async () => {
      expect((await sandbox.run("preview")).resources).toEqual(none);
    },
    long,
  );

  test("gives Kiali no right to change anything, or to read Secrets", async () => {
    expect(await can("kiali", "list", "deployments.apps", "-A")).toBe(true);
    expect(await can("kiali", "list", "virtualservices.networking.istio.io", "-A")).toBe(true);
    for (const [verb, resource] of [
      ["patch", "deployments.apps"],
      ["delete", "pods"],
      ["create", "pods/exec"],
      ["create", "pods/portforward"],
      ["patch", "namespaces"],
      ["delete", "authorizationpolicies.security.istio.io"],
      ["create", "virtualservices.networking.istio.io"],
      ["patch", "gateways.gateway.networking.k8s.io"],
      ["get", "secrets"],
    ] as const) {
      expect([verb, resource, await can("kiali", verb, resource, "-A")]).toEqual([
        verb,
        resource,
        false,
      ]);
    }
    // Everything that it may do; whoever is logged in may ask about themselves.
    const as = "--as=system:serviceaccount:istio-system:kiali";
    const rules = (await sandbox.kubectl("auth", "can-i", "--list", "--no-headers", as))
      .trim()
      .split("\n")
      .filter((line) => !/^selfsubject/.test(line));
    const verbs = rules.flatMap((line) => /\[([^\]]*)\]\s*$/.exec(line)?.[1]?.split(" ") ?? []);
    expect(rules.length).toBeGreaterThan(5);
    expect([...new Set(verbs)].sort()).toEqual(["get", "list", "watch"]);
  });

  test("lets Prometheus see the Pods of two namespaces, and nothing else", async () => {
    for (const [namespace, allowed] of [
      ["istio-system", true],
      ["default", true],
      ["kube-system", false],
    ] as const) {
      expect([namespace, await can("prometheus", "list", "pods", "-n", namespace)]).toEqual([
        namespace,
        allowed,
      ]);
    }
    expect(await can("prometheus", "get", "secrets", "-n", "istio-system")).toBe(false);
    expect(await can("prometheus", "delete", "pods", "-n", "istio-system")).toBe(false);
  });

  test(
    "goes back to stage mesh and forth without touching Prometheus",
    async () => {
      const prometheus = async () =>
        (await pods()).find(({ metadata }) => /^prometheus-/.test(metadata.name))?.metadata.uid;
      const before = await prometheus();
      const back = await sandbox.run("up", "--stage", "mesh", ...unverified);
      expect(back.resources.delete.filter((name) => own.test(name)).sort()).toEqual([
        "load",
        "load-deployment-load",
        "load-deployment-load-notsleep",
        "load-serviceaccount-load",
        "waypoint-metrics",
        "waypoint-metrics-role-prometheus",
        "waypoint-metrics-rolebinding-prometheus",
      ]);
      const forth = await sandbox.run("up", "--stage", "traffic", ...unverified);
      expect(forth.resources.create.filter((name) => own.test(name)).sort()).toEqual(
        back.resources.delete.filter((name) => own.test(name)).sort(),
      );
      expect(await prometheus()).toBe(before);
    },
    long,
  );

  test(
    "leaves nothing of it in the cluster when the settings go",
    async () => {
      const { resources } = await sandbox.run("up", ...off, ...unverified);
      expect([resources.create, resources.replace]).toEqual([[], []]);
      expect(resources.delete.filter((name) => !own.test(name))).toEqual([]);
      const kinds = "deployments,services,configmaps,serviceaccounts,roles,rolebindings";
      const labels = "app in (prometheus, kiali, load, load-notsleep)";
      const namespaced = await sandbox.kubectl("get", kinds, "-A", "-l", labels, "-o", "name");
      const wide = await sandbox.kubectl(
        "get",
        "clusterroles,clusterrolebindings",
        "-l",
        labels,
        "-o",
        "name",
      );
      expect([namespaced, wide]).toEqual(["", ""]);
    },
    long,
  );

  test(
    "is destroyed with the rest",
    async () => {
      await sandbox.run("up", "--stage", "mesh", ...on, ...unverified);
      const { resources } = await sandbox.run("destroy");
      expect(resources.delete).toContain("observability-deployment-prometheus");
      expect(resources.update).toEqual([]);
    },
    long,
  );
});
