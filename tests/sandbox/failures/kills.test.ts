import { afterAll, afterEach, beforeAll, describe, expect, jest, test } from "@jest/globals";

import type { OperationReport } from "../../../tools/sandbox/commands.js";
import { CutSandbox, expectCutOff, killEngine, powerCut, pressCtrlC, reaches } from "../cut.js";
import { unverified } from "../harness.js";
import { deployed, expectOnceInOci, onePodEach, pods, releases } from "../whole.js";

// One sandbox, whose operations are interrupted again and again.
jest.setTimeout(900_000);

const sandbox = new CutSandbox("test-kills");
beforeAll(() => sandbox.gone());
afterEach(() => sandbox.reset());
afterAll(async () => void (await sandbox.try("destroy")));

const toCluster = ["up", "--stage", "cluster", ...unverified] as const;
const nothing = { create: 0, update: 0, replace: 0, delete: 0 };

/** Expects the next operation to succeed and to report what the previous one was doing when it was killed. */
async function continues(command: readonly string[], was: string): Promise<string> {
  const said = await ended(command, was);
  expectCutOff(said, was);
  return said;
}

async function ended(command: readonly string[], was: string): Promise<string> {
  const { code, stdout, stderr } = await sandbox.try(...command);
  expect([code, stderr]).toEqual([0, ""]);
  expect(stdout).toContain(`It was ${was} when it was interrupted.`);
  return stdout;
}

/** Expects every resource once in OCI, and an up without changes. */
async function expectWhole(): Promise<void> {
  await expectOnceInOci(sandbox.name);
  expect((await sandbox.run("up")).changes).toMatchObject(nothing);
}

