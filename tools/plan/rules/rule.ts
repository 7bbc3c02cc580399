import type { Entry, Plan } from "../plan.js";

/** How a plan violates a guard rail. */
export interface Violation {
  /** Logical name. */
  resource: string;
  /** What is wrong there, and what was expected. */
  problem: string;
}

/** A rule that every plan must follow, so that reviewers need not check it. */
export interface GuardRail {
  name: string;
  /** One sentence. */
  why: string;
  /** Whether it checks the values of secrets, and not that they are secret. */
  seesSecrets: boolean;
  check: (plan: Plan) => Violation[];
}

export type Json = Record<string, unknown>;

export const isObject = (value: unknown): value is Json =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** The value at a path, such as `at(value, "spec", "template")`; undefined if there is none. */
export function at(value: unknown, ...path: (string | number)[]): unknown {
  return path.reduce<unknown>(
    (inner, key) => (inner as Record<string | number, unknown> | null | undefined)?.[key],
    value,
  );
}

/** Every string in a value, with its path. */
export function strings(value: unknown, path = ""): { path: string; key: string; text: string }[] {
  if (typeof value === "string") {
    return [{ path, key: path.slice(path.lastIndexOf(".") + 1), text: value }];
  }
  if (Array.isArray(value)) {
    return value.flatMap((element, index) => strings(element, `${path}[${index}]`));
  }
  if (!isObject(value)) return [];
  return Object.entries(value).flatMap(([key, inner]) =>
    strings(inner, path ? `${path}.${key}` : key),
  );
}

export interface Container {
  name: string;
  image: string;
  requests: Json;
}

/** Containers and init containers of a Pod or of an object with a Pod template. */
export function containers({ type, inputs }: Entry): Container[] {
  if (!type.startsWith("kubernetes:")) return [];
  const spec = at(inputs, "spec", "template", "spec") ?? at(inputs, "spec");
  return ["initContainers", "containers"]
    .flatMap((key) => (at(spec, key) as Json[] | undefined) ?? [])
    .filter(isObject)
    .map((container) => ({
      name: String(container["name"]),
      image: String(container["image"] ?? ""),
      requests: (at(container, "resources", "requests") ?? {}) as Json,
    }));
}

/** A Helm release's values, even if they are a secret. */
export function valuesOf({ inputs, secrets }: Entry): unknown {
  return isObject(inputs["values"]) ? inputs["values"] : secrets["values"];
}

/** The chart's name of a Helm release, without repository or folder; undefined for other resources. */
export function chartOf({ type, inputs }: Entry): string | undefined {
  if (type !== "kubernetes:helm.sh/v3:Release") return undefined;
  return String(inputs["chart"]).split("/").pop();
}
