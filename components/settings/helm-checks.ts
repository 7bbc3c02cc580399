import { inspectMeshConfig } from "../mesh/mesh-config/inspect.js";
import { nearest } from "./nearest.js";
import { isEncrypted, type Problem } from "./problems.js";
import { reaches, type Partially, type Settings } from "./types.js";

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

/** What the program's own objects rely on, by the values' path in each chart. */
const reliedOn: [path: string[], allowed: unknown[], expected: string][] = [
  [
    ["revision"],
    ["", null],
    "expected no revision: waypoints and gateways belong to the default one, which there would not be",
  ],
  [
    ["global", "istioNamespace"],
    ["istio-system"],
    "expected istio-system, where the program deploys",
  ],
  [["profile"], ["ambient"], "expected ambient, the mode that the walk-through shows"],
];

/** Values that the charts take, and with which the rest of the program would not work. */
export function chartValues({ mesh }: Partially<Settings>): Problem[] {
  return Object.entries(mesh?.helmValues ?? {}).flatMap(([chart, values]) =>
    reliedOn.flatMap(([path, allowed, expected]) => {
      const value = path.reduce<unknown>(
        (inner, key) => (inner as Record<string, unknown> | null | undefined)?.[key],
        values,
      );
      if (value === undefined || allowed.includes(value) || isEncrypted(value)) return [];
      return [{ key: ["mesh.helmValues", chart, ...path].join("."), value, expected }];
    }),
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
