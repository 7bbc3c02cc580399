import { describe, expect, test } from "@jest/globals";

import { compartmentId } from "../../../emulator/oci/tenancy/identity.js";
import { imageId } from "../../../emulator/oci/clusters/offers.js";
import { ol8, onOl8, tenancyOfFile } from "../oke.js";

const minutes = 60_000;
const tenancy = tenancyOfFile();

describe("a destroy", () => {
  const leftover = () => {
    const subnetIds = tenancy()
      .store.all("subnet")
      .filter(({ item }) => String(item["displayName"]).endsWith("load-balancers"))
      .map(({ item }) => item.id);
    return tenancy().cloud.loadBalancers.create({
      compartmentId,
      displayName: "left behind",
      shapeName: "flexible",
      subnetIds,
    });
  };

  test(
    "succeeds after the cluster was deleted by hand and left a load balancer",
    async () => {
      await tenancy().at(onOl8());
      leftover();
      const cluster = tenancy().item("cluster");
      tenancy().cloud.clusters.delete(cluster?.id ?? "");
      await new Promise((resolve) => setTimeout(resolve, 500));
      const { error } = await tenancy().destroy();
      expect(error).toBeUndefined();
      expect(tenancy().live()).toEqual([]);
    },
    4 * minutes,
  );

  test(
    "does nothing the second time",
    async () => {
      await tenancy().gone();
      expect((await tenancy().destroy()).steps).toEqual({});
    },
    2 * minutes,
  );

  test(
    "can be followed by an up when it was interrupted",
    async () => {
      await tenancy().gone();
      await tenancy().up(onOl8());
      tenancy().cloud.faults.inject({
        method: "DELETE",
        path: "/vcns/",
        status: 400,
        code: "InvalidParameter",
        message: "not today",
      });
      expect((await tenancy().destroy()).error).toContain("not today");
      expect(tenancy().live()).toContain("vcn");
      expect(tenancy().live()).not.toContain("subnet");
      expect((await tenancy().up(onOl8({ kubernetesVersion: "v1.34.2" }))).error).toBeUndefined();
      expect(tenancy().item("cluster")?.["kubernetesVersion"]).toBe("v1.34.2");
    },
    6 * minutes,
  );
});

describe("an upgrade of Kubernetes", () => {
  test(
    "upgrades the control plane in place and then the workers, even if interrupted between them",
    async () => {
      await tenancy().at(onOl8({ kubernetesVersion: "v1.34.2" }));
      const next = onOl8({ kubernetesVersion: "v1.35.2" });
      const { steps, said } = await tenancy().preview(next);
      expect(Object.keys(steps)).toEqual(["cluster-cluster", "nodes-pool"]);
      expect(steps["cluster-cluster"]).toBe("update");
      expect(said).toContain("The control plane is upgraded in place from v1.34.2 to v1.35.2");
      expect(said).toContain("The workers change from Kubernetes v1.34.2 to v1.35.2");
      tenancy().cloud.faults.inject({
        operation: "NODEPOOL_CREATE",
        message: "Out of host capacity.",
      });
      expect((await tenancy().up(next)).error).toBeDefined();
      expect(tenancy().item("cluster")?.["kubernetesVersion"]).toBe("v1.35.2");
      expect(tenancy().item("nodepool")?.["kubernetesVersion"]).toBe("v1.34.2");
      expect((await tenancy().up(next)).error).toBeUndefined();
      expect(tenancy().item("cluster")?.["kubernetesVersion"]).toBe("v1.35.2");
      expect(tenancy().item("nodepool")).toMatchObject({
        kubernetesVersion: "v1.35.2",
        nodeSourceDetails: { imageId: imageId(ol8("1.35.2")) },
      });
      expect(tenancy().nodes.size).toBe(1);
      expect((await tenancy().up(next)).steps).toEqual({});
    },
    6 * minutes,
  );

  test(
    "is rejected before the request to OCI if it is a downgrade",
    async () => {
      await tenancy().at(onOl8({ kubernetesVersion: "v1.35.2" }));
      const { error, said } = await tenancy().preview(onOl8({ kubernetesVersion: "v1.34.2" }));
      expect(error).toBeDefined();
      expect(said).toContain("does not upgrade a control plane from v1.35.2 to it");
    },
    2 * minutes,
  );

  test(
    "is kept when the configuration no longer sets the version",
    async () => {
      await tenancy().at(onOl8({ kubernetesVersion: "v1.35.2" }));
      expect((await tenancy().up(onOl8())).steps).toEqual({});
      expect((await tenancy().destroy()).error).toBeUndefined();
      expect(tenancy().live()).toEqual([]);
    },
    4 * minutes,
  );
});
