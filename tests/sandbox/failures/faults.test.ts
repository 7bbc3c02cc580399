import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";

import { afterAll, afterEach, beforeAll, describe, expect, jest, test } from "@jest/globals";
import { parse, stringify } from "yaml";

import { readCheckpoint } from "../../../tools/stacks/checkpoint.js";
import { backendFiles } from "../../../tools/stacks/sandbox-backend.js";
import { stackFile } from "../../../tools/stacks/settings-file.js";
import { stateDir } from "../../../tools/paths.js";
import { findProcess } from "../../../emulator/processes/process.js";
import { CutSandbox, reaches, type Running } from "../cut.js";
import { TestSandbox } from "../harness.js";
import { deployed, expectOnceInOci, releases } from "../whole.js";

// One sandbox; in each test, something disturbs an operation.
jest.setTimeout(900_000);

const sandbox = new CutSandbox("test-faults");
beforeAll(() => sandbox.gone());
afterEach(() => sandbox.reset());
afterAll(async () => void (await sandbox.try("destroy")));

const upTo = (stage: string) => ["up", "--stage", stage, "--config", "verify=false"] as const;
const nothing = { create: 0, update: 0, replace: 0, delete: 0 };

/** Waits for the end of an operation; throws its output if it fails. */
async function succeeds(up: Running): Promise<void> {
  if ((await up.ended) !== 0) throw new Error(up.said());
}

/** Waits for a process of the sandbox, and kills it. */
async function kill(name: string): Promise<void> {
  for (let tries = 0; tries < 300; tries++) {
    const record = findProcess(stateDir(sandbox.name), name);
    if (record) return void process.kill(record.pid, "SIGKILL");
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`${name} is not running`);
}

/** Expects the next up to succeed, with every resource once in OCI. */
async function nextUpSucceeds(): Promise<void> {
  await sandbox.run(...upTo("cluster"));
  await expectOnceInOci(sandbox.name);
}

/** The number of injected faults that are still to occur. */
async function remainingFaults(): Promise<number> {
  return (await sandbox.oci.faults()).filter(({ times = 0 }) => times > 0).length;
}

/** Injects each error after which a later request may succeed, once for every path. */
async function busy(...paths: string[]): Promise<void> {
  for (const path of paths) {
    for (const [status, code] of [
      [429, "TooManyRequests"],
      [500, "InternalError"],
      [503, "ServiceUnavailable"],
    ] as const) {
      await sandbox.oci.plant({ path, status, code, message: "later" });
    }
  }
}

test("a sandbox whose folder was removed keeps its settings, except for values that can no longer be decrypted", async () => {
  const removed = new TestSandbox("test-removed");
  const file = stackFile(removed.name);
  const settings = () => parse(readFileSync(file, "utf8")) as { config: Record<string, unknown> };
  await removed.try("preview", "--stage", "cluster");
  rmSync(stateDir(removed.name), { recursive: true });
  const { config, ...rest } = settings();
  expect(Object.keys(rest)).toEqual(["encryptionsalt"]);
  config["oke-ambient-mesh:reviews"] = { v2Percent: { secure: "v1:anything" } };
  config["oke-ambient-mesh:stage"] = "mesh";
  writeFileSync(file, stringify({ config, ...rest }));
  const { code, stdout } = await removed.try("preview");
  expect([code, stdout]).toEqual([
    0,
    expect.stringContaining("Removed reviews.v2Percent: the passphrase that encrypted it was lost"),
  ]);
  const kept = settings().config;
  expect(kept["oke-ambient-mesh:reviews"]).toEqual({});
  expect(kept["oke-ambient-mesh:stage"]).toBe("mesh");
  expect(await removed.try("destroy")).toMatchObject({ code: 0 });
  expect(existsSync(file)).toBe(false);
});

describe("an up that OCI rejects", () => {
  test("names the missing policy", async () => {
    await sandbox.gone();
    await sandbox.oci.plant({
      ...{ method: "POST", path: "/vcns$", status: 404, code: "NotAuthorizedOrNotFound" },
      message: "Authorization failed or requested resource not found.",
    });
    const { code, stderr } = await sandbox.try(...upTo("cluster"));
    expect(code).toBe(1);
    expect(stderr).toContain("404-NotAuthorizedOrNotFound");
    expect(stderr).toContain("This identity lacks permission for the network");
    expect(stderr).toContain("Allow group <group> to manage virtual-network-family");
    expect(stderr).toContain("Continue with: npm run -s sandbox -- up --name test-faults");
    await nextUpSucceeds();
  });

  test("explains how to see and increase a limit of the tenancy", async () => {
    await sandbox.from("nowhere", { lacks: "cluster-cluster" });
    await sandbox.oci.plant({
      ...{ method: "POST", path: "/clusters$", status: 400, code: "LimitExceeded" },
      message: "The cluster limit for this tenancy has been exceeded.",
    });
    const { code, stderr } = await sandbox.try(...upTo("cluster"));
    expect(code).toBe(1);
    expect(stderr).toContain("The tenancy's limit for the cluster is reached.");
    expect(stderr).toContain("npm run doctor");
    expect(await sandbox.oci.live("cluster")).toEqual([]);
    await nextUpSucceeds();
  });
});

