import { inspectMeshConfig } from "../mesh/mesh-config/inspect.js";
import type { Chart } from "../mesh/names.js";
import { valueAt } from "../resources/mapping.js";
import { nearest } from "./nearest.js";
import type { Problem } from "./problems.js";
import { reliedOn } from "./relied-on.js";
import { isEncrypted, reaches, type Partially, type Settings } from "./types.js";

/** istiod's mesh configuration in the charts' values, and its key. */
function meshConfigOf({ mesh }: Partially<Settings>): [config: unknown, key: string] {
  const values = mesh?.helmValues?.istiod as Record<string, unknown> | undefined;
  return [values?.["meshConfig"], "mesh.helmValues.istiod.meshConfig"];
}

/** istiod drops its whole configuration for one value that it can't read, and skips a misspelled field. */
export function readableMeshConfig(settings: Partially<Settings>): Problem[] {
  const [config, root] = meshConfigOf(settings);
  const { unreadable, unknown } = inspectMeshConfig(config, settings.mesh?.version ?? "");
  const at = (path: (string | number)[]) =>
    path.reduce<string>((key, step) => key + written(step), root);
  return [
    ...unreadable
      .filter(({ value }) => !isEncrypted(value))
      .map(({ path, value, expected }) => ({
        key: at(path),
        value,
        expected: `${expected}; istiod can't read this and would ignore its whole mesh configuration`,
      })),
    // An older name that no field resembles is skipped without harm.
    ...unknown.flatMap(({ path, value, known }) => {
      const near = nearest(String(path.at(-1)), known);
      const expected = `istiod has no such field and would skip it; did you mean ${near}?`;
      return near ? [{ key: at(path), value, expected }] : [];
    }),
  ];
}

/** The charts copy the values below this key over the others. */
const nested: Partial<Record<string, string>> = { istiod: "pilot", cni: "cni" };

/** Values that the charts take, and with which the rest of the program would not work. */
export function chartValues(settings: Partially<Settings>): Problem[] {
  return Object.entries(settings.mesh?.helmValues ?? {}).flatMap(([chart, values]) =>
    reliedOn
      .filter(
        ({ charts, when }) =>
          (charts?.includes(chart as Chart) ?? true) && (when?.(settings) ?? true),
      )
      .flatMap(({ key, holds, expected }) =>
        [key, ...(nested[chart] ? [`${nested[chart]}.${key}`] : [])].flatMap((at) => {
          const value = valueAt(values, at.split("."));
          if (value === undefined || holds(value, settings) || isEncrypted(value)) return [];
          return [{ key: `mesh.helmValues.${chart}.${at}`, value, expected }];
        }),
      ),
  );
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
