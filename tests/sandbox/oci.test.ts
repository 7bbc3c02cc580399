import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import * as command from "@pulumi/command";
import * as oci from "@pulumi/oci";
import * as pulumi from "@pulumi/pulumi";
import { LocalWorkspace, type OutputMap, type Stack } from "@pulumi/pulumi/automation/index.js";

import { Engine } from "../../sandbox/engine.js";
import { Cloud } from "../../sandbox/oci/cloud.js";
import { clientEnvironment } from "../../sandbox/oci/environment.js";
import { type StateResource, takeOver } from "../../sandbox/oci/created.js";
import { Endpoint } from "../../sandbox/oci/endpoint.js";
import { apiKey, compartmentId } from "../../sandbox/oci/identity.js";
import type { Machinery } from "../../sandbox/oci/machinery.js";
import { Store } from "../../sandbox/oci/store.js";
import { writeShim } from "../../sandbox/plugins/discover.js";
import { ensureTools } from "../../sandbox/tools/index.js";
import "./late-answers.js";

// The real engine and the stand-ins for the oci and command plugins, on an endpoint in this process.
const folder = mkdtempSync(join(tmpdir(), "oci-"));
const nodes = new Set<string>();
const machinery: Machinery = {
  startCluster: async () => ({ server: "https://127.0.0.1:6443", caPem: "CA" }),
  stopCluster: async () => nodes.clear(),
  addNode: async ({ name }) => void nodes.add(name),
  removeNode: async (name) => void nodes.delete(name),
};
const cloud = new Cloud(new Store(), machinery, folder);
let endpoint: Endpoint;
let stack: Stack;

interface Settings {
  size: number;
  port: number;
  tags: Record<string, string>;
}
let settings: Settings = { size: 1, port: 6443, tags: { team: "mesh" } };

async function program(): Promise<Record<string, unknown>> {
  const { size, port, tags } = settings;
  const shared = { compartmentId, freeformTags: tags };
  const { availabilityDomains } = await oci.identity.getAvailabilityDomains({ compartmentId });
  const { sources } = await oci.containerengine.getNodePoolOption({ nodePoolOptionId: "all" });
  const image = sources.find(({ sourceName }) =>
    /^Oracle-Linux-9.7-2.*-OKE-1.35.2/.test(sourceName),
  );
  const vcn = new oci.core.Vcn("vcn", { ...shared, cidrBlocks: ["10.0.0.0/16"], dnsLabel: "oke" });
  const inVcn = { ...shared, vcnId: vcn.id };
  const gateway = new oci.core.InternetGateway("internet", { ...inVcn, enabled: true });
  const routes = new oci.core.RouteTable("routes", {
    ...inVcn,
    routeRules: [{ destination: "0.0.0.0/0", networkEntityId: gateway.id }],
  });
  const rules = new oci.core.SecurityList("rules", {
    ...inVcn,
    ingressSecurityRules: [
      { source: "10.0.0.0/16", protocol: "all", stateless: false },
      { source: "0.0.0.0/0", protocol: "6", tcpOptions: { min: port, max: port } },
    ],
    egressSecurityRules: [{ destination: "0.0.0.0/0", protocol: "all" }],
  });
  const subnet = (name: string, cidrBlock: string) =>
    new oci.core.Subnet(name, {
      ...inVcn,
      cidrBlock,
      routeTableId: routes.id,
      securityListIds: [rules.id],
    });
  const api = subnet("api", "10.0.0.0/28");
  const workers = subnet("workers", "10.0.1.0/24");
  const balancers = subnet("load-balancers", "10.0.2.0/24");
  const cluster = new oci.containerengine.Cluster("cluster", {
    ...shared,
    name: "mesh",
    vcnId: vcn.id,
    kubernetesVersion: "v1.35.2",
    clusterPodNetworkOptions: [{ cniType: "FLANNEL_OVERLAY" }],
    endpointConfig: { subnetId: api.id, isPublicIpEnabled: true },
    options: { serviceLbSubnetIds: [balancers.id] },
  });
  const pool = new oci.containerengine.NodePool("pool", {
    ...shared,
    name: "workers",
    clusterId: cluster.id,
    kubernetesVersion: "v1.35.2",
    nodeShape: "VM.Standard.E4.Flex",
    nodeShapeConfig: { ocpus: 2, memoryInGbs: 16 },
    nodeSourceDetails: {
      sourceType: "IMAGE",
      imageId: image?.imageId ?? "",
      bootVolumeSizeInGbs: "50",
    },
    nodeConfigDetails: {
      size,
      placementConfigs: availabilityDomains.map(({ name }) => ({
        availabilityDomain: name,
        subnetId: workers.id,
      })),
    },
    nodeMetadata: { user_data: "IyEvYmluL2Jhc2gK" },
  });
  const said = new command.local.Command("said", {
    create: 'echo "$GREETING after ${PULUMI_COMMAND_STDOUT:-nothing}"',
    delete: `echo gone > ${join(folder, "gone")}`,
    environment: { GREETING: pulumi.interpolate`${size} workers` },
  });
  const kubeconfig = cluster.id.apply(
    async (clusterId) =>
      (await oci.containerengine.getClusterKubeConfig({ clusterId, tokenVersion: "2.0.0" }))
        .content,
  );
  return {
    clusterId: cluster.id,
    endpoint: cluster.endpoints[0]!.publicEndpoint,
    domain: vcn.vcnDomainName,
    kubeconfig: pulumi.secret(kubeconfig),
    node: pool.nodes[0]!.name,
    said: said.stdout,
  };
}

