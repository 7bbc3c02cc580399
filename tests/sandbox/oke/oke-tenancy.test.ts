import { describe, expect, test } from "@jest/globals";

import { stackTag } from "../../../components/oke/oci/tags.js";
import { compartmentId } from "../../../emulator/oci/tenancy/identity.js";
import { changeOffers, imageId } from "../../../emulator/oci/clusters/offers.js";
import { ol8, onOl8, tenancyOfFile } from "../oke.js";

const minutes = 60_000;
const tenancy = tenancyOfFile();

describe("a preview of a new stack", () => {
  test(
    "reports every problem of the configuration, without a request to OCI",
    async () => {
      await tenancy().gone();
      tenancy().cloud.faults.inject({ path: ".", status: 500, code: "Asked", times: 100 });
      const { said, error } = await tenancy().up({ stage: "l5", nodes: { os: 8.1 } });
      expect(error).toBeDefined();
      expect(said).toContain("The configuration has 2 problems:");
      expect(said).toContain("nodes.os = 8.1");
      expect(said).toContain('stage = "l5"');
      expect(tenancy().cloud.faults.list()[0]?.times).toBe(100);
    },
    2 * minutes,
  );

  test(
    "fails with the next command if the release is not offered",
    async () => {
      await tenancy().gone();
      changeOffers(tenancy().store, { images: [ol8("1.36.1"), ol8("1.35.2")] });
      for (const outcome of [await tenancy().preview(), await tenancy().up()]) {
        expect(outcome.error).toBeDefined();
        expect(outcome.said).toContain("Oracle Linux 8.10: v1.36.1, v1.35.2");
        expect(outcome.said).toContain("pulumi config set --path nodes.os 8.10");
      }
      expect(tenancy().live()).toEqual([]);
    },
    2 * minutes,
  );

  test(
    "names the policy that the identity lacks in the compartment",
    async () => {
      await tenancy().gone();
      const { said } = await tenancy().up({ compartmentId: "ocid1.compartment.oc1..other" });
      expect(said).toContain("Allow group <group> to manage cluster-family in compartment");
      expect(tenancy().live()).toEqual([]);
    },
    2 * minutes,
  );
});

describe("the tenancy's limits", () => {
  const others = () =>
    Array.from({ length: 50 }, (_, i) =>
      tenancy().cloud.resources.create("vcn", {
        compartmentId,
        cidrBlocks: ["10.0.0.0/16"],
        displayName: `other-${i}`,
      }),
    );

  test(
    "are a warning of the preview if too little is left, and say nothing if they can't be read",
    async () => {
      await tenancy().gone();
      const made = others();
      try {
        const { said, error } = await tenancy().preview(onOl8());
        expect(error).toBeUndefined();
        expect(said).toContain("  VCNs: 0 left, 1 needed (vcn: vcn-count)");
        expect(said).not.toContain("OKE clusters: ");
        tenancy().cloud.faults.inject({
          ...{ path: "resourceAvailability", status: 404, code: "NotAuthorizedOrNotFound" },
          times: 100,
        });
        const forbidden = await tenancy().preview(onOl8());
        expect(forbidden.error).toBeUndefined();
        expect(forbidden.said).not.toMatch(/limits|NotAuthorized/);
      } finally {
        for (const { id } of made) tenancy().cloud.resources.delete("vcn", id);
      }
    },
    2 * minutes,
  );
});

describe("a compartment with another stack of the same name", () => {
  test(
    "rejects the preview and the first up, before anything is created",
    async () => {
      await tenancy().gone();
      const theirs = tenancy().cloud.resources.create("vcn", {
        compartmentId,
        cidrBlocks: ["10.0.0.0/16"],
        displayName: "oke-ambient-mesh-dev",
        freeformTags: { [stackTag]: "dev" },
      });
      const before = tenancy().live();
      try {
        for (const outcome of [await tenancy().preview(onOl8()), await tenancy().up(onOl8())]) {
          expect(outcome.error).toBeDefined();
          expect(outcome.said).toContain("already has a network of stack dev");
          expect(outcome.said).toContain(theirs.id);
        }
        expect(tenancy().live()).toEqual(before);
      } finally {
        tenancy().cloud.resources.delete("vcn", theirs.id);
      }
    },
    4 * minutes,
  );
});

