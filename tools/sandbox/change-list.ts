import { styleText } from "node:util";

import {
  type ChangeKind,
  type FieldChange,
  type ResourceChange,
  unknown,
} from "../automation/changes.js";
import { cutText } from "../command-line/terminal.js";
import { wrap } from "../command-line/wrap.js";

const signs = {
  create: ["+", "green"],
  update: ["~", "yellow"],
  replace: ["±", "magenta"],
  delete: ["-", "red"],
} as const satisfies Record<ChangeKind, [string, string]>;

/** So many fields of one resource are shown. */
const mostFields = 12;
/** The widest value, in columns. */
const widest = 64;

/**
 * The changed resources by name, in the order created, updated, replaced, deleted: those that are created or deleted
 * together by kind, each of the others with its changed fields. No line is wider than `width`.
 */
export function changeLines(changes: ResourceChange[], width: number): string[] {
  const of = (kind: ChangeKind) => changes.filter(({ change }) => change === kind);
  return [
    ...byKind(of("create"), width),
    ...[...of("update"), ...of("replace")].flatMap((change) => withFields(change, width)),
    ...byKind(of("delete"), width),
  ];
}

function byKind(changes: ResourceChange[], width: number): string[] {
  const groups = new Map<string, ResourceChange[]>();
  for (const change of changes) {
    groups.set(change.kind, [...(groups.get(change.kind) ?? []), change]);
  }
  return [...groups].flatMap(([kind, group]) => {
    const names = group.map(({ name }) => name).sort();
    const title = group.length === 1 ? kind : `${group.length} ${kind}`;
    const [first = "", ...more] = wrap(`${title}: ${names.join(", ")}`, width - 2);
    return [`${sign(group[0])} ${first}`, ...more.map((line) => cutText(`    ${line}`, width))];
  });
}

function withFields(change: ResourceChange, width: number): string[] {
  const { name, kind, fields } = change;
  const shown = fields
    .slice(0, mostFields)
    .flatMap((field) => fieldLines(field, width - 4))
    .map((line) => cutText(`    ${line}`, width));
  const more = fields.length - mostFields;
  return [
    `${sign(change)} ${cutText(`${name} (${kind})`, width - 2)}`,
    ...shown,
    ...(more > 0 ? [`    … and ${more} more fields`] : []),
  ];
}

function sign(change: ResourceChange | undefined): string {
  const [text, color] = signs[change?.change ?? "update"];
  return styleText(color, text);
}

/** One line, or below each other what does not fit beside each other. */
function fieldLines({ path, before, after }: FieldChange, width: number): string[] {
  if (before === undefined) return [`${path}: ${valueText(after)} (new)`];
  if (after === undefined) return [`${path}: ${valueText(before)} (removed)`];
  const values = [valueText(before), valueText(after)];
  const line = `${path}: ${values.join(" → ")}`;
  return line.length <= width ? [line] : [path, `  - ${values[0]}`, `  + ${values[1]}`];
}

/** A value on one line. */
export function valueText(value: unknown): string {
  if (value === unknown) return "known after up";
  if (value === "[secret]") return "a secret";
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return cutText(text.replaceAll(/\s+/g, " "), widest);
}
