import type { DiffKind } from "../plugin.js";
import { isObject, type Properties, unknown } from "../values.js";

/**
 * The changes between two sets of inputs, by path: leaves of objects that both have, and whole objects that only one has.
 *
 * @param forceNew paths whose change replaces the resource.
 */
export function diffInputs(
  olds: Properties,
  news: Properties,
  forceNew: string[],
): Record<string, DiffKind> {
  const changes: Record<string, DiffKind> = {};
  const add = (path: string, kind: "add" | "delete" | "update") => {
    const plain = path.replaceAll(/\[\d+\]/g, "");
    const replaces = forceNew.some(
      (fixed) => plain === fixed || plain.startsWith(`${fixed}.`) || fixed.startsWith(`${plain}.`),
    );
    changes[path] = replaces ? `${kind}-replace` : kind;
  };
  const compare = (path: string, before: unknown, after: unknown): void => {
    if (after === unknown) return add(path, "update");
    if (isEmpty(before) && isEmpty(after)) return;
    if (isEmpty(before)) return add(path, "add");
    if (isEmpty(after)) return isRetained(path, after) ? undefined : add(path, "delete");
    if (isObject(before) && isObject(after)) {
      for (const key of new Set([...Object.keys(before), ...Object.keys(after)])) {
        compare(`${path}.${key}`, before[key], after[key]);
      }
    } else if (Array.isArray(before) && Array.isArray(after)) {
      for (let i = 0; i < Math.max(before.length, after.length); i++) {
        compare(`${path}[${i}]`, before[i], after[i]);
      }
    } else if (before !== after) {
      add(path, "update");
    }
  };
  for (const key of new Set([...Object.keys(olds), ...Object.keys(news)])) {
    compare(key, olds[key], news[key]);
  }
  return changes;
}

/** Properties that are empty by default. All others, when absent, keep their value or get one from OCI. */
export const ownDefault = ["routeRules", "ingressSecurityRules", "egressSecurityRules"];

/** Whether a property keeps its value when it is removed from the inputs: most are computed in the provider's schema. */
function isRetained(path: string, after: unknown): boolean {
  const [top = "", below] = path.split(/[.[]/, 2);
  if (after !== undefined || path.includes("[") || ownDefault.includes(top)) return false;
  return !(wholeMaps.has(top) && below !== undefined);
}

/** To the provider, an absent list or map equals an empty one. */
const isEmpty = (value: unknown) =>
  value === undefined ||
  value === null ||
  (Array.isArray(value) && value.length === 0) ||
  (isObject(value) && Object.keys(value).length === 0);

/**
 * The live properties that correspond to the inputs: without values that OCI has filled in, with values that were changed
 * outside Pulumi.
 */
export function projected(live: unknown, inputs: unknown): unknown {
  if (isObject(live) && isObject(inputs)) {
    return Object.fromEntries(
      Object.entries(inputs).map(([key, input]) => [
        key,
        wholeMaps.has(key) ? live[key] : projected(live[key], input),
      ]),
    );
  }
  if (Array.isArray(live) && Array.isArray(inputs)) {
    const others = [...live];
    const matched = inputs.map((input) => {
      const same = others.findIndex((element) => equal(projected(element, input), input));
      return same >= 0 && others.splice(same, 1).length > 0;
    });
    // If the lists have the same length, an element that matches none is a changed one.
    const known = inputs.flatMap((input: unknown, i) => {
      if (matched[i]) return [input];
      return live.length === inputs.length ? [projected(others.shift(), input)] : [];
    });
    return [...known, ...others.map(withoutEmpty)];
  }
  return live;
}

/** Maps that are compared as a whole. */
const wholeMaps = new Set(["freeformTags", "nodeMetadata"]);

/** Whether two values are equal; an absent value equals an empty one. */
export function equal(a: unknown, b: unknown): boolean {
  return Object.keys(diffInputs({ value: a }, { value: b }, [])).length === 0;
}

function withoutEmpty(value: unknown): unknown {
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).filter(([, inner]) => inner !== "" && !isEmpty(inner)),
  );
}
