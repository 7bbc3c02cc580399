import type { DiffKind } from "../plugin.js";
import { isObject, type Properties, unknown } from "../values.js";

/**
 * What is different between two sets of inputs, by path. Where whole objects come or go, it is they
 * that are named; inside what both have, the leaves.
 *
 * @param forceNew paths whose change replaces the resource.
 */
export function diffInputs(
  olds: Properties,
  news: Properties,
  forceNew: string[],
): Record<string, DiffKind> {
  const changes: Record<string, DiffKind> = {};
  const note = (path: string, kind: "add" | "delete" | "update") => {
    const plain = path.replaceAll(/\[\d+\]/g, "");
    const replaces = forceNew.some(
      (fixed) => plain === fixed || plain.startsWith(`${fixed}.`) || fixed.startsWith(`${plain}.`),
    );
    changes[path] = replaces ? `${kind}-replace` : kind;
  };
  const compare = (path: string, before: unknown, after: unknown): void => {
    if (after === unknown) return note(path, "update");
    if (isEmpty(before) && isEmpty(after)) return;
    if (isEmpty(before)) return note(path, "add");
    if (isEmpty(after)) return keepsItsValue(path, after) ? undefined : note(path, "delete");
    if (isObject(before) && isObject(after)) {
      for (const key of new Set([...Object.keys(before), ...Object.keys(after)])) {
        compare(`${path}.${key}`, before[key], after[key]);
      }
    } else if (Array.isArray(before) && Array.isArray(after)) {
      for (let i = 0; i < Math.max(before.length, after.length); i++) {
        compare(`${path}[${i}]`, before[i], after[i]);
      }
    } else if (before !== after) {
      note(path, "update");
    }
  };
  for (const key of new Set([...Object.keys(olds), ...Object.keys(news)])) {
    compare(key, olds[key], news[key]);
  }
  return changes;
}

/** Properties that are empty when they are not given; OCI's choice, or what was there before, is all others' value. */
export const ownDefault = ["routeRules", "ingressSecurityRules", "egressSecurityRules"];

/** Whether a property that is no longer given stays as it is: in the provider's schema nearly all are computed. */
function keepsItsValue(path: string, after: unknown): boolean {
  const [top = "", below] = path.split(/[.[]/, 2);
  if (after !== undefined || path.includes("[") || ownDefault.includes(top)) return false;
  return !(own.has(top) && below !== undefined);
}

/** The provider does not tell an absent list or map from an empty one. */
const isEmpty = (value: unknown) =>
  value === undefined ||
  value === null ||
  (Array.isArray(value) && value.length === 0) ||
  (isObject(value) && Object.keys(value).length === 0);

/**
 * What is live, seen through the inputs that were given: what OCI filled in by itself is left out, what somebody
 * changed shows.
 */
export function projected(live: unknown, inputs: unknown): unknown {
  if (isObject(live) && isObject(inputs)) {
    return Object.fromEntries(
      Object.entries(inputs).map(([key, input]) => [
        key,
        own.has(key) ? live[key] : projected(live[key], input),
      ]),
    );
  }
  if (Array.isArray(live) && Array.isArray(inputs)) {
    const others = [...live];
    const matched = inputs.map((input) => {
      const same = others.findIndex((element) => equal(projected(element, input), input));
      return same >= 0 && others.splice(same, 1).length > 0;
    });
    // Where one was changed and none came or went, the changed one takes its place.
    const known = inputs.flatMap((input: unknown, i) => {
      if (matched[i]) return [input];
      return live.length === inputs.length ? [projected(others.shift(), input)] : [];
    });
    return [...known, ...others.map(withoutEmpty)];
  }
  return live;
}

/** Maps in which every key counts, also one that somebody added. */
const own = new Set(["freeformTags", "nodeMetadata"]);

/** Whether nothing is different, an absent value and an empty one being the same. */
export function equal(a: unknown, b: unknown): boolean {
  return Object.keys(diffInputs({ value: a }, { value: b }, [])).length === 0;
}

function withoutEmpty(value: unknown): unknown {
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).filter(([, inner]) => inner !== "" && !isEmpty(inner)),
  );
}
