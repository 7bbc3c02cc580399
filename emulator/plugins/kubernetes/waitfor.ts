import { isObject } from "../server.js";
import type { Properties } from "../server.js";
import { at } from "./objects.js";

/** One thing `pulumi.com/waitFor` asks for. */
export interface Wanted {
  text: string;
  holds(object: Properties): boolean;
}

/**
 * The annotation's value: `condition=Ready`, `condition=Ready=False`, `jsonpath={.status.phase}`,
 * `jsonpath={.status.phase}=Running`, or a JSON array of these, all of which have to hold.
 * https://www.pulumi.com/registry/packages/kubernetes/how-to-guides/managing-resources-with-server-side-apply/
 *
 * @throws Error that says what was expected
 */
export function parseWaitFor(value: string): Wanted[] {
  if (!value.trimStart().startsWith("[")) return [parseOne(value)];
  const items: unknown = JSON.parse(value);
  if (!Array.isArray(items) || items.length === 0) throw unexpected(value);
  return items.map((item) => parseOne(String(item)));
}

const unexpected = (value: string) =>
  new Error(
    `pulumi.com/waitFor: "${value}" is neither "condition=<type>[=<status>]" nor "jsonpath={<path>}[=<value>]" nor a JSON array of these`,
  );

function parseOne(text: string): Wanted {
  const [, type, status = "True"] = /^condition=([^=]+)(?:=(.+))?$/.exec(text) ?? [];
  if (type) return { text, holds: (object) => hasCondition(object, type, status) };
  const [, path, wanted] = /^jsonpath=\{?([^{}]+)\}?(?:=(.+))?$/.exec(text) ?? [];
  if (!path) throw unexpected(text);
  const steps = parsePath(path, text);
  return {
    text,
    holds(object) {
      const values = steps.reduce<unknown[]>((found, step) => found.flatMap(step), [object]);
      if (wanted === undefined) return values.some((value) => value !== undefined);
      return values.some((value) => String(value) === wanted);
    },
  };
}

/** Whether a condition has a status, for the object as it is now. */
export function hasCondition(object: Properties, type: string, status: string): boolean {
  const found = condition(object, type);
  if (!found || String(found["status"]).toLowerCase() !== status.toLowerCase()) return false;
  const observed = found["observedGeneration"] ?? at(object, "status", "observedGeneration");
  const generation = at(object, "metadata", "generation");
  return typeof observed !== "number" || typeof generation !== "number" || observed >= generation;
}

/** A condition of an object's status, by its type. */
export function condition(object: Properties, type: string): Properties | undefined {
  const conditions = at(object, "status", "conditions");
  if (!Array.isArray(conditions)) return undefined;
  return conditions.filter(isObject).find((c) => sameText(c["type"], type));
}

const sameText = (a: unknown, b: string) => String(a).toLowerCase() === b.toLowerCase();

type Step = (value: unknown) => unknown[];

const some = (value: unknown) => (value === undefined ? [] : [value]);
const items = (value: unknown): unknown[] =>
  Array.isArray(value) ? value : isObject(value) ? Object.values(value) : [];

const grammar: [RegExp, (match: string[]) => Step][] = [
  [/^\.?\[\*\]|^\.\*/, () => items],
  [
    /^\.([\w-]+)/,
    ([, key = ""]) =>
      (value) =>
        some(at(value, key)),
  ],
  [
    /^\[(\d+)\]/,
    ([, index]) =>
      (value) =>
        some(at(value, Number(index))),
  ],
  [
    /^\[(?:'([^']*)'|"([^"]*)")\]/,
    ([, a, b]) =>
      (value) =>
        some(at(value, a ?? b ?? "")),
  ],
  [
    /^\[\?\(?@\.([\w-]+)\s*==\s*(?:'([^']*)'|"([^"]*)"|([\w.-]+))\)?\]/,
    ([, key = "", ...wanted]) => {
      const literal = wanted.find((text) => text !== undefined);
      return (value) => items(value).filter((item) => String(at(item, key)) === literal);
    },
  ],
];

function parsePath(path: string, text: string): Step[] {
  const steps: Step[] = [];
  let rest = path.trim().replace(/^\$/, "");
  while (rest) {
    const rule = grammar.find(([pattern]) => pattern.test(rest));
    const match = rule?.[0].exec(rest);
    if (!rule || !match)
      throw new Error(`pulumi.com/waitFor: "${text}" cannot be read at "${rest}"`);
    steps.push(rule[1](match));
    rest = rest.slice(match[0].length);
  }
  return steps;
}
