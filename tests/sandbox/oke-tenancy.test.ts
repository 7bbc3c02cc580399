import { afterAll, afterEach, beforeAll, describe, expect, test } from "@jest/globals";

import { compartmentId } from "../../sandbox/oci/identity.js";
import { changeOffers, imageId } from "../../sandbox/oci/offers.js";
import { Tenancy } from "./oke.js";

const minutes = 60_000;
let tenancy: Tenancy;
beforeAll(async () => {
  tenancy = await Tenancy.open();
}, 20 * minutes);
afterAll(() => tenancy?.close());
afterEach(() => {
  tenancy?.cloud.faults.clear();
  if (tenancy) changeOffers(tenancy.store, undefined);
});

const ol8 = (version: string) => `Oracle-Linux-8.10-2026.06.15-0-OKE-${version}-1505`;
const onOl8 = (more: Record<string, unknown> = {}) => ({ nodes: { os: "8.10" }, ...more });

describe("before anything is created", () => {
  test(
    "a bad configuration is told whole, and OCI is not asked",
    async () => {
      tenancy.cloud.faults.plant({ path: ".", status: 500, code: "Asked", times: 100 });
      const { said, error } = await tenancy.up({ stage: "l5", nodes: { os: 8.1 } });
      expect(error).toBeDefined();
      expect(said).toContain("The configuration has 2 problems:");
      expect(said).toContain("nodes.os = 8.1");
      expect(said).toContain('stage = "l5"');
      expect(tenancy.cloud.faults.list()[0]?.times).toBe(100);
    },
    2 * minutes,
  );

  test(
    "an offer without the release ends the preview with the command that goes on",
    async () => {
      changeOffers(tenancy.store, { images: [ol8("1.36.1"), ol8("1.35.2")] });
      for (const outcome of [await tenancy.preview(), await tenancy.up()]) {
        expect(outcome.error).toBeDefined();
        expect(outcome.said).toContain("Oracle Linux 8.10: v1.36.1, v1.35.2");
        expect(outcome.said).toContain("pulumi config set --path nodes.os 8.10");
      }
      expect(tenancy.live()).toEqual([]);
    },
    2 * minutes,
  );

  test(
    "a compartment that the identity may not use: the policy",
    async () => {
      const { said } = await tenancy.up({ compartmentId: "ocid1.compartment.oc1..other" });
      expect(said).toContain("Allow group <group> to manage cluster-family in compartment");
      expect(tenancy.live()).toEqual([]);
    },
    2 * minutes,
  );
});

describe("a first up", () => {
  test(
    "without capacity says so by shape and domain, and the next one goes on",
    async () => {
      tenancy.cloud.faults.plant({
        operation: "NODEPOOL_CREATE",
        message:
          "1 node(s) launch failure. Reason: (500, InternalError, false) Out of host capacity.",
      });
      const { error, said } = await tenancy.up(onOl8());
      expect(error).toBeDefined();
      expect(said).toMatch(/OCI has no host left for VM\.Standard\.E4\.Flex in \S+, \S+, \S+\./);
      expect(said).toContain("pulumi config set --path nodes.shape VM.Standard.E5.Flex");
      const { error: then } = await tenancy.up(onOl8());
      expect(then).toBeUndefined();
      expect(
        tenancy.live().filter((kind) => ["cluster", "nodepool", "vcn"].includes(kind)),
      ).toEqual(["cluster", "nodepool", "vcn"]);
    },
    4 * minutes,
  );

  test("chose the newest pair", () => {
    expect(tenancy.item("cluster")?.["kubernetesVersion"]).toBe("v1.36.1");
    expect(tenancy.item("nodepool")).toMatchObject({
      kubernetesVersion: "v1.36.1",
      nodeSourceDetails: { imageId: imageId(ol8("1.36.1")) },
    });
  });

  test(
    "is kept by a second one",
    async () => {
      expect((await tenancy.up(onOl8())).steps).toEqual({});
    },
    2 * minutes,
  );
});

