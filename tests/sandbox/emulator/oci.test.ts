import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import type { OutputMap } from "@pulumi/pulumi/automation/index.js";

import { type StateResource, takeOver } from "../../../emulator/plugins/oci/take-over.js";
import { SmallCluster } from "../small-cluster.js";

let cluster: SmallCluster;
beforeAll(async () => {
  cluster = await SmallCluster.open();
}, 30 * 60_000);
afterAll(() => cluster?.close());

const changes = (summary: { resourceChanges?: Record<string, number | undefined> }) =>
  summary.resourceChanges;
const valuesOf = (outputs: OutputMap) =>
  Object.fromEntries(Object.entries(outputs).map(([key, { value }]) => [key, value as unknown]));

describe("the life of a cluster on the endpoint", () => {
  test("creates everything even if OCI is busy for a while", async () => {
    await cluster.gone();
    cluster.cloud.faults.inject({
      method: "POST",
      path: "/subnets$",
      status: 409,
      code: "Conflict",
      message: "The VCN is being changed",
      times: 2,
    });
    const { summary, outputs } = await cluster.make();
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
    expect([...cluster.nodes]).toEqual([node]);
  }, 120_000);

  test("has no changes in a second up and a refresh", async () => {
    await cluster.there();
    expect(changes((await cluster.stack.up()).summary)).toEqual({ same: 11 });
    expect(changes((await cluster.stack.refresh()).summary)).toEqual({ same: 11 });
    expect(changes((await cluster.stack.up()).summary)).toEqual({ same: 11 });
  }, 120_000);

  test("updates in place the properties that can change in place", async () => {
    await cluster.asNew();
    const before = valuesOf(await cluster.stack.outputs());
    cluster.settings = { ...cluster.settings, size: 2, port: 6444 };
    expect((await cluster.stack.preview()).changeSummary).toEqual({ same: 8, update: 3 });
    const { summary, outputs } = await cluster.change();
    expect(changes(summary)).toEqual({ same: 8, update: 3 });
    expect(valuesOf(outputs)).toEqual({
      ...before,
      said: "2 workers after 1 workers after nothing",
    });
    expect(cluster.nodes.size).toBe(2);
    const list = cluster.cloud.store.all("securitylist").at(-1)?.item;
    expect(JSON.stringify(list)).toContain('"destinationPortRange":{"min":6444,"max":6444}');
  }, 120_000);

  test("shows manual changes in a refresh and reverts them", async () => {
    await cluster.there();
    const vcn = cluster.cloud.store.all("vcn")[0]?.item;
    cluster.cloud.store.patch(vcn?.id ?? "", { freeformTags: { team: "other", more: "1" } });
    expect(changes((await cluster.stack.refresh()).summary)).toEqual({ same: 10, update: 1 });
    expect(changes((await cluster.stack.up()).summary)).toEqual({ same: 10, update: 1 });
    expect(cluster.cloud.store.all("vcn")[0]?.item["freeformTags"]).toEqual({ team: "mesh" });
  }, 120_000);

  test("fails with the plugin's message if OCI's work fails, and the next up succeeds", async () => {
    await cluster.there();
    const size = cluster.settings.size + 1;
    cluster.cloud.faults.inject({
      operation: "NODEPOOL_UPDATE",
      message: "1 nodes(s) launch failure: Out of host capacity.",
    });
    cluster.settings = { ...cluster.settings, size };
    await expect(cluster.change()).rejects.toThrow(
      /work request did not succeed, workId: ocid1\.clustersworkrequest\S+, entity: nodepool, action: UPDATED\. Message: 1 nodes\(s\) launch failure: Out of host capacity\./,
    );
    expect((await cluster.stack.up()).summary.resourceChanges?.update).toBeGreaterThan(0);
    expect(cluster.nodes.size).toBe(size);
  }, 120_000);

  test("adopts the result of an interrupted create instead of creating it again", async () => {
    await cluster.there();
    const before = cluster.cloud.store.all().length;
    const { version, deployment } = await cluster.stack.exportStack();
    const resources = deployment.resources as StateResource[];
    const cut = resources.findIndex(({ urn }) => urn.endsWith("::pool"));
    const [pool] = resources.splice(cut, 1);
    const { urn = "", id, outputs } = pool ?? {};
    const cutOff = { ...pool, id: undefined, outputs: undefined };
    const pending_operations = [{ resource: cutOff, type: "creating" }];

    const taken = await takeOver(cluster.url, { ...deployment, pending_operations });
    expect(taken.urns).toEqual([urn]);
    await cluster.stack.importStack({ version, deployment: taken.deployment });
    await cluster.stack.refresh({ target: taken.urns });
    const { deployment: after } = await cluster.stack.exportStack();
    const again = (after.resources as StateResource[]).find((resource) => resource.urn === urn);
    expect(again).toMatchObject({ id, outputs: { nodes: outputs?.["nodes"] } });
    expect(changes((await cluster.stack.up()).summary)).toEqual({ same: 11 });
    expect(cluster.cloud.store.all()).toHaveLength(before);
  }, 120_000);

  test("leaves only the record of the cluster after a destroy", async () => {
    await cluster.there();
    await cluster.gone();
    const live = cluster.cloud.store.all().filter(({ item }) => item.lifecycleState !== "DELETED");
    expect(live).toEqual([]);
    const kinds = cluster.cloud.store.all().map(({ kind }) => kind);
    expect([...new Set(kinds)]).toEqual(["cluster", "nodepool"]);
    expect(cluster.nodes.size).toBe(0);
  }, 120_000);
});