const kinds = () => cloud.store.all().map(({ kind }) => kind);
const changes = (summary: { resourceChanges?: Record<string, number | undefined> }) =>
  summary.resourceChanges;
const valuesOf = (outputs: OutputMap) =>
  Object.fromEntries(Object.entries(outputs).map(([key, { value }]) => [key, value as unknown]));

beforeAll(async () => {
  const key = apiKey(join(folder, "oci"));
  endpoint = await Endpoint.listen({ cloud, keys: { [key.keyId]: key.publicKey } });
  const shims = join(folder, "plugins");
  mkdirSync(shims);
  for (const name of ["oci", "command"] as const) writeShim(name, shims);
  mkdirSync(join(folder, "state"));
  writeFileSync(join(folder, "Pulumi.yaml"), "name: life\nruntime: nodejs\n");
  const { pulumi: cli } = await ensureTools(() => undefined);
  stack = await LocalWorkspace.createStack(
    { stackName: "test", projectName: "life", program },
    {
      workDir: folder,
      pulumiCommand: (await Engine.open(cli)).command,
      envVars: {
        ...clientEnvironment(endpoint.url, key),
        PATH: `${shims}:${process.env["PATH"]}`,
        PULUMI_BACKEND_URL: `file://${join(folder, "state")}`,
        PULUMI_CONFIG_PASSPHRASE: "test",
        PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
        PULUMI_SKIP_UPDATE_CHECK: "true",
      },
    },
  );
}, 30 * 60_000);

afterAll(async () => {
  await endpoint.close();
  rmSync(folder, { recursive: true });
});