describe("what OKE offers later", () => {
  test.each<[string, Parameters<typeof changeOffers>[1]]>([
    ["a newer image", { images: ["Oracle-Linux-8.10-2026.10.01-0-OKE-1.36.1-1999"] }],
    ["a newer version", { kubernetesVersions: ["v1.36.4", "v1.36.1"], images: [ol8("1.36.1")] }],
    ["no such image any more", { images: [ol8("1.35.2")] }],
    ["no such version any more", { kubernetesVersions: ["v1.35.2"], images: [ol8("1.35.2")] }],
    ["nothing", { kubernetesVersions: [], images: [] }],
  ])(
    "%s: the next up changes nothing",
    async (_, offer) => {
      changeOffers(tenancy.store, offer);
      expect(await tenancy.up(onOl8())).toMatchObject({ steps: {}, error: undefined });
    },
    2 * minutes,
  );
});

describe("the smallest change", () => {
  test(
    "more workers and fewer: the pool, in place",
    async () => {
      const two = { nodes: { os: "8.10", count: 2 } };
      expect((await tenancy.up(two)).steps).toEqual({ "nodes-pool": "update" });
      expect(tenancy.nodes.size).toBe(2);
      expect((await tenancy.up(onOl8())).steps).toEqual({ "nodes-pool": "update" });
      expect(tenancy.nodes.size).toBe(1);
    },
    4 * minutes,
  );

  test(
    "a shape, on a basic cluster: a new pool beside the old one, and nothing else",
    async () => {
      const { steps } = await tenancy.preview({ nodes: { os: "8.10", ocpus: 4, memoryGb: 32 } });
      expect(Object.keys(steps)).toEqual(["nodes-pool"]);
      expect(steps["nodes-pool"]).toMatch(/replace/);
    },
    2 * minutes,
  );

  test(
    "somebody else's address allowed: one table of rules",
    async () => {
      const network = { apiAllowedCidrs: ["203.0.113.7/32", "198.51.100.0/24"] };
      expect((await tenancy.preview(onOl8({ network }))).steps).toEqual({
        "network-rules-api": "update",
      });
    },
    2 * minutes,
  );

  test(
    "another range for the VCN is refused, with the two ways out",
    async () => {
      const network = { apiAllowedCidrs: ["203.0.113.7/32"], vcnCidr: "10.1.0.0/16" };
      const { error, said } = await tenancy.preview(onOl8({ network }));
      expect(error).toBeDefined();
      expect(said).toContain("this stack's VCN has 10.0.0.0/16");
      expect(said).toContain("pulumi destroy, then pulumi up");
    },
    2 * minutes,
  );

  test(
    "another image: a new pool, and the preview says what becomes of the workers",
    async () => {
      const other = "Oracle-Linux-9.7-2026.06.15-0-OKE-1.36.1-1505";
      const nodes = { os: "8.10", imageId: imageId(other) };
      const { steps, said } = await tenancy.preview({ nodes });
      expect(Object.keys(steps)).toEqual(["nodes-pool"]);
      expect(said).toMatch(/a basic cluster can't cycle workers, so a new pool comes up/);
    },
    2 * minutes,
  );

  test(
    "enhanced: the cluster's type and the pool's cycling, in place",
    async () => {
      const { steps } = await tenancy.up(onOl8({ clusterType: "enhanced" }));
      expect(steps).toEqual({ "cluster-cluster": "update", "nodes-pool": "update" });
    },
    4 * minutes,
  );

  test(
    "back to basic is refused before OCI does",
    async () => {
      const { error, said } = await tenancy.preview(onOl8({ clusterType: "basic" }));
      expect(error).toBeDefined();
      expect(said).toMatch(/enhanced cluster does not become basic again.*clusterType enhanced/s);
    },
    2 * minutes,
  );
});

describe("the end", () => {
  const leftover = () => {
    const subnetIds = tenancy.store
      .all("subnet")
      .filter(({ item }) => String(item["displayName"]).endsWith("load-balancers"))
      .map(({ item }) => item.id);
    return tenancy.cloud.loadBalancers.create({
      compartmentId,
      displayName: "left behind",
      shapeName: "flexible",
      subnetIds,
    });
  };

  test(
    "comes also where the cluster was deleted by hand and a load balancer is left",
    async () => {
      leftover();
      const cluster = tenancy.item("cluster");
      tenancy.cloud.clusters.delete(cluster?.id ?? "");
      await new Promise((resolve) => setTimeout(resolve, 500));
      const { error } = await tenancy.destroy();
      expect(error).toBeUndefined();
      expect(tenancy.live()).toEqual([]);
    },
    4 * minutes,
  );

  test(
    "a second destroy does nothing",
    async () => {
      expect((await tenancy.destroy()).steps).toEqual({});
    },
    2 * minutes,
  );

  test(
    "an up after a half-done destroy works",
    async () => {
      await tenancy.up(onOl8());
      tenancy.cloud.faults.plant({
        method: "DELETE",
        path: "/vcns/",
        status: 400,
        code: "InvalidParameter",
        message: "not today",
      });
      expect((await tenancy.destroy()).error).toContain("not today");
      expect(tenancy.live()).toContain("vcn");
      expect(tenancy.live()).not.toContain("subnet");
      expect((await tenancy.up(onOl8({ kubernetesVersion: "v1.34.2" }))).error).toBeUndefined();
      expect(tenancy.item("cluster")?.["kubernetesVersion"]).toBe("v1.34.2");
    },
    6 * minutes,
  );
});

describe("a Kubernetes minor", () => {
  test(
    "moves the control plane in place and then the workers, also after it was cut off between them",
    async () => {
      const next = onOl8({ kubernetesVersion: "v1.35.2" });
      const { steps, said } = await tenancy.preview(next);
      expect(Object.keys(steps)).toEqual(["cluster-cluster", "nodes-pool"]);
      expect(steps["cluster-cluster"]).toBe("update");
      expect(said).toContain("The control plane goes from v1.34.2 to v1.35.2, in place");
      expect(said).toContain("The workers go from Kubernetes v1.34.2 to v1.35.2");
      tenancy.cloud.faults.plant({
        operation: "NODEPOOL_CREATE",
        message: "Out of host capacity.",
      });
      expect((await tenancy.up(next)).error).toBeDefined();
      expect(tenancy.item("cluster")?.["kubernetesVersion"]).toBe("v1.35.2");
      expect(tenancy.item("nodepool")?.["kubernetesVersion"]).toBe("v1.34.2");
      expect((await tenancy.up(next)).error).toBeUndefined();
      expect(tenancy.item("cluster")?.["kubernetesVersion"]).toBe("v1.35.2");
      expect(tenancy.item("nodepool")).toMatchObject({
        kubernetesVersion: "v1.35.2",
        nodeSourceDetails: { imageId: imageId(ol8("1.35.2")) },
      });
      expect(tenancy.nodes.size).toBe(1);
      expect((await tenancy.up(next)).steps).toEqual({});
    },
    6 * minutes,
  );

  test(
    "back is refused before OCI does",
    async () => {
      const { error, said } = await tenancy.preview(onOl8({ kubernetesVersion: "v1.34.2" }));
      expect(error).toBeDefined();
      expect(said).toContain("does not upgrade a control plane of v1.35.2 to it");
    },
    2 * minutes,
  );

  test(
    "is no longer followed once configuration leaves it open again",
    async () => {
      expect((await tenancy.up(onOl8())).steps).toEqual({});
      expect((await tenancy.destroy()).error).toBeUndefined();
      expect(tenancy.live()).toEqual([]);
    },
    4 * minutes,
  );
});
