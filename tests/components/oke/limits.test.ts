import { describe, expect, test } from "@jest/globals";

import { record } from "../../../tools/plan/recording/record.js";
import type { Invokes } from "../../../tools/plan/recording/tenancy.js";
import { clusterConfig, stackTags as tags } from "./cluster-config.js";

const running = { id: "c", state: "ACTIVE", freeformTags: tags, kubernetesVersion: "v1.34.2" };
const pool = {
  state: "ACTIVE",
  freeformTags: { ...tags, "oke-ambient-mesh-workers-for": "v1.34.2" },
  kubernetesVersion: "v1.33.1",
  nodeImageId: "ocid1.image.oc1..old",
  nodeImageName: "Oracle-Linux-7.9-2025.01.31-0-OKE-1.33.1-764",
};

/** What is left, by the limit's name; 100 of the others. */
const left = (counts: Record<string, string | undefined>): Invokes => ({
  getResourceAvailability: ({ limitName }) => ({
    available: String(limitName) in counts ? counts[String(limitName)] : "100",
  }),
});

async function warnings(invokes: Invokes, more: Record<string, unknown> = {}): Promise<string[]> {
  const { messages } = await record({ ...clusterConfig, ...more }, { invokes });
  return messages.filter((message) => /limits/.test(message));
}

describe("a new stack's preview", () => {
  test("warns of limits that are used up, with what is left, what it needs, and what to do", async () => {
    const counts = { "standard-e4-memory-count": "5", "cluster-count": "0" };
    expect(await warnings(left(counts))).toEqual([
      [
        "warning: The tenancy's limits leave too little for what this stack is about to create, and OCI would refuse it with LimitExceeded:",
        "  GB of memory of VM.Standard.E4.Flex: 15 left, 16 needed (compute: standard-e4-memory-count)",
        "  OKE clusters: 0 left, 1 needed (container-engine: cluster-count)",
        "Request an increase in the console under Governance, Limits, Quotas and Usage, or free some. To use another shape: pulumi config set --path nodes.shape <shape>. To check them again: npm run doctor",
      ].join("\n"),
    ]);
  });

  test("asks for each availability domain where the limit is one of a domain, and only there", async () => {
    const asked: string[] = [];
    const getResourceAvailability: Invokes[string] = ({ limitName, availabilityDomain }) => {
      asked.push(`${String(limitName)} ${String(availabilityDomain)}`);
      return { available: "100" };
    };
    expect(await warnings({ getResourceAvailability })).toEqual([]);
    const domains = [1, 2, 3].map((each) => `<availability domain ${each}>`);
    expect(asked.sort()).toEqual([
      "cluster-count undefined",
      ...domains.map((domain) => `standard-e4-core-count ${domain}`),
      ...domains.map((domain) => `standard-e4-memory-count ${domain}`),
      "vcn-count undefined",
    ]);
  });

  test.each<[string, Invokes]>([
    ["OCI reports no number", left({ "vcn-count": undefined })],
    ["the provider has an empty one", left({ "vcn-count": "" })],
    [
      "this identity lacks permission to read limits",
      {
        getResourceAvailability: () => {
          throw new Error("404-NotAuthorizedOrNotFound, no");
        },
      },
    ],
  ])("says nothing where %s", async (_, invokes) => {
    expect(await warnings(invokes)).toEqual([]);
  });

  test("needs a load balancer from stage mesh on", async () => {
    const none = left({ "lb-flexible-count": "0" });
    expect(await warnings(none)).toEqual([]);
    const [warning] = await warnings(none, { stage: "mesh", mesh: { gatewayApi: "existing" } });
    expect(warning).toContain("  load balancers: 0 left, 1 needed");
  });
});

describe("a deployed stack", () => {
  const nothing: Invokes = { getResourceAvailability: { available: "0" } };
  const vcn = { freeformTags: tags, state: "AVAILABLE", cidrBlocks: ["10.0.0.0/16"] };
  const deployed: Invokes = {
    ...nothing,
    getVcns: { virtualNetworks: [vcn] },
    getClusters: { clusters: [running] },
    getNodePools: { nodePools: [pool] },
  };

  test("gets no warning, although its own resources fill the limits", async () => {
    expect(await warnings(deployed)).toEqual([]);
  });

  test("that was interrupted before its pool needs only what the pool takes", async () => {
    const [warning] = await warnings({ ...deployed, getNodePools: { nodePools: [] } });
    expect(warning).toContain("OCPUs of VM.Standard.E4.Flex: 0 left, 2 needed");
    expect(warning).not.toMatch(/VCNs|OKE clusters/);
  });

  test("needs room for a second pool if another image replaces its pool", async () => {
    const image = { nodes: { imageId: "ocid1.image.oc1..new" }, kubernetesVersion: "v1.34.2" };
    expect((await warnings(deployed, image))[0]).toContain("OCPUs of VM.Standard.E4.Flex");
    expect(await warnings(deployed, { ...image, clusterType: "enhanced" })).toEqual([]);
  });
});
