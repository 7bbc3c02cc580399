import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";

import { parseSettings } from "../../../components/settings/settings.js";
import { Cloud } from "../../../emulator/oci/cloud.js";
import { Endpoint } from "../../../emulator/oci/http/endpoint.js";
import { clientEnvironment } from "../../../emulator/oci/tenancy/environment.js";
import { apiKey, compartmentId, region } from "../../../emulator/oci/tenancy/identity.js";
import { Store, newOcid } from "../../../emulator/oci/state/store.js";
import { exitCode, renderInventory } from "../../../tools/verify/teardown/leftovers.js";
import { teardownInventory } from "../../../tools/verify/teardown/prove.js";

// Sends signed requests to a sandbox's OCI endpoint on which the tests create leftovers.
const folder = mkdtempSync(join(tmpdir(), "verify-destroyed-"));
const key = apiKey(join(folder, "oci"));
let cloud: Cloud;
let endpoint: Endpoint;
const served = { keys: { [key.keyId]: key.publicKey } } as { cloud: Cloud; keys: object };

const shared = { compartmentId, freeformTags: { "oke-ambient-mesh-stack": "dev" } };
const untagged = { compartmentId };
const availabilityDomain = "SANDBOX-AD-1";

beforeAll(async () => {
  freshCloud();
  endpoint = await Endpoint.listen(served as Parameters<typeof Endpoint.listen>[0]);
});
afterAll(async () => {
  await endpoint.close();
  rmSync(folder, { recursive: true });
});
beforeEach(freshCloud);

function freshCloud(): void {
  const backend = {
    startCluster: async () => ({ server: "https://127.0.0.1:6443", caPem: "CA" }),
    stopCluster: async () => undefined,
    addNode: async () => undefined,
    removeNode: async () => undefined,
  };
  cloud = new Cloud(new Store(), backend, folder);
  served.cloud = cloud;
}

const prove = (sleep?: (ms: number) => Promise<void>) =>
  teardownInventory(
    {
      stack: "dev",
      settings: parseSettings({
        cluster: "oke",
        compartmentId,
        network: { apiAllowedCidrs: ["192.0.2.0/24"] },
      }),
      oci: clientEnvironment(endpoint.url, key),
    },
    sleep,
  );
const left = async () => (await prove()).leftovers.map(({ kind, name }) => `${kind} ${name}`);

/** A network whose contents do not have the stack's tag. */
function network() {
  const vcn = cloud.resources.create("vcn", {
    ...shared,
    cidrBlocks: ["10.0.0.0/16"],
    displayName: "net",
  });
  const subnet = cloud.resources.create("subnet", {
    ...shared,
    vcnId: vcn.id,
    cidrBlock: "10.0.1.0/24",
    displayName: "load-balancers",
  });
  return { vcnId: vcn.id, subnetId: subnet.id };
}

