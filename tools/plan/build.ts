import { chosenForTag } from "../../components/oke/oci/tags.js";
import { parseSettings, SettingsError, stages } from "../../components/settings/settings.js";
import type { Settings, Stage } from "../../components/settings/settings.js";
import { tenancyWith } from "./recording/tenancy.js";
import { offlineSources, withoutStackTraces } from "./recording/offline.js";
import { toEntries } from "./entries.js";
import type { Plan } from "./plan.js";
import { record } from "./recording/record.js";
import { holdsSealed } from "./recording/registration.js";
import type { Registration } from "./recording/registration.js";
import { ToolError } from "../command-line/errors.js";
import { complete, stackFileOf } from "./stack-config.js";
import type { StackConfig } from "./stack-config.js";

/** A stack's plan and its variants. */
export interface Plans {
  plan: Plan;
  /** The same stack at every stage and, last, with other weights. */
  variants: Plan[];
}

/**
 * The plan of a stack. Runs the program once for each stage: a resource belongs to the step that first registers it.
 *
 * @throws what the program throws for an invalid configuration; ToolError if it needs a value that is encrypted.
 */
export async function buildPlans(read: StackConfig): Promise<Plans> {
  const { stack, config, secretKeys, names, unknown } = complete(read);
  const settings = rename(settingsOf(stack, config), names);
  const { os, shape } = settings.nodes;
  const invokes = tenancyWith({ os, shape, version: settings.kubernetesVersion });
  const sources = { ...offlineSources(settings), stackFile: stackFileOf(read) };
  const firstStage = new Map<string, Stage>();
  const run = async (changes: Record<string, unknown>, stage: Stage): Promise<Plan> => {
    const { registrations, outputs, messages } = await withoutStackTraces(() =>
      record({ ...config, ...changes, stage }, { stack, secretKeys, invokes, sources }),
    );
    for (const { urn } of registrations) if (!firstStage.has(urn)) firstStage.set(urn, stage);
    const named = registrations
      .map((registration) => withoutChoices(registration, settings))
      .map(({ inputs, secrets, ...registration }) => ({
        ...registration,
        inputs: rename(inputs, names),
        secrets: rename(secrets, names),
      }));
    return {
      stack,
      stage,
      settings: { ...settings, stage },
      ...(unknown && { unknown }),
      entries: toEntries(named, (urn) => firstStage.get(urn) ?? stage),
      outputs: rename(withChosenVersions(outputs, settings), names),
      messages: messages.map((message) => rename(message, names)),
    };
  };
  const atStages: Plan[] = [];
  for (const stage of stages) atStages.push(await run({}, stage));
  const plan = atStages[stages.indexOf(settings.stage)];
  if (plan === undefined) throw new Error(`There is no stage ${settings.stage}.`);
  const reviews = { v2Percent: (settings.reviews.v2Percent + 40) % 100 };
  return { plan, variants: [...atStages, await run({ reviews }, settings.stage)] };
}

function settingsOf(stack: string, config: StackConfig["config"]): Settings {
  try {
    // Keys with a namespace are those of providers and of Pulumi itself.
    const own = Object.entries(config).filter(([key]) => !key.includes(":"));
    return parseSettings(Object.fromEntries(own));
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    const keys = error.problems
      .filter(({ value }) => holdsSealed(JSON.stringify(value ?? null)))
      .map(({ key }) => key);
    const others = error.problems.filter(
      ({ key }) => !keys.some((known) => key === known || key.startsWith(`${known}.`)),
    );
    if (others.length > 0) throw new SettingsError(others);
    throw new ToolError(
      `Pulumi.${stack}.yaml has ${keys.join(", ")} encrypted, so the plan has no valid value for it. ` +
        `Store it in plain text: pulumi config set --plaintext --path ${keys[0]} <value>`,
    );
  }
}

/**
 * Puts a description in place of versions and images, which a deployment chooses from the tenancy's real offer, and of a
 * digest that would change with every comment in a manifest.
 */
function withoutChoices(registration: Registration, settings: Settings): Registration {
  const inputs = structuredClone(registration.inputs);
  const secrets = { ...registration.secrets };
  const { kubernetesVersion, nodes } = settings;
  if (registration.type === "oci:ContainerEngine/cluster:Cluster" && !kubernetesVersion) {
    inputs["kubernetesVersion"] = chosen.controlPlane;
  }
  if (registration.type === "oci:ContainerEngine/nodePool:NodePool") {
    inputs["kubernetesVersion"] = chosen.worker;
    const source = inputs["nodeSourceDetails"] as Record<string, unknown>;
    const tags = inputs["freeformTags"] as Record<string, unknown>;
    tags[chosenForTag] = kubernetesVersion ?? chosen.controlPlane;
    if (!nodes.imageId) source["imageId"] = `<newest image of Oracle Linux ${nodes.os} for it>`;
  }
  if (registration.type === "command:local:Command") {
    const environment = inputs["environment"] as Record<string, unknown> | undefined;
    if (environment?.["CHECKED"]) {
      secrets["environment.CHECKED"] ??= environment["CHECKED"];
      environment["CHECKED"] = "<digest of what is checked>";
    }
  }
  return { ...registration, inputs, secrets };
}

const chosen = {
  controlPlane: "<newest version that OKE offers and Istio supports>",
  worker: "<newest version that has an image>",
};

function withChosenVersions(
  outputs: Record<string, unknown>,
  settings: Settings,
): Record<string, unknown> {
  const versions = (outputs["versions"] ?? {}) as Record<string, unknown>;
  const ofOke = settings.cluster === "oke";
  return {
    ...outputs,
    versions: {
      ...versions,
      kubernetes: ofOke ? (settings.kubernetesVersion ?? chosen.controlPlane) : "<the cluster's>",
      ...("worker" in versions && { worker: chosen.worker }),
    },
  };
}

/** Puts placeholders such as `<compartmentId>` back where `complete` put valid values. */
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
