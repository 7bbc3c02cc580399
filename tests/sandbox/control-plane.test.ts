import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";

import { afterAll, beforeAll, describe, expect, jest, test } from "@jest/globals";

import type { KubeObject } from "../../sandbox/control-plane/api.js";
import {
  ControlPlane,
  type ControlPlaneProcess,
  administrators,
} from "../../sandbox/control-plane/index.js";
import { type Ports, allocatePorts, isPortFree } from "../../sandbox/ports.js";
import { listProcesses } from "../../sandbox/process.js";
import { type Tools, ensureTools } from "../../sandbox/tools/index.js";

const execute = promisify(execFile);
const parts = ["etcd", "apiserver", "controllerManager", "scheduler", "kwok"] as const;
const worker = {
  name: "10.0.10.12",
  shape: "VM.Standard.E4.Flex",
  ocpus: 2,
  memoryGb: 16,
  kubeletVersion: "v1.33.1",
  osImage: "Oracle Linux Server 7.9",
};

jest.setTimeout(180_000);

let stateDir: string;
let tools: Tools;
let ports: Ports;
let controlPlane: ControlPlane;
let reviews: Server;
let request: Parameters<ControlPlane["start"]>[0];

beforeAll(async () => {
  tools = await ensureTools(() => undefined);
  stateDir = mkdtempSync(join(tmpdir(), "control-plane-"));
  ports = await allocatePorts(stateDir);
  reviews = createServer((call, answer) => {
    let text = "";
    call.on("data", (part) => (text += part));
    call.on("end", () => {
      const { spec } = JSON.parse(text) as { spec: { token: string } };
      const authenticated = spec.token === "known";
      const user = { username: "ocid1.user.oc1..me", groups: [administrators] };
      answer.setHeader("content-type", "application/json");
      answer.end(
        JSON.stringify({
          apiVersion: "authentication.k8s.io/v1",
          kind: "TokenReview",
          status: { authenticated, ...(authenticated && { user }) },
        }),
      );
    });
  });
  await new Promise<void>((up) => reviews.listen(ports.oci, "127.0.0.1", up));
  controlPlane = new ControlPlane({ stateDir, tools, ports });
  request = {
    clusterId: "one",
    kubernetesVersion: "v1.36.1",
    tokenReviewUrl: `http://127.0.0.1:${ports.oci}/`,
  };
  await controlPlane.start(request);
  await controlPlane.addNode(worker);
  await kubectl("create", "deployment", "web", "--image=docker.io/library/nginx");
  await kubectl("rollout", "status", "deployment/web", "--timeout=60s");
}, 1_200_000);

afterAll(async () => {
  await controlPlane.remove();
  await new Promise((closed) => reviews.close(closed));
  rmSync(stateDir, { recursive: true, force: true });
});

function kubectl(...args: string[]): Promise<string> {
  const config = join(stateDir, "control-plane", "kubeconfig");
  return run("kubectl", "--kubeconfig", config, ...args);
}

async function run(tool: string, ...args: string[]): Promise<string> {
  return (await execute(join(tools.bin, tool), args)).stdout;
}

function pidOf(name: ControlPlaneProcess): number | undefined {
  return controlPlane.status().find((row) => row.name === name)?.pid;
}

async function until(what: () => Promise<boolean>, seconds = 30): Promise<void> {
  const deadline = Date.now() + seconds * 1_000;
  while (!(await what())) {
    if (Date.now() > deadline) throw new Error(`not within ${seconds} s: ${what.toString()}`);
    await sleep(100);
  }
}

