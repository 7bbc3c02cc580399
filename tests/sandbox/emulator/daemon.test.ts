import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";

import { afterAll, beforeAll, describe, expect, jest, test } from "@jest/globals";

import { clusterToken } from "../../../components/oke/token/token.js";
import {
  compartmentId,
  daemonName,
  ensureDaemon,
  ociFolder,
  stopDaemon,
} from "../../../emulator/daemon/client.js";
import { apiKey, availabilityDomains } from "../../../emulator/oci/tenancy/identity.js";
import { imageId } from "../../../emulator/oci/clusters/offers.js";
import { cacheDir, root, stateDir } from "../../../tools/paths.js";
import { startedAt } from "../../../emulator/processes/table.js";
import { findProcess, listProcesses } from "../../../emulator/processes/process.js";
import { ensureTools, type Tools } from "../../../emulator/toolchain/index.js";
import { ask } from "../../oci-request.js";

jest.setTimeout(180_000);

const execute = promisify(execFile);
const name = "test-daemon";
const key = () => apiKey(ociFolder(stateDir(name)));
let tools: Tools;
let url: string;
let subnets: Record<"api" | "workers" | "balancers", string>;
let vcnId: string;
let clusterId: string | undefined;
let hasWorkers = false;

const oci = <T = Record<string, string>>(method: string, path: string, body?: unknown) =>
  ask<T>(url, key(), method, path, body);

async function create(path: string, body: object): Promise<string> {
  const { status, body: made, text } = await oci("POST", path, { compartmentId, ...body });
  if (status !== 200) throw new Error(text);
  return made["id"] ?? "";
}

async function work(path: string, body: object | undefined, method = "POST"): Promise<string> {
  const { workRequestId, text } = await oci(method, path, body);
  if (!workRequestId) throw new Error(text);
  return until(async () => {
    const { body: request } = await oci<{ status: string; resources: { identifier: string }[] }>(
      "GET",
      `/20180222/workRequests/${workRequestId}`,
    );
    if (request.status === "FAILED") throw new Error(JSON.stringify(request));
    return request.status === "SUCCEEDED" ? request.resources[0]?.identifier : undefined;
  });
}

async function until<T>(look: () => Promise<T | undefined>): Promise<T> {
  const end = Date.now() + 60_000;
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    if (Date.now() > end) throw new Error("The condition did not hold within a minute.");
    await sleep(200);
  }
}

async function kubectl(...args: string[]): Promise<string> {
  const kubeconfig = join(stateDir(name), "control-plane", "kubeconfig");
  const file = join(tools.bin, "kubectl");
  return (await execute(file, ["--kubeconfig", kubeconfig, ...args])).stdout;
}

/** Creates the cluster unless it exists, so that no test depends on another one. */
async function cluster(): Promise<string> {
  if (!findProcess(stateDir(name), daemonName)) await open();
  clusterId ??= await work("/20180222/clusters", {
    compartmentId,
    name: "mesh",
    vcnId,
    kubernetesVersion: "v1.36.1",
    endpointConfig: { subnetId: subnets.api, isPublicIpEnabled: true },
    options: { serviceLbSubnetIds: [subnets.balancers] },
  });
  return clusterId;
}

/** Creates the cluster and a worker unless they exist. */
async function workers(): Promise<void> {
  await cluster();
  if (hasWorkers) return;
  await work("/20180222/nodePools", {
    compartmentId,
    clusterId,
    name: "workers",
    kubernetesVersion: "v1.33.1",
    nodeShape: "VM.Standard.E4.Flex",
    nodeShapeConfig: { ocpus: 2, memoryInGBs: 16 },
    nodeSourceDetails: {
      sourceType: "IMAGE",
      imageId: imageId("Oracle-Linux-7.9-2025.01.31-0-OKE-1.33.1-764"),
    },
    nodeConfigDetails: {
      size: 1,
      placementConfigs: [{ availabilityDomain: availabilityDomains[0], subnetId: subnets.workers }],
    },
  });
  hasWorkers = true;
}

/** Creates a LoadBalancer Service and returns its address. */
async function exposed(service: string): Promise<string> {
  await kubectl("create", "service", "loadbalancer", service, "--tcp=80");
  return until(async () => {
    const path = "jsonpath={.status.loadBalancer.ingress[0].ip}";
    return (await kubectl("get", "service", service, "-o", path)) || undefined;
  });
}

const balancers = () =>
  oci<{ id: string; displayName: string; lifecycleState: string; freeformTags: object }[]>(
    "GET",
    `/20170115/loadBalancers?compartmentId=${compartmentId}`,
  );

async function open(): Promise<void> {
  rmSync(stateDir(name), { recursive: true, force: true });
  [clusterId, hasWorkers] = [undefined, false];
  ({ url } = await ensureDaemon(stateDir(name), tools));
  vcnId = await create("/20160918/vcns", { cidrBlocks: ["10.0.0.0/16"] });
  const subnet = (cidrBlock: string) => create("/20160918/subnets", { vcnId, cidrBlock });
  subnets = {
    api: await subnet("10.0.0.0/28"),
    workers: await subnet("10.0.1.0/24"),
    balancers: await subnet("10.0.2.0/24"),
  };
}

beforeAll(async () => {
  await stopDaemon(stateDir(name));
  tools = await ensureTools({ cacheDir });
  await open();
}, 30 * 60_000);

