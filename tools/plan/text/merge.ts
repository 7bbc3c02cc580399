import type { Change } from "./diff.js";

/** What a deployment of one stack would change. */
export interface Difference {
  stack: string;
  /** `ambient to l4`, between two stages. */
  way?: string;
  changes: Change[];
}

/** Differences with their titles; stacks that would show the same share one. */
export function merge(differences: Difference[]): { title: string; changes: Change[] }[] {
  const groups = new Map<string, Difference[]>();
  for (const difference of differences) {
    const key = JSON.stringify([difference.way, difference.changes.map(changed)]);
    groups.set(key, [...(groups.get(key) ?? []), difference]);
  }
  return [...groups.values()].map((group) => {
    const names = group.map(({ stack }) => stack).join(", ");
    const way = group[0]?.way;
    return {
      title: `${group.length > 1 ? "Stacks" : "Stack"} ${names}${way ? `, ${way}` : ""}`,
      changes: group[0]?.changes ?? [],
    };
  });
}

/** What two stacks must have in common: neither the context of the changed lines, nor the cluster that a deletion ends with. */
const changed = ({ kind, name, lines }: Change) => [
  kind,
  name,
  lines.filter(({ sign, text }) => sign !== " " && !/^ {2}deletedWith: /.test(text)),
];