describe("a first up", () => {
  test(
    "reports shape and domain without capacity, and the next one succeeds",
    async () => {
      await tenancy().gone();
      tenancy().cloud.faults.inject({
        operation: "NODEPOOL_CREATE",
        message:
          "1 node(s) launch failure. Reason: (500, InternalError, false) Out of host capacity.",
      });
      const { error, said } = await tenancy().up(onOl8());
      expect(error).toBeDefined();
      expect(said).toMatch(
        /OCI has no capacity for VM\.Standard\.E4\.Flex, but does not report where; the pool may be placed in \S+, \S+, \S+\./,
      );
      expect(said).toContain("pulumi config set --path nodes.shape VM.Standard.E5.Flex");
      const { error: then } = await tenancy().up(onOl8());
      expect(then).toBeUndefined();
      expect(
        tenancy()
          .live()
          .filter((kind) => ["cluster", "nodepool", "vcn"].includes(kind)),
      ).toEqual(["cluster", "nodepool", "vcn"]);
    },
    4 * minutes,
  );

  test("chooses the newest pair of versions", async () => {
    await tenancy().at(onOl8());
    expect(tenancy().item("cluster")?.["kubernetesVersion"]).toBe("v1.36.1");
    expect(tenancy().item("nodepool")).toMatchObject({
      kubernetesVersion: "v1.36.1",
      nodeSourceDetails: { imageId: imageId(ol8("1.36.1")) },
    });
  });

  test(
    "has its choice kept by a second one",
    async () => {
      await tenancy().at(onOl8());
      expect((await tenancy().up(onOl8())).steps).toEqual({});
    },
    2 * minutes,
  );
});

describe("a later offer", () => {
  test.each<[string, Parameters<typeof changeOffers>[1]]>([
    ["of a newer image", { images: ["Oracle-Linux-8.10-2026.10.01-0-OKE-1.36.1-1999"] }],
    ["of a newer version", { kubernetesVersions: ["v1.36.4", "v1.36.1"], images: [ol8("1.36.1")] }],
    ["without the image", { images: [ol8("1.35.2")] }],
    ["without the version", { kubernetesVersions: ["v1.35.2"], images: [ol8("1.35.2")] }],
    ["of nothing", { kubernetesVersions: [], images: [] }],
  ])(
    "%s does not change the stack",
    async (_, offer) => {
      await tenancy().at(onOl8());
      changeOffers(tenancy().store, offer);
      const { steps, error } = await tenancy().up(onOl8());
      expect([error, steps]).toEqual([undefined, {}]);
    },
    2 * minutes,
  );
});

describe("a change of", () => {
  test(
    "the number of workers updates the pool in place",
    async () => {
      await tenancy().at(onOl8());
      const two = { nodes: { os: "8.10", count: 2 } };
      expect((await tenancy().up(two)).steps).toEqual({ "nodes-pool": "update" });
      expect(tenancy().nodes.size).toBe(2);
      expect((await tenancy().up(onOl8())).steps).toEqual({ "nodes-pool": "update" });
      expect(tenancy().nodes.size).toBe(1);
    },
    4 * minutes,
  );

  test(
    "the shape replaces only the pool of a basic cluster",
    async () => {
      await tenancy().at(onOl8());
      const { steps } = await tenancy().preview({ nodes: { os: "8.10", ocpus: 4, memoryGb: 32 } });
      expect(Object.keys(steps)).toEqual(["nodes-pool"]);
      expect(steps["nodes-pool"]).toMatch(/replace/);
    },
    2 * minutes,
  );

  test(
    "the allowed ranges updates one security list",
    async () => {
      await tenancy().at(onOl8());
      const network = { apiAllowedCidrs: ["203.0.113.7/32", "198.51.100.0/24"] };
      expect((await tenancy().preview(onOl8({ network }))).steps).toEqual({
        "network-rules-api": "update",
      });
    },
    2 * minutes,
  );

  test(
    "the VCN's range is rejected with both solutions",
    async () => {
      await tenancy().at(onOl8());
      const network = { apiAllowedCidrs: ["203.0.113.7/32"], vcnCidr: "10.1.0.0/16" };
      const { error, said } = await tenancy().preview(onOl8({ network }));
      expect(error).toBeDefined();
      expect(said).toContain("this stack's VCN has 10.0.0.0/16");
      expect(said).toContain("pulumi destroy, then pulumi up");
    },
    2 * minutes,
  );

  test(
    "the image replaces the pool, and the preview reports what happens to the workers",
    async () => {
      await tenancy().at(onOl8());
      const other = "Oracle-Linux-9.7-2026.06.15-0-OKE-1.36.1-1505";
      const nodes = { os: "8.10", imageId: imageId(other) };
      const { steps, said } = await tenancy().preview({ nodes });
      expect(Object.keys(steps)).toEqual(["nodes-pool"]);
      expect(said).toMatch(/a new pool is created, .*a basic cluster can't cycle workers/);
    },
    2 * minutes,
  );

  test(
    "the type to enhanced updates cluster and pool in place",
    async () => {
      await tenancy().at(onOl8());
      const { steps } = await tenancy().up(onOl8({ clusterType: "enhanced" }));
      expect(steps).toEqual({ "cluster-cluster": "update", "nodes-pool": "update" });
    },
    4 * minutes,
  );

  test(
    "the type back to basic is rejected before the request to OCI",
    async () => {
      await tenancy().at(onOl8({ clusterType: "enhanced" }));
      const { error, said } = await tenancy().preview(onOl8({ clusterType: "basic" }));
      expect(error).toBeDefined();
      expect(said).toMatch(/enhanced cluster back to basic.*clusterType enhanced/s);
    },
    2 * minutes,
  );
});