describe("an interrupted up", () => {
  test("is reported, and its VCN adopted, if it was killed while creating the VCN", async () => {
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
    const said = await continues(toCluster, "creating network-vcn");
    expect(said).toContain("network-vcn had been created; adopted it.");
    expect(said).not.toContain("Attempting to deploy");
    expect(await sandbox.oci.live("vcn")).toHaveLength(1);
    await expectWhole();
  });

  test("stops at once on a second Ctrl-C, and reports what it was doing", async () => {
    await sandbox.from("nowhere", { lacks: "cluster-cluster" });
    await sandbox.oci.latency("CLUSTER_CREATE", 1);
    const up = sandbox.begin("up");
    await reaches(
      up,
      "a cluster in OCI",
      async () => (await sandbox.oci.live("cluster")).length > 0,
    );
    up.child.kill("SIGINT");
    await reaches(up, "a word", () => up.said().includes("Press Ctrl-C again to stop at once"));
    // The up waits for OCI's operation in progress.
    await expect(Promise.race([up.ended, after(3_000)])).resolves.toBe("still there");
    const asked = Date.now();
    up.child.kill("SIGINT");
    expect(await up.ended).toBe(130);
    expect(Date.now() - asked).toBeLessThan(15_000);
    expect(up.said()).toMatch(
      /up was stopped by Ctrl-C: (\d+ created|\d+ unchanged).* The stack's state records what was done/,
    );
    expect(up.said()).toContain("It was creating cluster-cluster.");
    expect(up.said()).toContain("Continue with: npm run -s sandbox -- up --name test-kills");
    // No stage holds; the settings name the last one.
    expect(await sandbox.status()).toMatchObject({ stage: "traffic", unreached: "traffic" });
    await sandbox.oci.latency("CLUSTER_CREATE", 0);
    // The engine has released its lock.
    const said = await ended(toCluster, "creating cluster-cluster");
    expect(said).toContain("cluster-cluster had been created; adopted it.");
    expect(await sandbox.oci.live("cluster")).toHaveLength(1);
    await expectWhole();
  });

  test("reports the end of its engine if only that was killed while creating the node pool", async () => {
    await sandbox.from("nowhere", { lacks: "nodes-pool" });
    await sandbox.oci.latency("NODEPOOL_CREATE", 1);
    const up = sandbox.begin("up");
    await reaches(up, "a node pool", async () => (await sandbox.oci.live("nodepool")).length > 0);
    await reaches(up, "its record", () => "nodes-pool" in sandbox.pending());
    killEngine(up);
    expect(await up.ended).toBe(1);
    expect(up.said()).toMatch(/ended by SIGKILL[^]*Continue with: npm run -s sandbox -- up/);
    await sandbox.oci.latency("NODEPOOL_CREATE", 0);
    const said = await continues(toCluster, "creating nodes-pool");
    expect(said).toContain("nodes-pool had been created; adopted it.");
    expect(await sandbox.oci.live("nodepool")).toHaveLength(1);
    await expectWhole();
  });

  test("stops gracefully on Ctrl-C while a Release waits for its Pods, after which a preview needs no istiod", async () => {
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
    // The existing webhooks do not fail a preview although no istiod answers.
    expect(sandbox.recorded()).toContain("istio-base-base");
    expect(await sandbox.try("preview")).toMatchObject({
      code: 0,
      stdout: expect.not.stringContaining("was interrupted"),
    });
  });

  test("loses its pending Helm release to the next one if it was killed while a Release waits for its Pods", async () => {
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
    const said = await continues(
      ["up", "--stage", "ambient", ...unverified],
      "creating istio-istiod",
    );
    expect(said).toContain("istiod: uninstalled Helm's unfinished release (pending-install).");
    expect(await releases(sandbox)).toEqual(deployed);
    await expectOnceInOci(sandbox.name);
  });

  test("is completed by the next one if it was killed while creating a waypoint", async () => {
    const gateway = "productpage-waypoint-gateway-productpage-waypoint";
    await sandbox.from("ambient", { has: "enrolment-namespacepatch", lacks: gateway });
    const [node = ""] = (await sandbox.kubectl("get", "nodes", "-o", "name")).split("\n");
    await sandbox.kubectl("cordon", node);
    const up = sandbox.begin("up", "--stage", "traffic", "--config", "verify=true");
    await reaches(up, "the waypoint", () => gateway in sandbox.pending());
    await powerCut(up);
    await sandbox.kubectl("uncordon", node);
    expect(await continues(["up"], `creating ${gateway}`)).toMatch(/\d+ green, 0 red/);
    expect(await releases(sandbox)).toEqual(deployed);
    expect(await pods(sandbox)).toEqual(onePodEach);
    expect(await sandbox.oci.live("loadbalancer")).toHaveLength(1);
    await expectWhole();
  });

  test("loses its pending revision to the next one, which upgrades again, if it was killed during an upgrade", async () => {
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
    const said = await continues(["up"], "updating istio-istiod");
    expect(said).toMatch(/istiod: removed Helm's revision \d+ \(pending-upgrade\)\./);
    expect(said).toMatch(/\d+ green, 0 red/);
    expect(await releases(sandbox)).toEqual(deployed);
  });
});

describe("an interrupted replacement", () => {
  /** Changes the workers' size: on a basic cluster this creates a new pool and deletes the old one. */
  const resize = (stage: string) => {
    ocpus = ocpus === 3 ? 4 : 3;
    return ["up", "--stage", stage, "--config", `nodes.ocpus=${ocpus}`, ...unverified];
  };
  let ocpus = 4;
  const live = () => sandbox.oci.live("nodepool");

  test("adopts the new pool and deletes the old one if it was killed while creating the new one", async () => {
    await sandbox.from("cluster", { has: "nodes-pool", lacks: "istio-istiod" });
    await sandbox.oci.latency("NODEPOOL_CREATE", 1);
    const up = sandbox.begin(...resize("cluster"));
    await reaches(up, "a second pool", async () => (await live()).length === 2);
    await powerCut(up);
    expect(sandbox.pending()).toEqual({ "nodes-pool": "creating" });
    await sandbox.oci.latency("NODEPOOL_CREATE", 0);
    const said = await continues(toCluster, "creating nodes-pool");
    expect(said).toContain("nodes-pool had been created; adopted it.");
    expect(await live()).toMatchObject([{ nodeShapeConfig: { ocpus } }]);
    await expectWhole();
  });

  test("keeps the new pool and its Pods if it was killed while deleting the old one", async () => {
    await sandbox.from("mesh", { has: "ingress-load-balancer" });
    const istiod = () => sandbox.kubectl("get", "deploy", "-A", "-o", "jsonpath={..uid}");
    const before = await istiod();
    await sandbox.oci.latency("NODEPOOL_DELETE", 1);
    const up = sandbox.begin(...resize("mesh"));
    await reaches(up, "the old one's end", () => sandbox.pending()["nodes-pool"] === "deleting");
    await powerCut(up);
    await sandbox.oci.latency("NODEPOOL_DELETE", 0);
    const said = await continues(["up", "--stage", "mesh"], "deleting nodes-pool");
    expect(said).not.toContain("completing the deletion first");
    expect(await live()).toMatchObject([{ nodeShapeConfig: { ocpus } }]);
    expect(await istiod()).toBe(before);
    await expectWhole();
  });
});

describe("an interrupted move to an earlier stage", () => {
  test("is completed before the Release is created again, even after a refresh in between", async () => {
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
    await continues(["refresh"], "deleting istio-istiod");
    const { code, stdout } = await sandbox.try("up", "--stage", "mesh", "--config", "verify=true");
    expect(code).toBe(0);
    expect(stdout).toContain("It was deleting istio-istiod when it was interrupted.");
    expect(stdout).toContain("istio-istiod: completing the deletion first.");
    expect(stdout).toMatch(/\d+ green, 0 red/);
    expect(await releases(sandbox)).toEqual(deployed);
  });
});

describe("an interrupted destroy", () => {
  test("is continued by the next one if it was killed while deleting the load balancer", async () => {
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
    await continues(["destroy"], "deleting ingress-load-balancer");
    expect(await sandbox.status()).toMatchObject({ running: false, resources: 0, processes: [] });
  });

  test("is continued by the next one, and nothing is left, if it was killed while deleting the cluster", async () => {
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
    expectCutOff(next.stderr, "deleting cluster-cluster");
    const { left } = JSON.parse(next.stdout) as OperationReport;
    expect(left).toEqual({ leftovers: [], unchecked: [] });
    expect(await sandbox.status()).toMatchObject({ running: false, resources: 0, processes: [] });
  });
});

/** How often injected faults have occurred. */
async function refusals(): Promise<number> {
  const [fault] = await sandbox.oci.faults();
  return 10_000 - (fault?.times ?? 10_000);
}

function after(milliseconds: number): Promise<string> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds, "still there"));
}
