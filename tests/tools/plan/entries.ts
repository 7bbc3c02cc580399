import { parseSettings } from "../../../components/settings/settings.js";
import type { Entry, Plan } from "../../../tools/plan/plan.js";
import { guardRails } from "../../../tools/plan/rules/index.js";

const settings = parseSettings({
  compartmentId: "ocid1.compartment.oc1..a",
  network: { apiAllowedCidrs: ["203.0.113.7/32"] },
});

/** A resource of a plan, with nothing but what a test gives it. */
export function entry(name: string, type: string, rest: Partial<Entry> = {}): Entry {
  return {
    name,
    type,
    custom: !type.startsWith("oke-ambient-mesh:"),
    read: false,
    step: "cluster",
    dependsOn: [],
    dependencies: [],
    ignoreChanges: [],
    replaceOnChanges: [],
    additionalSecretOutputs: [],
    protect: false,
    retainOnDelete: false,
    deleteBeforeReplace: false,
    customTimeouts: {},
    inputs: {},
    secrets: {},
    ...rest,
  };
}

/** A plan of these resources. */
export function plan(entries: Entry[], rest: Partial<Plan> = {}): Plan {
  return { stack: "dev", stage: "traffic", settings, entries, outputs: {}, messages: [], ...rest };
}

/** What a rule holds against a plan, a line each. */
export function broken(rule: string, of: Plan): string[] {
  const rail = guardRails.find(({ name }) => name === rule);
  if (!rail) throw new Error(`there is no rule ${rule}`);
  return rail.check(of).map(({ resource, problem }) => `${resource}: ${problem}`);
}

export const deployment = (containers: unknown[], replicas = 1) =>
  entry("app-deployment", "kubernetes:apps/v1:Deployment", {
    inputs: { spec: { replicas, template: { spec: { containers } } } },
  });
export const release = (chart: string, values: unknown) =>
  entry(`istio-${chart}`, "kubernetes:helm.sh/v3:Release", { inputs: { chart, values } });
