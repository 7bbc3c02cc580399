import { rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";

import { clusterToken } from "../../../components/oke/token/token.js";
import {
  apiKey,
  availabilityDomains,
  compartmentId,
} from "../../../emulator/oci/tenancy/identity.js";
import { imageId } from "../../../emulator/oci/clusters/offers.js";
import type { TokenReview } from "../../../emulator/oci/tenancy/token-review.js";
import { ask } from "../../oci-request.js";
import {
  folder,
  key,
  workers,
  endpoint,
  subnets,
  pool,
  oci,
  ce,
  work,
  made,
  gone,
} from "./tenancy.js";
import type { Item } from "./tenancy.js";

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

  test("spreads its workers over availability domains, with an address and a Node each", async () => {
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

  test("keeps existing workers when its version changes, unless an enhanced cluster cycles them", async () => {
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

  test("avoids an availability domain without capacity, and fails when none has capacity", async () => {
    const full = (domains: string[]) =>
      ask(endpoint.url, undefined, "PUT", "/emulator/offers", {
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
      /is not compatible with a cluster/,
    ],
    ["a shape that is not offered", { nodeShape: "VM.Standard.E2.1" }, /Invalid nodeShape/],
    [
      "an image of another architecture",
      { nodeShape: "VM.Standard.A1.Flex" },
      /is not compatible with the shape/,
    ],
    [
      "a flexible shape without a size",
      { nodeShapeConfig: undefined },
      /nodeShapeConfig is required/,
    ],
    ["an unknown image", { nodeSourceDetails: { imageId: "ocid1.image.oc1..lost" } }, /not found/],
    [
      "a negative size",
      { nodeConfigDetails: { size: -1, placementConfigs: [{}] } },
      /Invalid nodeConfigDetails\.size/,
    ],
  ])("with %s is rejected", async (_, change, message) => {
    const { status, text } = await work("POST", "/nodePools", { ...pool, clusterId, ...change });
    expect(status).toBe(400);
    expect(text).toMatch(message);
  });

  test("is rejected in the load balancers' subnet", async () => {
    const placementConfigs = [{ availabilityDomain: availabilityDomains[0], subnetId: subnets[2] }];
    const nodeConfigDetails = { size: 1, placementConfigs };
    const { text } = await work("POST", "/nodePools", { ...pool, clusterId, nodeConfigDetails });
    expect(text).toMatch(/is for load balancers/);
  });
});

describe("a load balancer", () => {
  test("blocks the deletion of its subnet until it is deleted", async () => {
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

  test("accepts only a recent token of the user for this cluster", async () => {
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
