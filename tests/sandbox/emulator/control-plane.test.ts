import { execFile } from "node:child_process";
import { promisify } from "node:util";

import { afterAll, beforeAll, beforeEach, describe, expect, jest, test } from "@jest/globals";

import { ControlPlane } from "../../../emulator/control-plane/index.js";
import { isPortFree } from "../../../emulator/processes/ports.js";
import { listProcesses } from "../../../emulator/processes/process.js";
import { OwnControlPlane, until, worker } from "../own-control-plane.js";

const execute = promisify(execFile);
const parts = ["etcd", "apiserver", "controllerManager", "scheduler", "kwok"] as const;

jest.setTimeout(180_000);

let own: OwnControlPlane;
/** The running cluster. */
let runs: string | undefined;

beforeAll(async () => {
  own = await OwnControlPlane.open();
}, 1_200_000);
afterAll(() => own?.close());

/** Every test starts with a cluster that has a worker and a Deployment. */
beforeEach(async () => {
  if (runs === "one") return;
  await own.plane.start(own.request());
  runs = "one";
  await own.plane.addNode(worker);
  await own.kubectl("create", "deployment", "web", "--image=docker.io/library/nginx");
  await own.kubectl("rollout", "status", "deployment/web", "--timeout=60s");
});

describe("a control plane", () => {
  test("runs all its parts and reports their ports", () => {
    expect(own.plane.status().filter(({ running }) => running)).toHaveLength(parts.length);
    expect(own.plane.status()).toContainEqual(
      expect.objectContaining({
        name: "apiserver",
        process: "kube-apiserver",
        port: own.ports.apiserver,
      }),
    );
  });

  test("has the requested worker, which runs a Pod", async () => {
    const nodes = await own.kubectl("get", "nodes", "--no-headers");
    expect(nodes).toMatch(/^10\.0\.10\.12 +Ready .* v1\.33\.1\n$/);
    const pods = await own.kubectl("get", "pods", "-l", "app=web", "-o", "wide", "--no-headers");
    expect(pods).toMatch(/^web-\S+ +1\/1 +Running .* 10\.244\.0\.\d+ +10\.0\.10\.12 /);
  });

  test("accepts only tokens that the token review accepts", async () => {
    const get = (token: string) =>
      execute("curl", [
        ...["-sk", "-o", "/dev/null", "-w", "%{http_code}", "-H", `Authorization: Bearer ${token}`],
        `https://127.0.0.1:${own.ports.apiserver}/api/v1/secrets`,
      ]).then(({ stdout }) => stdout);
    expect(await get("known")).toBe("200");
    expect(await get("unknown")).toBe("401");
  });

  test("recovers with its data when two of its processes are killed", async () => {
    const kept = own.pidOf("scheduler");
    const killed = ["etcd", "apiserver"] as const;
    const before = killed.map((name) => own.pidOf(name));
    for (const pid of before) process.kill(pid as number, "SIGKILL");
    await until(async () =>
      killed.map((name) => own.pidOf(name)).every((pid, i) => pid && pid !== before[i]),
    );
    await own.plane.start(own.request());
    expect(await own.kubectl("get", "deployment", "web", "-o", "name")).toMatch(/web/);
    expect(own.pidOf("scheduler")).toBe(kept);
  });

  test("is found by another process's ControlPlane", async () => {
    const before = own.plane.status();
    const other = new ControlPlane(own);
    await other.start(own.request());
    const found = other.status();
    await other.detach();
    expect(found).toEqual(before);
    expect(own.plane.status()).toEqual(before);
  });

  test("stops and starts a part by name", async () => {
    await own.plane.stopPart("kwok");
    expect(own.pidOf("kwok")).toBeUndefined();
    expect(await isPortFree(own.ports.kwok)).toBe(true);
    await own.plane.startPart("kwok");
    expect(own.pidOf("kwok")).toBeGreaterThan(0);
  });

  test("keeps Nodes alive by their status, without leases, for which a restarted KWOK would have to wait", async () => {
    const beat = () =>
      own.kubectl(
        ...["get", "nodes", "-o"],
        'jsonpath={.items[*].status.conditions[?(@.type=="Ready")].lastHeartbeatTime}',
      );
    const before = await beat();
    await until(async () => (await beat()) !== before, 20);
    expect(await own.kubectl("get", "leases", "-n", "kube-node-lease", "-o", "name")).toBe("");
  });

  test("gives Pods different addresses even if KWOK was killed between them", async () => {
    await own.kubectl("scale", "deployment/web", "--replicas=3");
    await own.kubectl("rollout", "status", "deployment/web", "--timeout=60s");
    process.kill(own.pidOf("kwok") as number, "SIGKILL");
    // Without its record, it is not restarted.
    await own.plane.stopPart("kwok");
    // New Pods before the restart, so that KWOK finds old and new ones in one list.
    await own.kubectl("scale", "deployment/web", "--replicas=6");
    await own.plane.start(own.request());
    await own.kubectl("rollout", "status", "deployment/web", "--timeout=60s");
    const addresses = await own.kubectl(
      ...["get", "pods", "-A", "-o", "jsonpath={.items[*].status.podIP}"],
    );
    expect(new Set(addresses.split(" ")).size).toBe(6);
  });

  test("deletes a worker's Pods with the worker", async () => {
    await own.plane.addNode({ ...worker, name: "10.0.10.13" });
    await own.kubectl("wait", "node/10.0.10.13", "--for=condition=Ready", "--timeout=30s");
    await own.plane.removeNode("10.0.10.13");
    await own.plane.removeNode("10.0.10.13");
    expect(await own.kubectl("get", "nodes", "-o", "name")).toBe("node/10.0.10.12\n");
  });
});

describe("the end of a cluster", () => {
  test("leaves nothing to the next cluster", async () => {
    runs = "two";
    const { caPem } = await own.plane.start(own.request("two"));
    expect(caPem).toMatch(/^-----BEGIN CERTIFICATE-----/);
    expect(await own.kubectl("get", "nodes", "-o", "name")).toBe("");
  });

  test("ends all processes, frees the ports and keeps the data", async () => {
    await own.kubectl("create", "namespace", "kept");
    await own.plane.stop();
    expect(listProcesses(own.stateDir)).toEqual([]);
    for (const [name, port] of Object.entries(own.ports)) {
      if (name !== "oci") expect([name, await isPortFree(port)]).toEqual([name, true]);
    }
    await own.plane.start(own.request());
    expect(await own.kubectl("get", "namespace", "kept", "-o", "name")).toBe("namespace/kept\n");
  });
});
