import { describe, expect, test } from "@jest/globals";

import { parseSettings } from "../../../components/settings/settings.js";

const good = {
  compartmentId: "ocid1.compartment.oc1..aaaa",
  network: { apiAllowedCidrs: ["203.0.113.7/32"] },
};

describe("a valid configuration", () => {
  test("gets every default", () => {
    expect(parseSettings(good)).toEqual({
      cluster: "oke",
      compartmentId: "ocid1.compartment.oc1..aaaa",
      clusterType: "basic",
      network: { vcnCidr: "10.0.0.0/16", apiAllowedCidrs: ["203.0.113.7/32"], apiOpenToAll: false },
      nodes: {
        os: "7.9",
        shape: "VM.Standard.E4.Flex",
        ocpus: 2,
        memoryGb: 16,
        count: 1,
        bootVolumeGb: 50,
      },
      existing: {},
      gateway: { serviceType: "LoadBalancer" },
      mesh: {
        version: "1.31.1",
        chartRepository: "https://istio-release.storage.googleapis.com/charts",
        imageHub: "registry.istio.io/release",
        gatewayApi: "v1.6.0",
        helmValues: {},
      },
      namespace: "default",
      stage: "traffic",
      reviews: { v2Percent: 10 },
      observability: false,
      load: 0,
      verify: true,
      verifySettleSeconds: 90,
    });
  });

  test("keeps the defaults of an object's other fields", () => {
    expect(parseSettings({ ...good, nodes: { ocpus: 4 } }).nodes).toMatchObject({
      ocpus: 4,
      memoryGb: 16,
      os: "7.9",
    });
  });

  test("may be JSON text, numbers and booleans as strings, and empty strings, as Pulumi stores them", () => {
    const settings = parseSettings({
      compartmentId: "ocid1.tenancy.oc1..root",
      kubernetesVersion: "",
      network: '{"apiAllowedCidrs":["0.0.0.0/0"],"apiOpenToAll":true}',
      nodes: '{"ocpus":"2.5","count":"2","os":"8.10"}',
      reviews: '{"v2Percent":"50"}',
      verify: "false",
      verifySettleSeconds: "5",
    });
    expect(settings.kubernetesVersion).toBeUndefined();
    expect(settings.nodes).toMatchObject({ ocpus: 2.5, count: 2, os: "8.10" });
    expect(settings.reviews.v2Percent).toBe(50);
    expect([settings.verify, settings.verifySettleSeconds]).toEqual([false, 5]);
  });

  test.each(["1.34.2", "v1.34.2"])("takes Kubernetes as %s", (kubernetesVersion) => {
    expect(parseSettings({ ...good, kubernetesVersion }).kubernetesVersion).toBe("v1.34.2");
  });

  test("needs no OKE settings on an existing cluster", () => {
    expect(parseSettings({ cluster: "existing" }).cluster).toBe("existing");
  });

  test.each(["oci://registry.istio.io/release/charts", "/srv/charts", "../charts"])(
    "takes charts from %s",
    (chartRepository) => {
      const { mesh } = parseSettings({ ...good, mesh: { chartRepository } });
      expect(mesh.chartRepository).toBe(chartRepository);
    },
  );

  test("accepts more memory for a shape that the table lacks", () => {
    const nodes = { shape: "VM.Standard.E9.Flex", ocpus: 100, memoryGb: 2000 };
    expect(parseSettings({ ...good, nodes }).nodes.memoryGb).toBe(2000);
  });

  test("does not check OCPUs of a fixed shape", () => {
    const nodes = { shape: "VM.Standard2.2", ocpus: 2, memoryGb: 900 };
    expect(parseSettings({ ...good, nodes }).nodes.shape).toBe("VM.Standard2.2");
  });
});
