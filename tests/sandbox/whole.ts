import { expect } from "@jest/globals";

import { backendFiles } from "../../tools/stacks/sandbox-backend.js";
import { readCheckpoint } from "../../tools/stacks/checkpoint.js";
import { SandboxOci } from "./endpoint.js";
import type { TestSandbox } from "./harness.js";

/** Expects that OCI has exactly the resources in the state, and none of the same kind and name twice. */
export async function expectOnceInOci(name: string): Promise<void> {
  const own = (await new SandboxOci(name).live()).filter(
    ({ freeformTags }) => freeformTags?.["managed-by"] === "oke-ambient-mesh",
  );
  const names = own.map(({ kind, displayName, name: other }) => `${kind} ${displayName ?? other}`);
  expect(names).toEqual([...new Set(names)]);
  const known = readCheckpoint(backendFiles(name).state)?.resources ?? [];
  const recorded = known.filter(({ type }) => type.startsWith("oci:")).map(({ id }) => id);
  // Resources that OKE and the cloud controller create are not in the state.
  const theirs = ["instance", "bootvolume", "vnic", "loadbalancer"];
  const made = own.filter(({ kind }) => !theirs.includes(kind)).map(({ id }) => id);
  expect(made.sort()).toEqual(recorded.sort());
}

/** Helm's releases by name, each with its status. */
export async function releases(sandbox: TestSandbox): Promise<Record<string, string>> {
  const text = await sandbox.tool("helm", "list", "--all-namespaces", "-o", "json");
  const all = JSON.parse(text) as { name: string; status: string }[];
  expect(all).toHaveLength(new Set(all.map(({ name }) => name)).size);
  return Object.fromEntries(all.map(({ name, status }) => [name, status]));
}

/** Numbers of Pods by their owner's name. */
export async function pods(sandbox: TestSandbox): Promise<Record<string, number>> {
  interface Pod {
    metadata: { namespace: string; generateName?: string };
  }
  const { items } = await sandbox.get<{ items: Pod[] }>("pods", "-A");
  const counts: Record<string, number> = {};
  for (const { metadata } of items) {
    const owner = (metadata.generateName ?? "").replace(/-([a-z0-9]{6,10}-)?$/, "");
    counts[owner] = (counts[owner] ?? 0) + 1;
  }
  return counts;
}

/** Every Release of the program, as {@link releases} shows it. */
export const deployed = {
  "istio-base": "deployed",
  istiod: "deployed",
  "istio-cni": "deployed",
  ztunnel: "deployed",
  "istio-ingressgateway": "deployed",
};
/** Every Pod of the last stage, as {@link pods} shows it. */
export const onePodEach = Object.fromEntries(
  [
    ...["istiod", "istio-cni-node", "ztunnel", "istio-ingressgateway", "sleep", "notsleep"],
    ...["details-v1", "productpage-v1", "ratings-v1", "reviews-v1", "reviews-v2", "reviews-v3"],
    ...["productpage-waypoint", "reviews-waypoint"],
  ].map((name) => [name, 1]),
);
