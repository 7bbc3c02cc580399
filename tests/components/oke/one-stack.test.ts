import { describe, expect, test } from "@jest/globals";
import { RunError } from "@pulumi/pulumi";

import { asking, askingCluster } from "../../../components/oke/oci/errors.js";
import { secondNetwork } from "../../../components/oke/oci/one-stack.js";
import type { Invokes } from "../../../tools/plan/recording/tenancy.js";
import { record } from "../../../tools/plan/recording/record.js";
import { clusterConfig, stackTags as tags } from "./cluster-config.js";

async function refused(invokes: Invokes, more: Record<string, unknown> = {}): Promise<string> {
  try {
    await record({ ...clusterConfig, ...more }, { invokes });
  } catch (error) {
    if (RunError.isInstance(error)) return error.message;
    throw error;
  }
  throw new Error("nothing was refused");
}

describe("another range for an existing VCN", () => {
  const vcn = { freeformTags: tags, state: "AVAILABLE", cidrBlocks: ["10.1.0.0/16"] };
  const standing = (change: Record<string, unknown> = {}): Invokes => ({
    getVcns: { virtualNetworks: [{ ...vcn, ...change }] },
  });

  test("is refused before OCI refuses it in the middle of an up", async () => {
    const message = await refused(standing());
    expect(message).toContain("network.vcnCidr = 10.0.0.0/16: this stack's VCN has 10.1.0.0/16");
    expect(message).toContain("To keep it: pulumi config set --path network.vcnCidr 10.1.0.0/16");
    expect(message).toContain("pulumi destroy, then pulumi up");
  });

  test.each([
    ["the same", { cidrBlocks: ["10.0.0.0/16"] }],
    ["another stack's", { freeformTags: { "oke-ambient-mesh-stack": "other" } }],
    ["one that is gone", { state: "TERMINATED" }],
  ])("is accepted if the VCN is %s", async (_, change) => {
    const { registrations } = await record(clusterConfig, { invokes: standing(change) });
    expect(registrations.map(({ name }) => name)).toContain("network-vcn");
  });
});

describe("a running stack", () => {
  const cluster = { id: "c", state: "ACTIVE", freeformTags: tags, kubernetesVersion: "v1.35.2" };
  const pool = async (chosenFor: string) => {
    const nodePool = {
      state: "ACTIVE",
      freeformTags: { ...tags, "oke-ambient-mesh-workers-for": chosenFor },
      kubernetesVersion: "v1.34.2",
      nodeImageId: "ocid1.image.oc1..old",
      nodeImageName: "Oracle-Linux-8.10-2026.03.18-0-OKE-1.34.2-1391",
    };
    const { registrations } = await record(
      { ...clusterConfig, kubernetesVersion: "v1.35.2", nodes: { os: "8.10" } },
      {
        invokes: { getClusters: { clusters: [cluster] }, getNodePools: { nodePools: [nodePool] } },
      },
    );
    return registrations.find(({ name }) => name === "nodes-pool");
  };
  const tag = (of: Awaited<ReturnType<typeof pool>>) =>
    (of?.inputs["freeformTags"] as Record<string, string>)["oke-ambient-mesh-workers-for"];

  test("keeps workers that were chosen for its control plane when OKE offers newer ones", async () => {
    const found = await pool("v1.35.2");
    expect(found?.inputs["kubernetesVersion"]).toBe("v1.34.2");
    expect(found?.ignoreChanges).toEqual(["kubernetesVersion", "nodeSourceDetails.imageId"]);
    expect(tag(found)).toBe("v1.35.2");
  });

  test("upgrades workers that an interrupted upgrade has left, and updates the pool's tag", async () => {
    const found = await pool("v1.34.2");
    expect(found?.inputs["kubernetesVersion"]).toBe("v1.35.2");
    expect(found?.ignoreChanges).toEqual([]);
    expect(tag(found)).toBe("v1.35.2");
  });

  test("does not tag the workers themselves, whose tags would not be updated", async () => {
    const details = (await pool("v1.35.2"))?.inputs["nodeConfigDetails"] as Record<string, unknown>;
    expect(Object.keys(details["freeformTags"] as object)).toEqual([
      "managed-by",
      "oke-ambient-mesh-stack",
    ]);
  });
});

describe("two stacks of the same name in a compartment", () => {
  const cluster = (id: string, state = "ACTIVE", freeformTags = tags) => ({
    ...{ id, state, freeformTags },
    kubernetesVersion: "v1.35.2",
  });
  const both = (second: object): Invokes => ({
    getClusters: { clusters: [cluster("ocid1.cluster.a"), second] },
  });

  test("are refused with both OCIDs once both have a cluster", async () => {
    const message = await refused(both(cluster("ocid1.cluster.b")));
    expect(message).toContain("has 2 clusters of stack dev: ocid1.cluster.a, ocid1.cluster.b.");
    expect(message).toContain("pulumi stack output clusterId");
    expect(message).toContain("pulumi stack init dev-<name>");
  });

  test.each([
    ["another stack's", cluster("ocid1.cluster.b", "ACTIVE", { "oke-ambient-mesh-stack": "b" })],
    ["one that is gone", cluster("ocid1.cluster.b", "DELETED")],
  ])("are accepted if one cluster is %s", async (_, second) => {
    const { registrations } = await record(clusterConfig, { invokes: both(second) });
    expect(registrations.map(({ name }) => name)).toContain("cluster-cluster");
  });

  test("are refused when the second is about to create its network", () => {
    expect(secondNetwork([], "dev")).toBeUndefined();
    expect(secondNetwork(["ocid1.vcn.a"], "dev")).toMatch(
      /network of stack dev, which is not in this stack's state: ocid1\.vcn\.a\.\n.*pulumi stack init dev-<name>.*\n.*pulumi refresh.*\n.*verify -- --stack dev --destroyed/,
    );
  });
});

describe("a 404 of OCI", () => {
  const missing = () =>
    Promise.reject(new Error("404-NotAuthorizedOrNotFound, Authorization failed or not found"));
  const said = (asked: Promise<unknown>) =>
    asked.then(
      () => "nothing",
      (error: unknown) => (RunError.isInstance(error) ? error.message : "no RunError"),
    );

  test("about a deleted cluster is explained with the refresh", async () => {
    const clusterId = "ocid1.cluster.oc1..gone";
    const message = await said(askingCluster(clusterId, missing));
    expect(message).toMatch(/does not find this stack's cluster .*gone: someone deleted it/);
    // Without the variable, a refresh fails on objects of the cluster.
    expect(message).toContain(
      "Next, if it was deleted: PULUMI_K8S_DELETE_UNREACHABLE=true pulumi refresh, then pulumi up",
    );
    const other = new Error("500-InternalError");
    await expect(askingCluster(clusterId, () => Promise.reject(other))).rejects.toBe(other);
  });

  test("before the first resource is explained with the policies", async () => {
    const message = await said(asking("list networks", clusterConfig.compartmentId, missing));
    expect(message).toContain(
      "OCI refuses to list networks in compartment ocid1.compartment.oc1..aaaa",
    );
    expect(message).toContain("manage virtual-network-family");
  });
});