describe("an up while OCI is busy", () => {
  test("waits and continues at every kind of request", async () => {
    await sandbox.gone();
    await busy(
      ...["/availabilityDomains", "/services", "/nodePoolOptions/", "/vcns", "/subnets"],
      ...["Gateways", "/routeTables", "/securityLists", "/clusters", "/nodePools"],
      ...["/workRequests/", "/kubeconfig/content"],
    );
    await nextUpSucceeds();
    expect(await remainingFaults()).toBe(0);
  });

  test("waits for the cloud controller to retry the load balancer", async () => {
    await sandbox.at("cluster");
    await sandbox.oci.plant({
      ...{ method: "POST", path: "/loadBalancers$", status: 400, code: "LimitExceeded", times: 2 },
      message: "The limit lb-flexible-count is exceeded.",
    });
    const { outputs } = await sandbox.run(...upTo("mesh"));
    expect(outputs["gatewayAddress"]).toMatch(/^127\./);
    expect(await sandbox.oci.live("loadbalancer")).toHaveLength(1);
    const events = await sandbox.kubectl("get", "events", "-n", "istio-system");
    expect(events).toContain("The limit lb-flexible-count is exceeded.");
  });
});

describe("an up during which the control plane fails", () => {
  test("waits while the API server is stopped, or fails and the next one succeeds", async () => {
    await sandbox.at("mesh");
    const up = sandbox.begin(...upTo("bookinfo"));
    await reaches(up, "a Deployment", () =>
      Object.keys(sandbox.pending()).some((name) => name.startsWith("bookinfo-deployment")),
    );
    await sandbox.oci.part("apiserver", false);
    await new Promise((resolve) => setTimeout(resolve, 5_000));
    await sandbox.oci.part("apiserver", true);
    if ((await up.ended) === 0) return;
    // A request that was being sent may be lost.
    expect(up.said()).toMatch(/API server at \S+ cannot be reached|connection refused/);
    await sandbox.run(...upTo("bookinfo"));
  });

  test("still deploys the waypoint if istiod is killed", async () => {
    await sandbox.at("bookinfo");
    const up = sandbox.begin(...upTo("l7"));
    await reaches(up, "the waypoint", () =>
      Object.keys(sandbox.pending()).some((name) => name.startsWith("productpage-waypoint")),
    );
    await kill("istiod");
    await succeeds(up);
  });

  test("waits for its Pods while KWOK is stopped, and all results are green", async () => {
    await sandbox.at("l7");
    await sandbox.oci.part("kwok", false);
    const up = sandbox.begin("up", "--stage", "traffic", "--config", "verify=true");
    await reaches(up, "the waypoint", () =>
      Object.keys(sandbox.pending()).some((name) => name.startsWith("reviews-waypoint")),
    );
    await new Promise((resolve) => setTimeout(resolve, 3_000));
    await sandbox.oci.part("kwok", true);
    await succeeds(up);
    expect(up.said()).toMatch(/\d+ green, 0 red/);
    expect(await releases(sandbox)).toEqual(deployed);
  });

  test("changes nothing if processes were killed before it", async () => {
    await sandbox.at("traffic");
    for (const name of ["etcd", "kube-apiserver", "kwok"]) await kill(name);
    const { changes } = await sandbox.run("up");
    expect(changes).toMatchObject(nothing);
  });
});

describe("an up in which istiod fails", () => {
  test("ends with it: the gateway's Service waits for an address, and not for Pods that will never come", async () => {
    await sandbox.at("cluster");
    const invalid = ["--config", "mesh.helmValues.istiod.replicaCount=-1"];
    const { code, stderr } = await sandbox.try(...upTo("mesh"), ...invalid);
    expect([code, stderr]).toEqual([1, expect.stringContaining("istio-istiod")]);
    const { resources = [] } = readCheckpoint(backendFiles(sandbox.name).state) ?? {};
    const named = (name: string) => resources.find(({ urn }) => urn.endsWith(`::${name}`));
    expect(named("ingress-load-balancer")).toMatchObject({
      outputs: { status: { loadBalancer: { ingress: [{ ip: expect.stringMatching(/^127\./) }] } } },
    });
    expect(named("ingress-load-balancer")).not.toHaveProperty("initErrors");
    expect(named("ingress-release")).toBeUndefined();
    const gateway = ["pods", "-n", "istio-system", "-l", "istio=ingressgateway"];
    expect(await sandbox.kubectl("get", ...gateway, "-o", "name")).toBe("");
    await sandbox.run(...upTo("mesh"), "--config", "mesh.helmValues.istiod.replicaCount=");
  });
});

describe("a destroy", () => {
  test("succeeds while OCI is busy", async () => {
    await sandbox.at("traffic");
    await busy("/vcns/", "/subnets/", "/clusters/", "/loadBalancers", "/workRequests/");
    const destroy = sandbox.begin("destroy", "--json");
    await reaches(destroy, "the last of the faults", async () => (await remainingFaults()) === 0);
    await succeeds(destroy);
    expect(destroy.said()).toMatch(/"left": \{\s+"leftovers": \[\],\s+"unchecked": \[\]/);
  });
});
