import { afterAll, afterEach, beforeAll, describe, expect, jest, test } from "@jest/globals";

import type { OperationReport } from "../../sandbox/commands.js";
import { CutSandbox, killEngine, powerCut, pressCtrlC, reaches } from "./cut.js";
import { deployed, expectOnceInOci, onePodEach, pods, releases } from "./whole.js";

// One sandbox, its operations cut off again and again. In the order they stand in, most cases begin where the one
// before has ended.
jest.setTimeout(900_000);

const sandbox = new CutSandbox("kills");
beforeAll(() => sandbox.gone());
afterEach(() => sandbox.letGo());
afterAll(async () => void (await sandbox.try("destroy")));

describe("an up that is cut off", () => {
  test("while the VCN is made: the next one says so and takes over what OCI has made", async () => {
    await sandbox.from("nowhere", { lacks: "network-vcn" });
    await sandbox.oci.plant({
      ...{ method: "GET", path: "/vcns/ocid1", times: 10_000 },
      ...{ status: 429, code: "TooManyRequests", message: "later" },
    });
    const up = sandbox.begin("up");
    await reaches(up, "a VCN in OCI", async () => (await sandbox.oci.live("vcn")).length > 0);
    await powerCut(up);
    expect(sandbox.pending()).toEqual({ "network-vcn": "creating" });
    await sandbox.oci.clearFaults();
    const next = sandbox.begin("up");
    await reaches(next, "a subnet", () => sandbox.recorded().includes("network-subnet-api"));
    expect(next.said()).toMatch(
      /The operation of \S+ \(process \d+\) was cut off; its lock is taken away\./,
    );
    expect(next.said()).toContain("It was creating network-vcn when it was cut off.");
    expect(next.said()).toContain("network-vcn had been made; it is taken over.");
    expect(next.said()).not.toContain("Attempting to deploy");
    expect(await sandbox.oci.live("vcn")).toHaveLength(1);
  });

  test("by Ctrl-C and again Ctrl-C ends at once, and says what it was doing", async () => {
    await sandbox.from("nowhere", { lacks: "cluster-cluster" });
    await sandbox.oci.latency("CLUSTER_CREATE", 1);
    const up = sandbox.begin("up");
    await reaches(
      up,
      "a cluster in OCI",
      async () => (await sandbox.oci.live("cluster")).length > 0,
    );
    up.child.kill("SIGINT");
    await reaches(up, "a word", () => up.said().includes("Ctrl-C again stops at once"));
    // What OCI has begun is waited for.
    await expect(Promise.race([up.ended, after(3_000)])).resolves.toBe("still there");
    const asked = Date.now();
    up.child.kill("SIGINT");
    expect(await up.ended).toBe(130);
    expect(Date.now() - asked).toBeLessThan(15_000);
    expect(up.said()).toMatch(
      /up was stopped by Ctrl-C: (\d+ created|\d+ unchanged).* What was done is on record/,
    );
    expect(up.said()).toContain("It was creating cluster-cluster.");
    expect(up.said()).toContain("Go on with: npm run -s sandbox -- up --name kills");
    await sandbox.oci.latency("CLUSTER_CREATE", 0);
    const next = sandbox.begin("up");
    await reaches(next, "the cluster", () => sandbox.recorded().includes("cluster-cluster"));
    expect(next.said()).toContain("cluster-cluster had been made; it is taken over.");
    expect(await sandbox.oci.live("cluster")).toHaveLength(1);
  });

  test("its engine alone, while the node pool is made: it says so itself", async () => {
    await sandbox.from("nowhere", { lacks: "nodes-pool" });
    await sandbox.oci.latency("NODEPOOL_CREATE", 1);
    const up = sandbox.begin("up");
    await reaches(up, "a node pool", async () => (await sandbox.oci.live("nodepool")).length > 0);
    await reaches(up, "its record", () => "nodes-pool" in sandbox.pending());
    killEngine(up);
    expect(await up.ended).toBe(1);
    expect(up.said()).toMatch(/ended by SIGKILL[^]*Go on with: npm run -s sandbox -- up/);
    await sandbox.oci.latency("NODEPOOL_CREATE", 0);
    const next = sandbox.begin("up");
    await reaches(next, "the pool", () => sandbox.recorded().includes("nodes-pool"));
    expect(next.said()).toContain("It was creating nodes-pool when it was cut off.");
    expect(next.said()).toContain("nodes-pool had been made; it is taken over.");
    expect(await sandbox.oci.live("nodepool")).toHaveLength(1);
  });

  test("by Ctrl-C while a Release waits for its Pods: it ends in order, and a preview needs no istiod", async () => {
    await sandbox.from("cluster", { has: "nodes-pool", lacks: "istio-istiod" });
    await sandbox.oci.part("istiod", false);
    const up = sandbox.begin("up", "--stage", "ambient");
    await reaches(up, "the Release", () => "istio-istiod" in sandbox.pending());
    await reaches(
      up,
      "helm's record",
      async () => (await releases(sandbox))["istiod"] !== undefined,
    );
    pressCtrlC(up);
    expect(await up.ended).toBe(130);
    expect(up.said()).toMatch(/up was stopped by Ctrl-C: .*\d+ created/);
    expect(up.said()).not.toContain("It was creating");
    expect(sandbox.pending()).toEqual({});
    // Nor does anything that is there by now keep a preview from the rest, without an istiod to ask.
    expect(sandbox.recorded()).toContain("istio-base-base");
    expect(await sandbox.try("preview")).toMatchObject({
      code: 0,
      stdout: expect.not.stringContaining("was cut off"),
    });
  });

  test("while a Release waits for its Pods: helm's pending revision is in nobody's way", async () => {
    await sandbox.from("cluster", { has: "nodes-pool", lacks: "istio-istiod" });
    await sandbox.oci.part("istiod", false);
    const up = sandbox.begin("up", "--stage", "ambient");
    await reaches(
      up,
      "helm's record",
      async () => (await releases(sandbox))["istiod"] !== undefined,
    );
    await powerCut(up);
    expect((await releases(sandbox))["istiod"]).toBe("pending-install");
    await sandbox.oci.part("istiod", true);
    const next = await sandbox.try("up", "--stage", "ambient", "--config", "verify=false");
    expect(next).toMatchObject({ code: 0 });
    expect(next.stdout).toContain("istiod: what helm has of it (pending-install) is uninstalled.");
    expect(await releases(sandbox)).toEqual(deployed);
    await expectOnceInOci(sandbox.name);
  });

  test("while a waypoint comes up: the next one ends well, the one after changes nothing", async () => {
    const gateway = "productpage-waypoint-gateway-productpage-waypoint";
    await sandbox.from("ambient", { has: "enrolment-namespacepatch", lacks: gateway });
    const [node = ""] = (await sandbox.kubectl("get", "nodes", "-o", "name")).split("\n");
    await sandbox.kubectl("cordon", node);
    const up = sandbox.begin("up", "--stage", "traffic", "--config", "verify=true");
    await reaches(up, "the waypoint", () => gateway in sandbox.pending());
    await powerCut(up);
    await sandbox.kubectl("uncordon", node);
    const next = await sandbox.try("up");
    expect(next).toMatchObject({ code: 0 });
    expect(next.stdout).toContain(`It was creating ${gateway} when it was cut off.`);
    expect(next.stdout).toMatch(/\d+ green, 0 red/);
    expect(await releases(sandbox)).toEqual(deployed);
    expect(await pods(sandbox)).toEqual(onePodEach);
    expect(await sandbox.oci.live("loadbalancer")).toHaveLength(1);
    await expectOnceInOci(sandbox.name);
    const { changes } = await sandbox.run("up");
    expect(changes).toMatchObject({ create: 0, update: 0, replace: 0, delete: 0 });
  });

  test("while a Release is upgraded: its pending revision goes, and it is upgraded again", async () => {
    await sandbox.from("traffic", { has: "verification-command" });
    const [node = ""] = (await sandbox.kubectl("get", "nodes", "-o", "name")).split("\n");
    await sandbox.kubectl("cordon", node);
    const value = `mesh.helmValues.istiod.env.CUT_OFF=at-${Date.now()}`;
    const up = sandbox.begin("up", "--config", value, "--config", "verify=true");
    await reaches(up, "the Release", () => sandbox.pending()["istio-istiod"] === "updating");
    await reaches(
      up,
      "helm",
      async () => (await releases(sandbox))["istiod"] === "pending-upgrade",
    );
    await powerCut(up);
    await sandbox.kubectl("uncordon", node);
    const next = await sandbox.try("up");
    expect(next).toMatchObject({ code: 0 });
    expect(next.stdout).toContain("It was updating istio-istiod when it was cut off.");
    expect(next.stdout).toMatch(/istiod: helm's revision \d+, pending-upgrade, is taken away\./);
    expect(next.stdout).toMatch(/\d+ green, 0 red/);
    expect(await releases(sandbox)).toEqual(deployed);
  });
});

describe("a stage back that is cut off", () => {
  test("while a Release is uninstalled: it is taken away to its end, then made again", async () => {
    await sandbox.from("mesh", { has: "istio-istiod" });
    const hold = (finalizers: string[]) =>
      sandbox.kubectl(
        ...["patch", "configmap", "istio", "-n", "istio-system", "--type=merge", "-p"],
        JSON.stringify({ metadata: { finalizers } }),
      );
    await hold(["example.com/held"]);
    const back = sandbox.begin("up", "--stage", "cluster");
    await reaches(back, "the Release", () => sandbox.pending()["istio-istiod"] === "deleting");
    await reaches(back, "helm", async () => (await releases(sandbox))["istiod"] === "uninstalling");
    await powerCut(back);
    await hold([]);
    const forward = await sandbox.try("up", "--stage", "mesh", "--config", "verify=true");
    expect(forward).toMatchObject({ code: 0 });
    expect(forward.stdout).toContain("It was deleting istio-istiod when it was cut off.");
    expect(forward.stdout).toContain("istio-istiod: deleted to the end first.");
    expect(forward.stdout).toMatch(/\d+ green, 0 red/);
    expect(await releases(sandbox)).toEqual(deployed);
  });
});

describe("a destroy that is cut off", () => {
  test("while the load balancer goes: the next one goes on with it", async () => {
    await sandbox.from("mesh", { has: "ingress-load-balancer" });
    await sandbox.oci.plant({
      ...{ method: "DELETE", path: "/loadBalancers/", times: 10_000 },
      ...{ status: 429, code: "TooManyRequests", message: "later" },
    });
    const destroy = sandbox.begin("destroy");
    await reaches(destroy, "the Service", () => "ingress-load-balancer" in sandbox.pending());
    await reaches(destroy, "OCI's refusal", async () => (await refusals()) > 0);
    await powerCut(destroy);
    await sandbox.oci.clearFaults();
    const next = sandbox.begin("destroy");
    await reaches(next, "its end", () => !sandbox.recorded().includes("ingress-load-balancer"));
    expect(next.said()).toContain("It was deleting ingress-load-balancer when it was cut off.");
    expect(await sandbox.oci.live("loadbalancer")).toEqual([]);
  });

  test("while the cluster goes: the next one ends, and nothing is left", async () => {
    await sandbox.from("cluster", { has: "cluster-cluster" });
    await sandbox.oci.latency("CLUSTER_DELETE", 1);
    const destroy = sandbox.begin("destroy");
    await reaches(destroy, "OCI's word", async () => {
      const [cluster] = await sandbox.oci.live("cluster");
      return cluster?.lifecycleState === "DELETING";
    });
    await powerCut(destroy);
    await sandbox.oci.latency("CLUSTER_DELETE", 0);
    const next = await sandbox.try("destroy", "--json");
    expect(next).toMatchObject({ code: 0 });
    expect(next.stderr).toContain("It was deleting cluster-cluster when it was cut off.");
    const { left } = JSON.parse(next.stdout) as OperationReport;
    expect(left).toEqual({ leftovers: [], unchecked: [] });
    expect(await sandbox.status()).toMatchObject({ running: false, resources: 0, processes: [] });
  });
});

/** How often OCI has refused what was planted. */
async function refusals(): Promise<number> {
  const [fault] = await sandbox.oci.faults();
  return 10_000 - (fault?.times ?? 10_000);
}

function after(milliseconds: number): Promise<string> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds, "still there"));
}