describe("the life of a cluster on the endpoint", () => {
  test("everything is created, also where OCI says for a while that it is busy", async () => {
    cloud.faults.plant({
      method: "POST",
      path: "/subnets$",
      status: 409,
      code: "Conflict",
      message: "The VCN is being changed",
      times: 2,
    });
    const { summary, outputs } = await stack.up();
    expect(changes(summary)).toEqual({ create: 11 });
    const { kubeconfig, node, ...others } = valuesOf(outputs);
    expect(others).toEqual({
      clusterId: expect.stringMatching(/^ocid1\.cluster\./),
      endpoint: "127.0.0.1:6443",
      domain: "oke.oraclevcn.com",
      said: "1 workers after nothing",
    });
    expect(kubeconfig).toContain("generate-token");
    expect(outputs["kubeconfig"]?.secret).toBe(true);
    expect([...nodes]).toEqual([node]);
  }, 120_000);

  test("a second up and a refresh find nothing to do", async () => {
    expect(changes((await stack.up()).summary)).toEqual({ same: 11 });
    expect(changes((await stack.refresh()).summary)).toEqual({ same: 11 });
    expect(changes((await stack.up()).summary)).toEqual({ same: 11 });
  }, 120_000);

  test("what changes in place is updated in place", async () => {
    const before = valuesOf(await stack.outputs());
    settings = { size: 2, port: 6444, tags: { team: "mesh" } };
    expect((await stack.preview()).changeSummary).toEqual({ same: 8, update: 3 });
    const { summary, outputs } = await stack.up();
    expect(changes(summary)).toEqual({ same: 8, update: 3 });
    expect(valuesOf(outputs)).toEqual({
      ...before,
      said: "2 workers after 1 workers after nothing",
    });
    expect(nodes.size).toBe(2);
    const list = cloud.store.all("securitylist").at(-1)?.item;
    expect(JSON.stringify(list)).toContain('"destinationPortRange":{"min":6444,"max":6444}');
  }, 120_000);

  test("what somebody changed by hand shows in a refresh and is mended", async () => {
    const vcn = cloud.store.all("vcn")[0]?.item;
    cloud.store.patch(vcn?.id ?? "", { freeformTags: { team: "other", more: "1" } });
    expect(changes((await stack.refresh()).summary)).toEqual({ same: 10, update: 1 });
    expect(changes((await stack.up()).summary)).toEqual({ same: 10, update: 1 });
    expect(cloud.store.all("vcn")[0]?.item["freeformTags"]).toEqual({ team: "mesh" });
  }, 120_000);

  test("work that OCI gives up fails in the plugin's words, and the next up goes on", async () => {
    cloud.faults.plant({
      operation: "NODEPOOL_UPDATE",
      message: "1 nodes(s) launch failure: Out of host capacity.",
    });
    settings = { ...settings, size: 3 };
    await expect(stack.up()).rejects.toThrow(
      /work request did not succeed, workId: ocid1\.clustersworkrequest\S+, entity: nodepool, action: UPDATED\. Message: 1 nodes\(s\) launch failure: Out of host capacity\./,
    );
    expect((await stack.up()).summary.resourceChanges?.update).toBeGreaterThan(0);
    expect(nodes.size).toBe(3);
  }, 120_000);

  test("a create whose end nobody saw is taken over, not done a second time", async () => {
    const before = cloud.store.all().length;
    const { version, deployment } = await stack.exportStack();
    const resources = deployment.resources as StateResource[];
    const cut = resources.findIndex(({ urn }) => urn.endsWith("::pool"));
    const [pool] = resources.splice(cut, 1);
    const { urn = "", id, outputs } = pool ?? {};
    const cutOff = { ...pool, id: undefined, outputs: undefined };
    const pending_operations = [{ resource: cutOff, type: "creating" }];

    const taken = await takeOver(endpoint.url, { ...deployment, pending_operations });
    expect(taken.urns).toEqual([urn]);
    await stack.importStack({ version, deployment: taken.deployment });
    await stack.refresh({ target: taken.urns });
    const { deployment: after } = await stack.exportStack();
    const again = (after.resources as StateResource[]).find((resource) => resource.urn === urn);
    expect(again).toMatchObject({ id, outputs: { nodes: outputs?.["nodes"] } });
    expect(changes((await stack.up()).summary)).toEqual({ same: 11 });
    expect(cloud.store.all()).toHaveLength(before);
  }, 120_000);

  test("destroy leaves nothing but the record of the cluster", async () => {
    await stack.destroy();
    const live = cloud.store.all().filter(({ item }) => item.lifecycleState !== "DELETED");
    expect(live).toEqual([]);
    expect(kinds()).toEqual(["cluster", "nodepool"]);
    expect(nodes.size).toBe(0);
  }, 120_000);
});
