import { setTimeout as sleep } from "node:timers/promises";

import { equal, projected } from "./diff.js";
import { fromApi } from "./mapping.js";
import { resourceTypes } from "./types.js";
import { kinds } from "../../oci/network/kinds.js";
import type { Item } from "../../oci/state/store.js";

/** A resource in a deployment of the engine. */
export interface StateResource {
  urn: string;
  /** Type token: `oci:Core/vcn:Vcn`. */
  type: string;
  id?: string;
  /** Replaced, and yet to be deleted. */
  delete?: boolean;
  /** URNs. */
  dependencies?: string[];
  inputs?: Record<string, unknown>;
  outputs?: Record<string, unknown>;
}

/** As much of an exported deployment as matters here: https://www.pulumi.com/docs/iac/cli/commands/pulumi_stack_export/ */
export interface Deployment {
  resources?: StateResource[];
  pending_operations?: { type: string; resource: StateResource }[];
}

/**
 * Takes over what came of creates that were cut off: the resources of the endpoint that are as their inputs say and
 * that no state knows. Without it they would be made a second time. Their outputs are filled in by a refresh.
 *
 * @param url of the sandbox's endpoint.
 * @returns the deployment with them in it, and their URNs; the same one where there are none.
 */
export async function takeOver<T extends Deployment>(
  url: string,
  deployment: T,
): Promise<{ deployment: T; urns: string[] }> {
  const { resources = [], pending_operations: pending = [] } = deployment;
  const creating = pending.filter(({ type }) => type === "creating");
  const known = new Set(resources.flatMap(({ id }) => id ?? []));
  const created = await findCreated(
    url,
    creating.map(({ resource }) => resource),
    known,
  );
  if (created.length === 0) return { deployment, urns: [] };
  const urns = created.map(({ urn }) => urn);
  return {
    urns,
    deployment: {
      ...deployment,
      resources: created.reduce(withCreated, resources),
      pending_operations: pending.filter(({ resource }) => !urns.includes(resource.urn)),
    },
  };
}

/**
 * What takes the place of another one leaves that to be deleted, as the engine has it at the end of such a create
 * (https://github.com/pulumi/pulumi/blob/v3.259.0/pkg/resource/deploy/step.go, CreateStep): a state has each URN only
 * once but for those. It stands behind what it depends on, before what depends on it.
 */
function withCreated(resources: StateResource[], created: StateResource): StateResource[] {
  const isReplaced = ({ urn, delete: gone }: StateResource) => urn === created.urn && !gone;
  const place = resources.findIndex(isReplaced);
  if (place < 0) return [...resources, created];
  const needed = resources.findLastIndex(({ urn }) => created.dependencies?.includes(urn)) + 1;
  const all = resources.map((one) => (isReplaced(one) ? { ...one, delete: true } : one));
  all.splice(Math.max(place, needed), 0, created);
  return all;
}

async function findCreated(
  url: string,
  pending: readonly StateResource[],
  known: ReadonlySet<string>,
): Promise<StateResource[]> {
  const taken = new Set(known);
  const found: StateResource[] = [];
  for (const resource of pending) {
    const { type, inputs = {} } = resource;
    const resourceType = resourceTypes[type];
    if (!resourceType) continue;
    const kind =
      resourceType.entity ?? kinds.find(({ path }) => path === resourceType.path)?.kind ?? "";
    const item = (await settled(url, kind)).find(
      (candidate) =>
        !taken.has(candidate.id) && equal(projected(fromApi(candidate), inputs), inputs),
    );
    if (!item) continue;
    taken.add(item.id);
    found.push({ ...resource, id: item.id, outputs: inputs });
  }
  return found;
}

/** The resources of a kind, once none is under way. */
async function settled(url: string, kind: string): Promise<Item[]> {
  for (;;) {
    const answer = await fetch(`${url}/sandbox/resources`);
    const all = (await answer.json()) as (Item & { kind: string })[];
    const live = all.filter(
      (item) => item.kind === kind && !["DELETED", "FAILED"].includes(item.lifecycleState),
    );
    const underWay = ["CREATING", "UPDATING", "DELETING"];
    if (live.every(({ lifecycleState }) => !underWay.includes(lifecycleState))) return live;
    await sleep(200);
  }
}