describe("a control plane", () => {
  test("runs all its parts, and says where", () => {
    expect(controlPlane.status().filter(({ running }) => running)).toHaveLength(parts.length);
    expect(controlPlane.status()).toContainEqual(
      expect.objectContaining({
        name: "apiserver",
        process: "kube-apiserver",
        port: ports.apiserver,
      }),
    );
  });

  test("shows the worker as it was asked for, and runs a Pod on it", async () => {
    const nodes = await kubectl("get", "nodes", "--no-headers");
    expect(nodes).toMatch(/^10\.0\.10\.12 +Ready .* v1\.33\.1\n$/);
    const pods = await kubectl("get", "pods", "-l", "app=web", "-o", "wide", "--no-headers");
    expect(pods).toMatch(/^web-\S+ +1\/1 +Running .* 10\.244\.0\.\d+ +10\.0\.10\.12 /);
  });

  test("lets in whom the token review knows, and nobody else", async () => {
    const get = (token: string) =>
      execute("curl", [
        ...["-sk", "-o", "/dev/null", "-w", "%{http_code}", "-H", `Authorization: Bearer ${token}`],
        `https://127.0.0.1:${ports.apiserver}/api/v1/secrets`,
      ]).then(({ stdout }) => stdout);
    expect(await get("known")).toBe("200");
    expect(await get("unknown")).toBe("401");
  });

  test("comes back by itself with what it held after two of its processes are killed", async () => {
    const kept = pidOf("scheduler");
    const killed = ["etcd", "apiserver"] as const;
    const before = killed.map(pidOf);
    for (const pid of before) process.kill(pid as number, "SIGKILL");
    await until(async () => killed.map(pidOf).every((pid, i) => pid && pid !== before[i]));
    await controlPlane.start(request);
    expect(await kubectl("get", "deployment", "web", "-o", "name")).toMatch(/web/);
    expect(pidOf("scheduler")).toBe(kept);
  });

  test("is found again by another process's ControlPlane", async () => {
    const before = controlPlane.status();
    const other = new ControlPlane({ stateDir, tools, ports });
    await other.start(request);
    const found = other.status();
    await other.detach();
    expect(found).toEqual(before);
    expect(controlPlane.status()).toEqual(before);
  });

  test("a part is stopped and started by name", async () => {
    await controlPlane.stopPart("kwok");
    expect(pidOf("kwok")).toBeUndefined();
    expect(await isPortFree(ports.kwok)).toBe(true);
    await controlPlane.startPart("kwok");
    expect(pidOf("kwok")).toBeGreaterThan(0);
  });

  test("Nodes tell that they live by their status, without leases that a new KWOK would have to wait for", async () => {
    const beat = () =>
      kubectl(
        ...["get", "nodes", "-o"],
        'jsonpath={.items[*].status.conditions[?(@.type=="Ready")].lastHeartbeatTime}',
      );
    const before = await beat();
    await until(async () => (await beat()) !== before, 20);
    expect(await kubectl("get", "leases", "-n", "kube-node-lease", "-o", "name")).toBe("");
  });

  test("two Pods never have one address, though KWOK was killed between them", async () => {
    await kubectl("scale", "deployment/web", "--replicas=3");
    await kubectl("rollout", "status", "deployment/web", "--timeout=60s");
    process.kill(pidOf("kwok") as number, "SIGKILL");
    // Without a record of it, it stays away.
    await controlPlane.stopPart("kwok");
    // Begun while it is away, so that it finds old and new Pods in one list.
    await kubectl("scale", "deployment/web", "--replicas=6");
    await controlPlane.start(request);
    await kubectl("rollout", "status", "deployment/web", "--timeout=60s");
    const addresses = await kubectl(
      ...["get", "pods", "-A", "-o", "jsonpath={.items[*].status.podIP}"],
    );
    expect(new Set(addresses.split(" ")).size).toBe(6);
  });

  test("a worker that is removed takes its Pods along", async () => {
    await controlPlane.addNode({ ...worker, name: "10.0.10.13" });
    await kubectl("wait", "node/10.0.10.13", "--for=condition=Ready", "--timeout=30s");
    await controlPlane.removeNode("10.0.10.13");
    await controlPlane.removeNode("10.0.10.13");
    expect(await kubectl("get", "nodes", "-o", "name")).toBe("node/10.0.10.12\n");
  });
});

