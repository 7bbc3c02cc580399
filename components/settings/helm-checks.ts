import { unreadableValues } from "../mesh/mesh-config.js";
import { isEncrypted, type Problem } from "./problems.js";
import { reaches, type Partially, type Settings } from "./types.js";

/** istiod's mesh configuration in the charts' values, and its key. */
function meshConfigOf({ mesh }: Partially<Settings>): [config: unknown, key: string] {
  const values = mesh?.helmValues?.istiod as Record<string, unknown> | undefined;
  return [values?.["meshConfig"], "mesh.helmValues.istiod.meshConfig"];
}

/** istiod drops its whole configuration for one value that it can't read, and the mesh runs on without it. */
export function readableMeshConfig(settings: Partially<Settings>): Problem[] {
  const [config, root] = meshConfigOf(settings);
  return unreadableValues(config, settings.mesh?.version ?? "")
    .filter(({ value }) => !isEncrypted(value))
    .map(({ path, value, expected }) => ({
      key: path.reduce<string>((key, step) => key + written(step), root),
      value,
      expected: `${expected}; istiod can't read this and would ignore its whole mesh configuration`,
    }));
}

/** The policies name their principals with it. */
export function trustDomain(settings: Partially<Settings>): Problem[] {
  const [config, root] = meshConfigOf(settings);
  if (!settings.stage || !reaches(settings.stage)("l4")) return [];
  return Object.entries(config ?? {})
    .filter(([key]) => ["trustDomain", "trust_domain"].includes(key))
    .filter(([, value]) => typeof value === "string" && value !== "cluster.local")
    .map(([key, value]) => ({
      key: `${root}.${key}`,
      value: value as unknown,
      expected: `expected cluster.local, which the principals in the policies of stage l4 belong to; any other would match no request: pulumi config rm --path ${root}.${key}`,
    }));
}

const written = (step: string | number) => {
  if (typeof step === "number") return `[${step}]`;
  return /^[\w-]+$/.test(step) ? `.${step}` : `["${step}"]`;
};
