import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { afterAll, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";

import { clusterToken } from "../../components/oke/token/token.js";
import { Cloud } from "../../sandbox/oci/cloud.js";
import { Endpoint } from "../../sandbox/oci/endpoint.js";
import { apiKey, availabilityDomains, compartmentId } from "../../sandbox/oci/identity.js";
import type { Machinery, Worker } from "../../sandbox/oci/machinery.js";
import { imageId } from "../../sandbox/oci/offers.js";
import { Store } from "../../sandbox/oci/store.js";
import type { TokenReview } from "../../sandbox/oci/token-review.js";
import { ask } from "../oci-request.js";

const folder = mkdtempSync(join(tmpdir(), "oci-clusters-"));
const file = join(folder, "state.json");
const key = apiKey(folder);
const running = new Set<string>();
const workers = new Map<string, Worker>();
const machinery: Machinery = {
  startCluster: async ({ clusterId }) => {
    running.add(clusterId);
    return { server: "https://127.0.0.1:6443", caPem: "CA" };
  },
  stopCluster: async (clusterId) => void running.delete(clusterId),
  addNode: async (worker) => void workers.set(worker.name, worker),
  removeNode: async (name) => void workers.delete(name),
};
let cloud: Cloud;
let endpoint: Endpoint;
let subnets: string[];
let cluster: Record<string, unknown>;
let pool: Record<string, unknown>;

interface Item extends Record<string, unknown> {
  id: string;
  lifecycleState: string;
}
interface WorkRequest {
  status: string;
  resources: { identifier: string; actionType: string; entityType: string }[];
}

async function open(): Promise<void> {
  cloud = new Cloud(new Store(file), machinery, folder);
  endpoint = await Endpoint.listen({ cloud, keys: { [key.keyId]: key.publicKey } });
}
const oci = <T = Item>(method: string, path: string, body?: object) =>
  ask<T>(endpoint.url, key, method, path, body);
const ce = <T = Item>(method: string, path: string, body?: object) =>
  oci<T>(method, `/20180222${path}`, body);

/** Sends what is accepted, and waits for its end. */
async function work(method: string, path: string, body?: object) {
  const { status, workRequestId, text } = await ce(method, path, body);
  if (status !== 202) return { status, text, id: "", request: undefined };
  for (;;) {
    const { body: request } = await ce<WorkRequest>("GET", `/workRequests/${workRequestId}`);
    const id = request.resources[0]?.identifier ?? "";
    if (request.status !== "IN_PROGRESS") return { status, text, id, request, workRequestId };
    await sleep(5);
  }
}

beforeAll(async () => {
  await open();
  const create = async (kind: string, body: object) =>
    (await oci("POST", `/20160918/${kind}`, { compartmentId, ...body })).body.id;
  const vcnId = await create("vcns", { cidrBlocks: ["10.0.0.0/16"] });
  subnets = await Promise.all(
    ["10.0.0.0/28", "10.0.1.0/24", "10.0.2.0/24"].map((cidrBlock) =>
      create("subnets", { vcnId, cidrBlock }),
    ),
  );
  const [api, worker, balancer] = subnets;
  cluster = {
    compartmentId,
    name: "mesh",
    vcnId,
    kubernetesVersion: "v1.35.2",
    endpointConfig: { subnetId: api, isPublicIpEnabled: true },
    options: { serviceLbSubnetIds: [balancer] },
    freeformTags: { team: "mesh" },
  };
  pool = {
    compartmentId,
    name: "workers",
    kubernetesVersion: "v1.35.2",
    nodeShape: "VM.Standard.E4.Flex",
    nodeShapeConfig: { ocpus: 2, memoryInGBs: 16 },
    nodeSourceDetails: {
      sourceType: "IMAGE",
      imageId: imageId("Oracle-Linux-9.7-2026.06.15-0-OKE-1.35.2-1505"),
    },
    nodeConfigDetails: {
      size: 2,
      placementConfigs: availabilityDomains.map((availabilityDomain) => ({
        availabilityDomain,
        subnetId: worker,
      })),
    },
  };
});
afterAll(async () => {
  await endpoint.close();
  rmSync(folder, { recursive: true });
});
beforeEach(async () => {
  cloud.faults.clear();
  await ask(endpoint.url, undefined, "DELETE", "/sandbox/offers");
});

const made = async () => (await work("POST", "/clusters", cluster)).id;
const gone = (id: string) => work("DELETE", `/clusters/${id}`);

describe("a cluster", () => {
  test("lives from CREATING to DELETED, with its VNIC and its control plane", async () => {
    const { id, request } = await work("POST", "/clusters", cluster);
    expect(request).toMatchObject({
      status: "SUCCEEDED",
      resources: [{ actionType: "CREATED", entityType: "cluster" }],
    });
    expect((await ce("GET", `/clusters/${id}`)).body).toMatchObject({
      ...cluster,
      lifecycleState: "ACTIVE",
      type: "BASIC_CLUSTER",
      endpoints: { publicEndpoint: "127.0.0.1:6443" },
      availableKubernetesUpgrades: ["v1.36.1"],
    });
    expect([...running]).toEqual([id]);
    expect((await oci("DELETE", `/20160918/subnets/${subnets[0]}`)).status).toBe(409);
    await gone(id);
    expect((await ce("GET", `/clusters/${id}`)).body.lifecycleState).toBe("DELETED");
    expect([...running]).toEqual([]);
    expect((await ce("DELETE", `/clusters/${id}`)).status).toBe(404);
  });

  test("takes the time of OCI, scaled, and is busy meanwhile", async () => {
    cloud.workRequests.factor = 0.5 / 420;
    const begun = Date.now();
    const { workRequestId } = await ce("POST", "/clusters", cluster);
    const { body } = await ce<WorkRequest>("GET", `/workRequests/${workRequestId}`);
    expect(body.status).toBe("IN_PROGRESS");
    const id = body.resources[0]?.identifier ?? "";
    expect((await ce("DELETE", `/clusters/${id}`)).status).toBe(409);
    while (
      (await ce<WorkRequest>("GET", `/workRequests/${workRequestId}`)).body.status !== "SUCCEEDED"
    ) {
      await sleep(20);
    }
    expect(Date.now() - begun).toBeGreaterThanOrEqual(500);
    cloud.workRequests.factor = 0;
    await gone(id);
  });

  test.each([
    [
      "a version that is not offered",
      { kubernetesVersion: "v1.26.2" },
      /Invalid kubernetesVersion: v1\.26\.2/,
    ],
    [
      "an unknown network",
      { clusterPodNetworkOptions: [{ cniType: "CALICO" }] },
      /Invalid cniType/,
    ],
    [
      "Pods in the VCN's range",
      { options: { kubernetesNetworkConfig: { podsCidr: "10.0.0.0/20" } } },
      /podsCidr overlaps/,
    ],
    ["no name", { name: undefined }, /name/],
  ])("with %s is refused", async (_, change, message) => {
    const { status, text } = await work("POST", "/clusters", { ...cluster, ...change });
    expect(status).toBe(400);
    expect(text).toMatch(message);
  });

  test("goes up one minor at a time, and never back", async () => {
    const id = (await work("POST", "/clusters", { ...cluster, kubernetesVersion: "v1.34.2" })).id;
    const to = (kubernetesVersion: string) => work("PUT", `/clusters/${id}`, { kubernetesVersion });
    expect((await to("v1.36.1")).status).toBe(400);
    expect((await to("v1.33.10")).status).toBe(400);
    expect((await to("v1.35.2")).request?.status).toBe("SUCCEEDED");
    expect((await ce("GET", `/clusters/${id}`)).body["kubernetesVersion"]).toBe("v1.35.2");
    await gone(id);
  });

  test("has a kubeconfig in Oracle's words", async () => {
    const id = await made();
    const { text } = await ce("POST", `/clusters/${id}/kubeconfig/content`, {
      tokenVersion: "2.0.0",
    });
    expect(text).toContain("apiVersion: client.authentication.k8s.io/v1beta1");
    expect(text).toContain(`- generate-token\n      - --cluster-id\n      - ${id}\n`);
    expect(text).toContain(`certificate-authority-data: ${Buffer.from("CA").toString("base64")}`);
    await gone(id);
  });

  test("is brought back by the next process", async () => {
    const id = await made();
    await work("POST", "/nodePools", { ...pool, clusterId: id });
    await endpoint.close();
    running.clear();
    workers.clear();
    await open();
    await cloud.resume();
    expect([...running]).toEqual([id]);
    expect(workers.size).toBe(2);
    await gone(id);
    expect(workers.size).toBe(0);
  });
});

describe("a node pool", () => {
  let clusterId: string;
  beforeAll(async () => {
    clusterId = await made();
  });
  afterAll(async () => {
    await gone(clusterId);
  });
  const nodesOf = async (id: string) =>
    (await ce(`GET`, `/nodePools/${id}`)).body["nodes"] as {
      name: string;
      availabilityDomain: string;
    }[];

  test("spreads its workers, gives them an address each and tells Kubernetes", async () => {
    const { id } = await work("POST", "/nodePools", { ...pool, clusterId });
    const nodes = await nodesOf(id);
    expect(new Set(nodes.map(({ availabilityDomain }) => availabilityDomain)).size).toBe(2);
    expect([...workers.keys()]).toEqual(["10.0.1.2", "10.0.1.3"]);
    expect(workers.get("10.0.1.2")).toMatchObject({
      ocpus: 2,
      memoryGb: 16,
      kubeletVersion: "v1.35.2",
      osImage: "Oracle Linux Server 9.7",
    });
    const size = (count: number) =>
      work("PUT", `/nodePools/${id}`, { nodeConfigDetails: { size: count } });
    await size(3);
    expect(workers.size).toBe(3);
    await size(1);
    expect([...workers.keys()]).toEqual(["10.0.1.2"]);
    const vnics = await oci<Item[]>("GET", `/20160918/privateIps?subnetId=${subnets[1]}`);
    expect(vnics.body).toHaveLength(1);
    const vnicId = String(vnics.body[0]?.["vnicId"]);
    const attached = `/20160918/vnicAttachments?compartmentId=${compartmentId}&vnicId=${vnicId}`;
    expect((await oci<Item[]>("GET", attached)).body).toMatchObject([
      { vnicId, instanceId: expect.stringMatching(/^ocid1\.instance\./) },
    ]);
    await work("DELETE", `/nodePools/${id}`);
    expect(workers.size).toBe(0);
    expect(
      (await oci<Item[]>("GET", `/20160918/bootVolumes?compartmentId=${compartmentId}`)).body,
    ).toEqual([]);
  });

  test("leaves workers as they are when its version changes: a basic cluster cycles none", async () => {
    const older = {
      ...pool,
      clusterId,
      kubernetesVersion: "v1.34.2",
      nodeSourceDetails: {
        sourceType: "IMAGE",
        imageId: imageId("Oracle-Linux-9.7-2026.06.15-0-OKE-1.34.2-1505"),
      },
    };
    const { id } = await work("POST", "/nodePools", older);
    await work("PUT", `/nodePools/${id}`, { kubernetesVersion: "v1.35.2" });
    expect([...workers.values()].map(({ kubeletVersion }) => kubeletVersion)).toEqual([
      "v1.34.2",
      "v1.34.2",
    ]);
    const cycling = { nodePoolCyclingDetails: { isNodeCyclingEnabled: true } };
    expect((await work("PUT", `/nodePools/${id}`, cycling)).text).toMatch(
      /needs an enhanced cluster/,
    );
    await work("DELETE", `/nodePools/${id}`);
  });

  test("goes round a full availability domain, and says so when all are full", async () => {
    const full = (domains: string[]) =>
      ask(endpoint.url, undefined, "PUT", "/sandbox/offers", {
        withoutCapacity: { "VM.Standard.E4.Flex": domains },
      });
    await full(availabilityDomains.slice(1));
    const { id } = await work("POST", "/nodePools", { ...pool, clusterId });
    expect(
      (await nodesOf(id)).every((node) => node.availabilityDomain === availabilityDomains[0]),
    ).toBe(true);
    await work("DELETE", `/nodePools/${id}`);
    await full(availabilityDomains);
    const failed = await work("POST", "/nodePools", { ...pool, clusterId });
    expect(failed.request?.status).toBe("FAILED");
    const errors = await ce<{ message: string }[]>(
      "GET",
      `/workRequests/${failed.workRequestId}/errors`,
    );
    expect(errors.body[0]?.message).toMatch(/Out of host capacity/);
    expect((await ce("GET", `/nodePools/${failed.id}`)).body.lifecycleState).toBe(
      "NEEDS_ATTENTION",
    );
    await work("DELETE", `/nodePools/${failed.id}`);
  });

  test.each([
    [
      "a worker newer than its control plane",
      { kubernetesVersion: "v1.36.1" },
      /does not go with a cluster/,
    ],
    ["a shape that is not offered", { nodeShape: "VM.Standard.E2.1" }, /Invalid nodeShape/],
    [
      "an image of another architecture",
      { nodeShape: "VM.Standard.A1.Flex" },
      /does not go with the shape/,
    ],
    [
      "a flexible shape without a size",
      { nodeShapeConfig: undefined },
      /nodeShapeConfig is required/,
    ],
    ["an unknown image", { nodeSourceDetails: { imageId: "ocid1.image.oc1..lost" } }, /not found/],
    [
      "a count that is none",
      { nodeConfigDetails: { size: -1, placementConfigs: [{}] } },
      /Invalid nodeConfigDetails\.size/,
    ],
  ])("with %s is refused", async (_, change, message) => {
    const { status, text } = await work("POST", "/nodePools", { ...pool, clusterId, ...change });
    expect(status).toBe(400);
    expect(text).toMatch(message);
  });

  test("can not stand in the load balancers' subnet", async () => {
    const placementConfigs = [{ availabilityDomain: availabilityDomains[0], subnetId: subnets[2] }];
    const nodeConfigDetails = { size: 1, placementConfigs };
    const { text } = await work("POST", "/nodePools", { ...pool, clusterId, nodeConfigDetails });
    expect(text).toMatch(/is for load balancers/);
  });
});

describe("a load balancer", () => {
  test("stands in its subnet until it is deleted", async () => {
    const body = {
      compartmentId,
      displayName: "lb",
      shapeName: "flexible",
      subnetIds: [subnets[2]],
    };
    expect((await oci("POST", "/20170115/loadBalancers", body)).status).toBe(202);
    const list = () => oci<Item[]>("GET", `/20170115/loadBalancers?compartmentId=${compartmentId}`);
    const [balancer] = (await list()).body;
    expect(balancer).toMatchObject({
      ipAddresses: [{ ipAddress: expect.stringMatching(/^127\.(1[6-9]|2\d|3[01])\.\d+\.1$/) }],
    });
    const refused = await oci("DELETE", `/20160918/subnets/${subnets[2]}`);
    expect(refused).toMatchObject({
      status: 409,
      body: { message: expect.stringMatching(/references the VNIC/) },
    });
    await oci("DELETE", `/20170115/loadBalancers/${balancer?.id}`);
    while ((await list()).body.length > 0) await sleep(5);
  });
});

describe("the token review", () => {
  const review = async (token: string) => {
    const question = {
      apiVersion: "authentication.k8s.io/v1",
      kind: "TokenReview",
      spec: { token },
    };
    const { body } = await ask<TokenReview>(
      endpoint.url,
      undefined,
      "POST",
      "/tokenreview",
      question,
    );
    return body.status;
  };
  const region = "eu-frankfurt-1";

  test("knows its own user's token for this cluster, and no other", async () => {
    const clusterId = await made();
    expect(await review(clusterToken({ clusterId, region }, key))).toMatchObject({
      authenticated: true,
      user: { username: expect.stringMatching(/^ocid1\.user\./) },
    });
    const hourAgo = new Date(Date.now() - 3_600_000);
    const { privateKey } = apiKey(join(folder, "stranger"));
    const bad = [
      clusterToken({ clusterId, region, now: hourAgo }, key),
      clusterToken({ clusterId: "ocid1.cluster.oc1..other", region }, key),
      clusterToken({ clusterId, region }, { keyId: key.keyId, privateKey }),
      Buffer.from("https://example.com/cluster_request/x").toString("base64url"),
      "",
    ];
    for (const token of bad) expect(await review(token)).toMatchObject({ authenticated: false });
    await gone(clusterId);
    rmSync(join(folder, "stranger"), { recursive: true });
  });
});