describe("istiod", () => {
  interface Pod extends KubeObject {
    status: { conditions?: { type: string; status: string }[] };
  }
  const isReady = async () => {
    const list = JSON.parse(
      await kubectl("get", "pods", "-n", "istio-system", "-l", "app=istiod", "-o", "json"),
    ) as { items: Pod[] };
    return list.items.some(({ status }) =>
      status.conditions?.some(({ type, status: is }) => type === "Ready" && is === "True"),
    );
  };
  const helm = (...args: string[]) =>
    run(
      "helm",
      ...["--kubeconfig", join(stateDir, "control-plane", "kubeconfig"), "-n", "istio-system"],
      ...args,
    );
  const webhook = (path: string) => `https://localhost:${ports.istiodWebhook}/${path}`;

  beforeAll(async () => {
    expect(pidOf("istiod")).toBeUndefined();
    await kubectl("apply", "--server-side", "-f", tools.gatewayApi);
    const validation = ["--set", `base.validationURL=${webhook("validate")}`];
    await helm("install", "base", join(tools.charts, "base"), "--create-namespace", ...validation);
    await helm(
      ...["install", "istiod", join(tools.charts, "istiod"), "--set", "profile=ambient"],
      ...["--set", `istiodRemote.injectionURL=${webhook("inject")}`, ...validation],
    );
    await until(isReady, 120);
  }, 180_000);

  test("runs once its Pod is scheduled, and serves when the Pod is ready", async () => {
    expect(pidOf("istiod")).toBeGreaterThan(0);
    const waypoint = JSON.stringify({
      apiVersion: "gateway.networking.k8s.io/v1",
      kind: "Gateway",
      metadata: { name: "waypoint" },
      spec: {
        gatewayClassName: "istio-waypoint",
        listeners: [{ name: "mesh", port: 15008, protocol: "HBONE" }],
      },
    });
    writeFileSync(join(stateDir, "waypoint.json"), waypoint);
    await kubectl("apply", "-f", join(stateDir, "waypoint.json"));
    await kubectl("wait", "gateway/waypoint", "--for=condition=Programmed", "--timeout=60s");
  });

  test("is started again when it dies, and its Pod is not ready meanwhile", async () => {
    const before = pidOf("istiod") ?? 0;
    process.kill(before, "SIGKILL");
    await until(async () => !(await isReady()));
    await until(isReady);
    expect(pidOf("istiod")).not.toBe(before);
  });

  test("stays stopped until it is started; a taken port is told on its Pod", async () => {
    await controlPlane.stopPart("istiod");
    expect(pidOf("istiod")).toBeUndefined();
    await until(async () => !(await isReady()));
    const thief = createServer();
    await new Promise<void>((up) => thief.listen(ports.istiodWebhook, "127.0.0.1", up));
    await controlPlane.startPart("istiod");
    const problem = () => controlPlane.status().find(({ name }) => name === "istiod")?.problem;
    await until(async () => problem() !== undefined);
    expect(problem()).toMatch(/^Port \d+ .*which istiod needs \(webhooks\), is taken by process/);
    expect(await kubectl("get", "events", "-n", "istio-system")).toContain("which istiod needs");
    await new Promise((closed) => thief.close(closed));
    await until(isReady, 60);
    expect(problem()).toBeUndefined();
  });

  test("ends with its Deployment", async () => {
    await helm("uninstall", "istiod");
    await until(async () => pidOf("istiod") === undefined);
    expect(await isPortFree(ports.istiodWebhook)).toBe(true);
  });
});

describe("the end of a cluster", () => {
  test("another cluster begins with nothing of the one before", async () => {
    const { caPem } = await controlPlane.start({ ...request, clusterId: "two" });
    expect(caPem).toMatch(/^-----BEGIN CERTIFICATE-----/);
    expect(await kubectl("get", "nodes", "-o", "name")).toBe("");
  });

  test("stopping leaves no process and no port, and keeps the data", async () => {
    await kubectl("create", "namespace", "kept");
    await controlPlane.stop();
    expect(listProcesses(stateDir)).toEqual([]);
    for (const [name, port] of Object.entries(ports)) {
      if (name !== "oci") expect([name, await isPortFree(port)]).toEqual([name, true]);
    }
    await controlPlane.start({ ...request, clusterId: "two" });
    expect(await kubectl("get", "namespace", "kept", "-o", "name")).toBe("namespace/kept\n");
  });
});
