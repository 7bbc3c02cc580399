import { describe, expect, test } from "@jest/globals";

import { OciError } from "../../../components/oke/oci/rest.js";
import type { Identity } from "../../../components/oke/token/identity.js";
import { parseSettings } from "../../../components/settings/settings.js";
import { ociRows, placeRows } from "../../../tools/doctor/oci.js";
import type { Ask } from "../../../tools/doctor/limits.js";
import { ol8, source, versions } from "../../components/oke/versions/offers.js";

const compartmentId = "ocid1.compartment.oc1..c";
const tags = { "oke-ambient-mesh-stack": "dev" };
const refusal = (status: number) => new OciError(status, "Refused", "no");

/** What OCI answers, by the beginning of a path; an error is thrown. */
const tenancy = {
  "/compartments/": { name: "demo", lifecycleState: "ACTIVE" },
  "/availabilityDomains": [{ name: "AD-1" }, { name: "AD-2" }],
  "/services/compute/": { available: 20 },
  "/services/load-balancer/": { available: 1 },
  "/services/vcn/": { available: 1 },
  "/services/container-engine/": { available: 1 },
  "/clusterOptions/": { kubernetesVersions: versions },
  "/nodePoolOptions/": {
    kubernetesVersions: versions,
    shapes: ["VM.Standard.E4.Flex"],
    sources: [source(ol8("1.36.1"))],
  },
  "/clusters?": [] as unknown[],
  "/nodePools?": [] as unknown[],
};

/** A stack that is up, on an image that is offered no longer. */
const cluster = {
  id: "ocid1.cluster.oc1..a",
  lifecycleState: "ACTIVE",
  freeformTags: tags,
  kubernetesVersion: "v1.34.2",
  type: "BASIC_CLUSTER",
};
const pool = {
  id: "ocid1.nodepool.oc1..a",
  lifecycleState: "ACTIVE",
  freeformTags: { ...tags, "oke-ambient-mesh-workers-for": "v1.34.2" },
  kubernetesVersion: "v1.33.1",
  nodeSourceDetails: { imageId: "ocid1.image.oc1..withdrawn" },
  nodeSource: { sourceName: "Oracle-Linux-7.9-2025.01.31-0-OKE-1.33.1-764" },
};

async function look(changes: Record<string, unknown>, more: Record<string, unknown> = {}) {
  const answers = Object.entries({ ...tenancy, ...changes });
  const ask = (async (_service: string, path: string) => {
    // The most precise one counts.
    const [, answer] =
      answers
        .filter(([begin]) => path.startsWith(begin))
        .sort(([a], [b]) => b.length - a.length)[0] ?? [];
    if (answer instanceof Error) throw answer;
    return answer;
  }) as Ask;
  const settings = parseSettings({
    compartmentId,
    network: { apiAllowedCidrs: ["203.0.113.7/32"] },
    nodes: { os: "8.10" },
    ...more,
  });
  const who = { identity: {} as Identity, region: "eu-frankfurt-1", stack: "dev" };
  const rows = await ociRows(ask, settings, who);
  return (check: string) => rows.find((row) => row.check.includes(check));
}

