import { type Diff, unknown } from "../server.js";
import { isObject, type Properties } from "../values.js";

/** A change of `triggers` replaces the resource; any other updates it, which runs the command again. */
export function diff(olds: Properties, news: Properties): Diff {
  const changes: Diff["changes"] = {};
  for (const key of new Set([...Object.keys(olds), ...Object.keys(news)])) {
    if (same(olds[key], news[key])) continue;
    const kind = olds[key] === undefined ? "add" : news[key] === undefined ? "delete" : "update";
    changes[key] = key === "triggers" ? `${kind}-replace` : kind;
  }
  return { changes };
}

function same(a: unknown, b: unknown): boolean {
  if (Array.isArray(a) && Array.isArray(b)) {
    return a.length === b.length && a.every((item, i) => same(item, b[i]));
  }
  if (isObject(a) && isObject(b)) {
    const keys = new Set([...Object.keys(a), ...Object.keys(b)]);
    return [...keys].every((key) => same(a[key], b[key]));
  }
  return a === b && a !== unknown;
}
