import { setTimeout as sleep } from "node:timers/promises";

import { describe, expect, jest, test } from "@jest/globals";

import {
  running,
  backend,
  workers,
  cloud,
  endpoint,
  subnets,
  cluster,
  open,
  oci,
  ce,
  work,
  made,
  gone,
  pool,
} from "./tenancy.js";
import type { WorkRequest } from "./tenancy.js";

describe("a cluster", () => {
  test("goes from CREATING to DELETED, with its VNIC and its control plane", async () => {
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

  test("takes OCI's scaled time, and rejects changes in the meantime", async () => {
    cloud.workRequests.factor = 0.5 / 420;
    const started = Date.now();
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
    expect(Date.now() - started).toBeGreaterThanOrEqual(500);
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
  ])("with %s is rejected", async (_, change, message) => {
    const { status, text } = await work("POST", "/clusters", { ...cluster, ...change });
    expect(status).toBe(400);
    expect(text).toMatch(message);
  });

  test("is upgraded by one minor version at a time, and never downgraded", async () => {
    const id = (await work("POST", "/clusters", { ...cluster, kubernetesVersion: "v1.34.2" })).id;
    const to = (kubernetesVersion: string) => work("PUT", `/clusters/${id}`, { kubernetesVersion });
    expect((await to("v1.36.1")).status).toBe(400);
    expect((await to("v1.33.10")).status).toBe(400);
    expect((await to("v1.35.2")).request?.status).toBe("SUCCEEDED");
    expect((await ce("GET", `/clusters/${id}`)).body["kubernetesVersion"]).toBe("v1.35.2");
    await gone(id);
  });

  test("has the kubeconfig that OKE generates", async () => {
    const id = await made();
    const { text } = await ce("POST", `/clusters/${id}/kubeconfig/content`, {
      tokenVersion: "2.0.0",
    });
    expect(text).toContain("apiVersion: client.authentication.k8s.io/v1beta1");
    expect(text).toContain(`- generate-token\n      - --cluster-id\n      - ${id}\n`);
    expect(text).toContain(`certificate-authority-data: ${Buffer.from("CA").toString("base64")}`);
    await gone(id);
  });

  test("is restarted by the next process", async () => {
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

  test("is FAILED if its control plane does not start", async () => {
    jest.spyOn(backend, "startCluster").mockRejectedValueOnce(new Error("port 6443 is taken"));
    const { id, request } = await work("POST", "/clusters", cluster);
    expect(request?.status).toBe("FAILED");
    expect((await ce("GET", `/clusters/${id}`)).body).toMatchObject({
      lifecycleState: "FAILED",
      lifecycleDetails: expect.stringContaining("port 6443 is taken"),
    });
    await gone(id);
  });

  test.each(["startCluster", "addNode"] as const)(
    "is restarted by a later process when %s fails in one",
    async (step) => {
      const id = await made();
      const poolId = (await work("POST", "/nodePools", { ...pool, clusterId: id })).id;
      const restart = async () => {
        await endpoint.close();
        running.clear();
        workers.clear();
        await open();
        await cloud.resume();
      };
      jest.spyOn(backend, step).mockRejectedValueOnce(new Error("port 6443 is taken"));
      await expect(restart()).rejects.toThrow("port 6443 is taken");
      expect((await ce("GET", `/clusters/${id}`)).body.lifecycleState).toBe("ACTIVE");
      expect((await ce("GET", `/nodePools/${poolId}`)).body.lifecycleState).toBe("ACTIVE");
      await restart();
      expect([...running]).toEqual([id]);
      expect(workers.size).toBe(2);
      await gone(id);
    },
  );
});