describe("a deployed stack", () => {
  const up = { "/clusters?": [cluster], "/nodePools?": [pool] };
  const seven = { nodes: { os: "7.9" } };

  test("has no problem with a withdrawn image", async () => {
    expect((await look(up, seven))("versions")).toEqual({
      check: "versions and image",
      state: "ok",
      found:
        "control plane v1.34.2, workers v1.33.1 on Oracle-Linux-7.9-2025.01.31-0-OKE-1.33.1-764",
    });
    expect((await look({}, seven))("versions")?.state).toBe("problem");
  });

  test("has no problem with a withdrawn shape", async () => {
    const gone = {
      "/nodePoolOptions/": { ...tenancy["/nodePoolOptions/"], shapes: ["VM.GPU2.1"] },
    };
    expect((await look({ ...up, ...gone }))("shape")?.state).toBe("ok");
    expect((await look(gone))("shape")?.state).toBe("problem");
  });

  test("does not need its limits a second time", async () => {
    const used = { "/services/vcn/": { available: 0 } };
    expect((await look({ ...up, ...used }))("VCNs")?.found).toBe(
      "0 left, the stack already uses its own",
    );
    expect((await look(used))("VCNs")?.state).toBe("problem");
  });

  test.each([
    ["another's", { freeformTags: { "oke-ambient-mesh-stack": "other" } }],
    ["one that failed", { lifecycleState: "FAILED" }],
    ["one that goes", { lifecycleState: "DELETING" }],
  ])("ignores a cluster of its name that is %s", async (_, change) => {
    const row = await look({
      ...up,
      "/clusters?": [{ ...cluster, ...change }],
      "/services/vcn/": { available: 0 },
    });
    expect(row("VCNs")?.state).toBe("problem");
    expect(row("versions")?.found).toContain("control plane v1.36.1");
  });

  test("has one cluster: several with its tag are a problem, as for an up", async () => {
    const clusters = [cluster, { ...cluster, id: "ocid1.cluster.oc1..b" }];
    const row = await look({ ...up, "/clusters?": clusters, "/services/vcn/": { available: 0 } });
    expect(row("stack's cluster")).toEqual({
      check: "the stack's cluster",
      state: "problem",
      found: `Compartment ${compartmentId} has 2 clusters of stack dev: ocid1.cluster.oc1..a, ocid1.cluster.oc1..b.`,
      remedy: expect.stringMatching(/^To see which .*: pulumi stack output clusterId\n/),
    });
    for (const check of ["VCNs", "versions"]) expect(row(check)?.state).toBe("not checked");
    const gone = { ...cluster, id: "ocid1.cluster.oc1..c", lifecycleState: "DELETED" };
    const one = await look({ ...up, "/clusters?": [gone, cluster] }, seven);
    expect([one("stack's cluster"), one("versions")?.state]).toEqual([undefined, "ok"]);
  });

  test("may exist if clusters cannot be listed: versions and exhausted limits are not checked", async () => {
    const row = await look({ "/clusters?": refusal(500), "/services/vcn/": { available: 0 } });
    expect(row("VCNs")).toMatchObject({ state: "not checked" });
    expect(row("load balancers")?.state).toBe("ok");
    expect(row("versions")).toMatchObject({ state: "not checked" });
    const forbidden = await look({ "/clusters?": refusal(404) });
    expect(forbidden("versions")?.remedy).toContain("cluster-family");
  });
});

test("a region whose subscription is in progress is waited for, and not replaced by another", async () => {
  const ask = (async () => [
    { regionName: "eu-frankfurt-1", status: "IN_PROGRESS" },
    { regionName: "eu-zurich-1", status: "READY" },
  ]) as unknown as Ask;
  const who = { identity: { tenancyId: "t" } as Identity, region: "eu-frankfurt-1" };
  expect(await placeRows(ask, who, undefined)).toEqual([
    {
      check: "region",
      state: "problem",
      found: "the tenancy's subscription to eu-frankfurt-1 is not ready yet",
      remedy: expect.stringMatching(/^Wait a few minutes/),
    },
  ]);
});

test("a cluster without its pool needs the pool's limits, and no second cluster", async () => {
  const row = await look({
    "/clusters?": [cluster],
    "/services/compute/": { available: 0 },
    "/services/container-engine/": { available: 0 },
  });
  expect(row("OCPUs")?.state).toBe("problem");
  expect(row("OKE clusters")?.found).toBe("0 left, the stack already uses its own");
});

describe("a limit is not checked", () => {
  test.each<[string, Record<string, unknown>, string, RegExp]>([
    ["OCI gives no number", { "/services/vcn/": {} }, "VCNs", /does not report.*vcn-count/],
    [
      "OCI gives no number for some domain, and the others' do not do",
      { "/services/compute/": { available: null } },
      "OCPUs",
      /does not report/,
    ],
    [
      "the domains can't be listed",
      { "/availabilityDomains": refusal(500) },
      "OCPUs",
      /domains could not be listed/,
    ],
    [
      "OCI knows other limits and not this one",
      { "/services/container-engine/": refusal(404) },
      "OKE clusters",
      /does not report.*cluster-count/,
    ],
  ])("where %s", async (_, changes, check, found) => {
    expect((await look(changes))(check)).toEqual({
      check: expect.stringContaining(check),
      state: "not checked",
      found: expect.stringMatching(found),
    });
  });

  test("and points to the policy if OCI shows no limit at all", async () => {
    const row = await look(without("/services/"));
    for (const check of ["OCPUs", "VCNs", "OKE clusters"]) {
      expect(row(check)).toMatchObject({
        state: "problem",
        remedy: "Allow group <group> to read resource-availability in tenancy",
      });
    }
  });

  test("but is ok if the domains that answer have enough", async () => {
    const path = "/services/compute/limits/standard-e4-core-count/resourceAvailability";
    const query = new URLSearchParams({ compartmentId, availabilityDomain: "AD-1" });
    const row = await look({ [`${path}?${query}`]: refusal(500) });
    expect(row("OCPUs")).toMatchObject({ state: "ok", found: "20 left, 2 needed" });
  });
});

/** Those answers, each an error of a missing policy. */
function without(prefix: string): Record<string, Error> {
  const paths = Object.keys(tenancy).filter((path) => path.startsWith(prefix));
  return Object.fromEntries(paths.map((path) => [path, refusal(404)]));
}