afterAll(async () => {
  await stopDaemon(stateDir(name));
  rmSync(stateDir(name), { recursive: true, force: true });
}, 60_000);

describe("a cluster behind the endpoint", () => {
  test("starts with the cluster, and accepts only OKE tokens", async () => {
    const clusterId = await cluster();
    const { text } = await oci("POST", `/20180222/clusters/${clusterId}/kubeconfig/content`, {});
    expect(text).toContain("generate-token");
    const server = /server: (\S+)/.exec(text)?.[1] ?? "";
    const whoami = async (token: string) => {
      const args = ["--server", server, "--token", token, "auth", "whoami", "-o", "yaml"];
      const flags = ["--kubeconfig", "/dev/null", "--insecure-skip-tls-verify"];
      return (await execute(join(tools.bin, "kubectl"), [...flags, ...args])).stdout;
    };
    const region = "eu-frankfurt-1";
    const good = clusterToken({ clusterId, region }, key());
    expect(await whoami(good)).toContain("ocid1.user.oc1..");
    const old = clusterToken({ clusterId, region, now: new Date(Date.now() - 3_600_000) }, key());
    await expect(whoami(old)).rejects.toThrow();
    const other = clusterToken({ clusterId: "ocid1.cluster.oc1..other", region }, key());
    await expect(whoami(other)).rejects.toThrow();
  });

  test("has the pool's workers as Nodes", async () => {
    await workers();
    const wide = await kubectl("get", "nodes", "-o", "wide");
    expect(wide).toMatch(/10\.0\.1\.2 +Ready .* v1\.33\.1 .*Oracle Linux Server 7\.9/);
  });

  test("gives a LoadBalancer Service a load balancer, which blocks the subnet's deletion", async () => {
    await cluster();
    expect(await exposed("web")).toMatch(/^127\.\d+\.\d+\.\d+$/);
    expect((await balancers()).body).toMatchObject([{ lifecycleState: "ACTIVE" }]);
    const refused = await oci("DELETE", `/20160918/subnets/${subnets.balancers}`);
    expect(refused.status).toBe(409);
    await kubectl("delete", "service", "web");
    expect((await balancers()).body).toEqual([]);
  });

  test("is taken over by a new daemon when the old one is killed", async () => {
    await cluster();
    await exposed("kept");
    const pids = () =>
      listProcesses(stateDir(name))
        .filter((record) => record.name !== daemonName)
        .map(({ pid }) => pid);
    const before = pids();
    const daemon = findProcess(stateDir(name), daemonName);
    process.kill(daemon?.pid as number, "SIGKILL");
    await until(async () => (findProcess(stateDir(name), daemonName) ? undefined : true));
    ({ url } = await ensureDaemon(stateDir(name), tools));
    expect(pids()).toEqual(before);
    await kubectl("delete", "service", "kept");
    expect((await balancers()).body).toEqual([]);
  });

  test("ends with the cluster, but a load balancer remains", async () => {
    await workers();
    await exposed("left");
    await work(`/20180222/clusters/${clusterId}`, undefined, "DELETE");
    [clusterId, hasWorkers] = [undefined, false];
    const running = listProcesses(stateDir(name)).map((record) => record.name);
    expect(running).toEqual([daemonName]);
    const { body: left } = await balancers();
    expect(left).toMatchObject([{ lifecycleState: "ACTIVE" }]);
    await oci("DELETE", `/20170115/loadBalancers/${left[0]?.id}`);
    const ips = await oci<object[]>("GET", `/20160918/privateIps?subnetId=${subnets.workers}`);
    expect(ips.body).toEqual([]);
  });

  test("the daemon and its processes end when the folder's removal stops half-way", async () => {
    await cluster();
    const pids = listProcesses(stateDir(name)).map(({ pid }) => pid);
    expect(pids.length).toBeGreaterThan(5);
    // By then, the daemon has recorded the processes.
    await sleep(1_500);
    for (const part of ["processes", "ports.json"]) {
      rmSync(join(stateDir(name), part), { recursive: true });
    }
    await until(async () => (pids.some(startedAt) ? undefined : true));
    expect(existsSync(stateDir(name))).toBe(false);
  });

  test("the daemon ends when the sandbox's folder is removed, and leaves no files elsewhere", async () => {
    await cluster();
    const digest = createHash("sha256")
      .update(join(stateDir(name), "dataplane"))
      .digest("hex");
    const sockets = join(tmpdir(), `mesh-${digest.slice(0, 12)}`);
    await until(async () => existsSync(sockets) || undefined);
    // Wait until the data plane does not write: it ends by itself if it cannot.
    const written = () => statSync(join(stateDir(name), "dataplane", "status.json")).mtimeMs;
    await until(async () => Date.now() - written() > 3_000 || undefined);
    const pids = listProcesses(stateDir(name)).map(({ pid }) => pid);
    rmSync(stateDir(name), { recursive: true });
    // Simulates a periodic task of the daemon that recreates a folder at this moment.
    mkdirSync(join(stateDir(name), "control-plane", "keys"), { recursive: true });
    await until(async () => (pids.some(startedAt) ? undefined : true));
    expect([existsSync(sockets), existsSync(join(root, ".sandbox", name))]).toEqual([false, false]);
  });
});
