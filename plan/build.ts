import { setBundleSource } from "../components/mesh/gateway-api-bundle.js";
import type { BundleRequest } from "../components/mesh/gateway-api-bundle.js";
import { parseSettings, stages } from "../components/settings.js";
import type { Stage } from "../components/settings.js";
import { toEntries } from "./plan.js";
import type { Plan } from "./plan.js";
import { record } from "./record.js";
import type { StackConfig } from "./stacks.js";
import { complete } from "./stacks.js";

/** A stack's plan, and what else its configuration could make of it. */
export interface Plans {
  plan: Plan;
  /** The same stack at every stage and, last, with other weights. */
  variants: Plan[];
}

/**
 * The plan of a stack. Runs the program once for each stage: a resource belongs to the step that
 * first registers it.
 *
 * @throws what the program throws for a configuration it refuses.
 */
export async function buildPlans(read: StackConfig): Promise<Plans> {
  const { stack, config, secretKeys, names } = complete(read);
  const settings = rename(parseSettings(config), names);
  const firstStage = new Map<string, Stage>();
  const run = async (changes: Record<string, unknown>, stage: Stage): Promise<Plan> => {
    const { registrations, outputs, messages } = await withoutNetwork(() =>
      record({ ...config, ...changes, stage }, { stack, secretKeys }),
    );
    for (const { urn } of registrations) if (!firstStage.has(urn)) firstStage.set(urn, stage);
    const named = registrations.map((registration) => ({
      ...registration,
      inputs: rename(registration.inputs, names),
    }));
    return {
      stack,
      stage,
      settings: { ...settings, stage },
      entries: toEntries(named, (urn) => firstStage.get(urn) ?? stage),
      outputs: rename(outputs, names),
      messages: messages.map((message) => rename(message, names)),
    };
  };
  const atStages: Plan[] = [];
  for (const stage of stages) atStages.push(await run({}, stage));
  const plan = atStages[stages.indexOf(settings.stage)];
  if (plan === undefined) throw new Error(`there is no stage ${settings.stage}`);
  const reviews = { v2Percent: (settings.reviews.v2Percent + 40) % 100 };
  return { plan, variants: [...atStages, await run({ reviews }, settings.stage)] };
}

/** One run at a time: the source of the bundle is the process's. */
let previous: Promise<unknown> = Promise.resolve();

function withoutNetwork<T>(work: () => Promise<T>): Promise<T> {
  const run = async () => {
    setBundleSource(definitionsByName);
    try {
      return await work();
    } finally {
      setBundleSource(undefined);
    }
  };
  const result = previous.then(run, run);
  previous = result.catch(() => undefined);
  return result;
}

/** The Gateway API's definitions are fetched at run time: here they are named, by version and digest. */
function definitionsByName({ location, digest, pinned }: BundleRequest) {
  const source = pinned ? `Gateway API ${pinned.version}` : location;
  const names = pinned?.names ?? ["<what the bundle defines>"];
  return Promise.resolve(
    names.map((name) => ({
      apiVersion: "apiextensions.k8s.io/v1",
      kind: "CustomResourceDefinition",
      metadata: { name },
      spec: `<${source}, sha256:${digest}>`,
    })),
  );
}

/** Puts names where `complete` put values. */
function rename<T>(value: T, names: Record<string, string>): T {
  if (typeof value === "string") {
    const renamed = Object.entries(names).reduce<string>(
      (text, [from, to]) => text.replaceAll(from, to),
      value,
    );
    return renamed as T;
  }
  if (Array.isArray(value)) return value.map((element) => rename<unknown>(element, names)) as T;
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).map(([key, inner]) => [key, rename<unknown>(inner, names)]);
  return Object.fromEntries(entries) as T;
}