async function done(request: { id: string }): Promise<void> {
  while (cloud.workRequests.get(request.id).status !== "SUCCEEDED") {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

describe("the check after a teardown", () => {
  test("succeeds in an empty compartment", async () => {
    const inventory = await prove();
    expect(inventory).toEqual({ leftovers: [], unchecked: [] });
    expect(exitCode(inventory)).toBe(0);
  });

  test("ignores the resources of other stacks", async () => {
    const tags = { freeformTags: { "oke-ambient-mesh-stack": "prod" } };
    cloud.resources.create("vcn", { ...untagged, ...tags, cidrBlocks: ["10.0.0.0/16"] });
    cloud.resources.create("volume", { ...untagged, availabilityDomain });
    expect(await left()).toEqual([]);
  });

  test("names a load balancer with the tag or in the network, and the command that deletes it", async () => {
    const { subnetId } = network();
    const plain = { ...untagged, shapeName: "flexible", subnetIds: [subnetId] };
    const { item, request } = cloud.loadBalancers.create({ ...plain, displayName: "of a service" });
    await done(request);
    const inventory = await prove();
    expect(inventory.leftovers[0]).toMatchObject({
      kind: "load balancer",
      name: "of a service",
      why: "is in subnet load-balancers",
      remove: `oci lb load-balancer delete --load-balancer-id ${item.id} --force --region ${region}`,
    });
    expect(exitCode(inventory)).toBe(1);
    expect(renderInventory("stack dev", inventory)).toContain("✖ load balancer of a service");
  });

  test("names a VNIC in a remaining subnet", async () => {
    const { subnetId } = network();
    cloud.resources.create("vnic", { ...untagged, subnetId, displayName: "forgotten" });
    expect(await left()).toEqual(["VNIC forgotten", "subnet load-balancers", "VCN net"]);
  });

  test("names a cluster and its node pool", async () => {
    const { vcnId, subnetId } = network();
    const created = cloud.clusters.create({
      ...shared,
      name: "cluster",
      vcnId,
      kubernetesVersion: "v1.35.2",
      options: { serviceLbSubnetIds: [subnetId] },
    });
    await done(created);
    cloud.store.put({
      kind: "nodepool",
      item: {
        ...untagged,
        id: newOcid("nodepool"),
        name: "pool",
        clusterId: created.resources[0]?.identifier,
        nodeSourceDetails: { imageId: "" },
        lifecycleState: "ACTIVE",
        timeCreated: "",
      },
    });
    expect(await left()).toEqual([
      "node pool pool",
      "cluster cluster",
      "subnet load-balancers",
      "VCN net",
    ]);
  });

  test.each([
    ["volume", "block volume", { availabilityDomain }],
    ["bootvolume", "boot volume", { availabilityDomain }],
    ["instance", "instance", { shape: "VM.Standard.E4.Flex" }],
  ])("names a tagged %s", async (kind, title, properties) => {
    cloud.resources.create(kind, { ...shared, ...properties, displayName: "forgotten" });
    expect(await left()).toEqual([`${title} forgotten`]);
  });

  test.each([
    ["internetgateway", "internet gateway", {}],
    ["natgateway", "NAT gateway", {}],
    ["servicegateway", "service gateway", { services: [] }],
    ["routetable", "route table", {}],
    ["securitylist", "security list", { egressSecurityRules: [], ingressSecurityRules: [] }],
    ["networksecuritygroup", "network security group", {}],
  ])(
    "names a %s in the stack's VCN, except the VCN's defaults",
    async (kind, title, properties) => {
      const { vcnId } = network();
      cloud.resources.create(kind, { ...untagged, ...properties, vcnId, displayName: "forgotten" });
      const found = await left();
      expect(found).toContain(`${title} forgotten`);
      expect(found).toHaveLength(3);
    },
  );

  test("waits for a resource that is being deleted", async () => {
    const volume = cloud.resources.create("volume", { ...shared, availabilityDomain });
    cloud.store.patch(volume.id, { lifecycleState: "TERMINATING" });
    let waits = 0;
    const inventory = await prove(async () => {
      if (++waits === 3) cloud.store.remove(volume.id);
    });
    expect([waits, inventory.leftovers]).toEqual([3, []]);
  });

  test("does not succeed if OCI denies a list", async () => {
    cloud.faults.inject({
      method: "GET",
      path: "/loadBalancers$",
      status: 404,
      code: "NotAuthorizedOrNotFound",
      message: "Authorization failed or requested resource not found.",
      times: 1,
    });
    const inventory = await prove();
    expect(exitCode(inventory)).toBe(3);
    expect(inventory.unchecked).toEqual([expect.stringMatching(/^load balancers: NotAuthorized/)]);
  });

  test("does not succeed if OCI does not answer", async () => {
    const closed = await Endpoint.listen(served as Parameters<typeof Endpoint.listen>[0]);
    const away = clientEnvironment(closed.url, key);
    await closed.close();
    const settings = parseSettings({
      cluster: "oke",
      compartmentId,
      network: { apiAllowedCidrs: ["192.0.2.0/24"] },
    });
    const inventory = await teardownInventory({ stack: "dev", settings, oci: away });
    expect(exitCode(inventory)).toBe(3);
    expect(inventory.unchecked).toEqual([expect.stringMatching(/load balancers, .*ECONNREFUSED/)]);
  });
});
