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
  /** Whether it is replaced and still to be deleted. */
  delete?: boolean;
  /** URNs. */
  dependencies?: string[];
  inputs?: Record<string, unknown>;
  outputs?: Record<string, unknown>;
}

/** The part of an exported deployment that is used here: https://www.pulumi.com/docs/iac/cli/commands/pulumi_stack_export/ */
export interface Deployment {
  resources?: StateResource[];
  pending_operations?: { type: string; resource: StateResource }[];
}

/**
 * Adds resources to a deployment whose creation was interrupted: those at the endpoint that match the inputs of a pending
 * create and that the state does not know. Otherwise the next operation would create them a second time. A refresh fills
 * in their outputs.
 *
 * @param url of the OCI endpoint.
 * @returns the deployment with the added resources, and their URNs.
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
 * Adds a created resource after those it depends on. A resource that it replaces is marked for deletion, as the engine
 * does at the end of a create: no other URN may occur twice in a state.
 * https://github.com/pulumi/pulumi/blob/v3.259.0/pkg/resource/deploy/step.go, CreateStep
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

/** The resources of a kind, after their operations in progress. */
async function settled(url: string, kind: string): Promise<Item[]> {
  for (;;) {
    const answer = await fetch(`${url}/emulator/resources`);
    const all = (await answer.json()) as (Item & { kind: string })[];
    const live = all.filter(
      (item) => item.kind === kind && !["DELETED", "FAILED"].includes(item.lifecycleState),
    );
    const inProgress = ["CREATING", "UPDATING", "DELETING"];
    if (live.every(({ lifecycleState }) => !inProgress.includes(lifecycleState))) return live;
    await sleep(200);
  }
}
