import { stages } from "../../components/settings/settings.js";
import type { Entry } from "./plan.js";

/** Names that an entry comes after: its dependencies, its parent, and its provider. */
export function predecessors(entry: Entry): string[] {
  return [...entry.dependencies, entry.parent, entry.provider].filter(
    (name): name is string => name !== undefined,
  );
}

/**
 * Entries in dependency order, each component followed by its children if the graph allows it. Ties are broken by step,
 * then by name, so that the order is the same on every machine and a new resource moves no other.
 */
export function byDependency(entries: Entry[]): Entry[] {
  const byName = new Map(entries.map((entry) => [entry.name, entry]));
  const topOf = (name: string): string => {
    const parent = byName.get(name)?.parent;
    return parent === undefined ? name : topOf(parent);
  };
  const groups = new Map<string, Entry[]>();
  for (const entry of entries) {
    const top = topOf(entry.name);
    groups.set(top, [...(groups.get(top) ?? []), entry]);
  }
  const nodes = [...groups].map(([name, members]) => ({
    name,
    rank: Math.min(...members.map(({ step }) => stages.indexOf(step))),
    after: new Set(
      members.flatMap((member) => predecessors(member).map(topOf)).filter((top) => top !== name),
    ),
  }));
  const order = sort(nodes);
  // Components that wait for each other's children cannot stay together.
  if (order === undefined) return sortEntries(entries);
  return order.flatMap((top) => sortEntries(groups.get(top) ?? []));
}

function sortEntries(entries: Entry[]): Entry[] {
  const byName = new Map(entries.map((entry) => [entry.name, entry]));
  const order = sort(
    entries.map((entry) => ({
      name: entry.name,
      rank: stages.indexOf(entry.step),
      after: new Set(predecessors(entry).filter((name) => byName.has(name))),
    })),
  );
  if (order === undefined) throw new Error("The resources depend on each other in a circle.");
  return order.flatMap((name) => byName.get(name) ?? []);
}

interface Node {
  name: string;
  rank: number;
  after: Set<string>;
}

/** Topological order, with ties broken by rank and name; undefined for a cycle. */
function sort(nodes: Node[]): string[] | undefined {
  const waiting = [...nodes].sort((a, b) => a.rank - b.rank || (a.name < b.name ? -1 : 1));
  const done: string[] = [];
  while (waiting.length > 0) {
    const ready = waiting.findIndex(({ after }) => [...after].every((name) => done.includes(name)));
    if (ready < 0) return undefined;
    done.push(...waiting.splice(ready, 1).map(({ name }) => name));
  }
  return done;
}
