import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";

import { afterEach, beforeEach, expect, test } from "@jest/globals";

import {
  type Deployment,
  type StateResource,
  takeOver,
} from "../../../emulator/plugins/oci/take-over.js";

const type = "oci:Core/vcn:Vcn";
const urnOf = (name: string) => `urn:pulumi:sandbox::oke-ambient-mesh::${type}::${name}`;
const vcn = (id: string | undefined, range: string, more: object = {}): StateResource => ({
  urn: urnOf("vcn"),
  type,
  ...(id && { id }),
  inputs: { compartmentId: "c", cidrBlocks: [range] },
  ...more,
});
const needed = { urn: urnOf("needed"), type: "t" };
const dependent = { urn: urnOf("dependent"), type: "t", dependencies: [urnOf("vcn")] };

let oci: Server;
let live: object[];
beforeEach(async () => {
  oci = createServer((_, answer) => answer.end(JSON.stringify(live)));
  await new Promise<void>((up) => oci.listen(0, "127.0.0.1", up));
  live = [of("old", "10.0.0.0/16"), of("new", "10.1.0.0/16")];
});
afterEach(() => new Promise((closed) => oci.close(closed)));

const of = (id: string, range: string) => ({
  ...{ id, kind: "vcn", lifecycleState: "AVAILABLE", compartmentId: "c", cidrBlocks: [range] },
});
const takenOver = (deployment: Deployment) =>
  takeOver(`http://127.0.0.1:${(oci.address() as AddressInfo).port}`, deployment);
const creating = (resource: StateResource) => [{ type: "creating", resource }];

test("an interrupted create is added at the end and no longer pending", async () => {
  const resources = [needed];
  const pending_operations = creating(vcn(undefined, "10.1.0.0/16"));
  const { urns, deployment } = await takenOver({ resources, pending_operations });
  expect(urns).toEqual([urnOf("vcn")]);
  expect(deployment.pending_operations).toEqual([]);
  expect(deployment.resources).toMatchObject([needed, { urn: urnOf("vcn"), id: "new" }]);
});

test("an interrupted replacement comes between its dependencies and its dependents, and the old resource is to be deleted", async () => {
  const old = vcn("old", "10.0.0.0/16");
  const created = vcn(undefined, "10.1.0.0/16", { dependencies: [needed.urn] });
  const { deployment } = await takenOver({
    resources: [old, needed, dependent],
    pending_operations: creating(created),
  });
  expect(deployment.resources).toMatchObject([
    { id: "old", delete: true },
    needed,
    { id: "new" },
    dependent,
  ]);
  expect(deployment.resources?.[2]).not.toHaveProperty("delete");
});

test("a create without a result stays pending", async () => {
  live = [of("old", "10.0.0.0/16")];
  const old = vcn("old", "10.0.0.0/16");
  const given = { resources: [old], pending_operations: creating(vcn(undefined, "10.1.0.0/16")) };
  expect(await takenOver(given)).toEqual({ urns: [], deployment: given });
});
