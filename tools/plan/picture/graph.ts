import { stages } from "../../../components/settings/settings.js";
import type { Stage } from "../../../components/settings/settings.js";
import { predecessors } from "../order.js";
import { topLevel } from "../plan.js";
import type { Entry, Plan } from "../plan.js";

/** What one component adds in one step. */
export interface Box {
  /** `authorization@l4` */
  id: string;
  /** Name of the component, or of a resource at the top level. */
  name: string;
  step: Stage;
  members: Entry[];
  critical: boolean;
  /** Whether the component has resources in another step too. */
  isShared: boolean;
}

/** `to` waits for `from`. */
export interface Edge {
  from: string;
  to: string;
  critical: boolean;
}

/** A plan by components, in dependency order, without transitive edges. */
export interface Graph {
  boxes: Box[];
  edges: Edge[];
}

/** Rough durations of slow resources, in seconds. They only determine which path is drawn as critical. */
const seconds: readonly [type: RegExp, seconds: number][] = [
  [/:Cluster$/, 420],
  [/:NodePool$/, 300],
  [/:Release$/, 45],
  [/:Deployment$/, 40],
  [/core\/v1:Service$/, 5],
  [/networking\.k8s\.io\/v1:Gateway$/, 15],
  [/^command:/, 30],
];

export function toGraph({ entries }: Plan): Graph {
  const byName = new Map(entries.map((entry) => [entry.name, entry]));
  const cluster = entries.find(({ type }) => type.endsWith(":oke:Cluster"))?.name;
  const resources = entries.filter(({ custom }) => custom);
  const idOf = (entry: Entry) => {
    // Draw the provider with its cluster.
    const isProvider = entry.type.startsWith("pulumi:providers:");
    const name = (isProvider && cluster) || topLevel(byName, entry.name);
    return `${name}@${entry.step}`;
  };
  const boxes = new Map<string, Box>();
  for (const entry of resources) {
    const id = idOf(entry);
    const box = boxes.get(id) ?? {
      id,
      name: id.slice(0, id.lastIndexOf("@")),
      step: entry.step,
      members: [],
      critical: false,
      isShared: false,
    };
    box.members.push(entry);
    boxes.set(id, box);
  }
  for (const box of boxes.values()) {
    box.isShared = [...boxes.values()].some(({ id, name }) => name === box.name && id !== box.id);
  }
  const path = criticalPath(resources, byName);
  for (const entry of path) {
    const box = boxes.get(idOf(entry));
    if (box) box.critical = true;
  }
  const steps = path.map(idOf);
  const critical = new Set(steps.slice(1).map((id, i) => `${steps[i]} ${id}`));
  const waits = new Map([...boxes.keys()].map((id) => [id, new Set<string>()]));
  for (const entry of resources) {
    for (const name of predecessors(entry)) {
      const before = byName.get(name);
      if (before?.custom && idOf(before) !== idOf(entry)) waits.get(idOf(entry))?.add(idOf(before));
    }
  }
  return {
    boxes: [...boxes.values()].sort((a, b) => stages.indexOf(a.step) - stages.indexOf(b.step)),
    edges: reduce(waits).map(([from, to]) => ({
      from,
      to,
      critical: critical.has(`${from} ${to}`),
    })),
  };
}

/** The critical path: the longest through the resources by duration, first to last. */
function criticalPath(resources: Entry[], byName: Map<string, Entry>): Entry[] {
  const ends = new Map<string, { at: number; after?: Entry }>();
  // `resources` is in dependency order.
  for (const entry of resources) {
    const own = seconds.find(([type]) => type.test(entry.type))?.[1] ?? 1;
    let latest: { at: number; after?: Entry } = { at: 0 };
    for (const name of predecessors(entry)) {
      const before = byName.get(name);
      const end = ends.get(name)?.at ?? 0;
      if (before?.custom && end > latest.at) latest = { at: end, after: before };
    }
    ends.set(entry.name, { at: latest.at + own, after: latest.after });
  }
  const path: Entry[] = [];
  let at = resources.reduce<Entry | undefined>(
    (last, entry) =>
      last && (ends.get(last.name)?.at ?? 0) >= (ends.get(entry.name)?.at ?? 0) ? last : entry,
    undefined,
  );
  while (at) {
    path.unshift(at);
    at = ends.get(at.name)?.after;
  }
  return path;
}

/** Removes edges that a longer path implies. */
function reduce(waits: Map<string, Set<string>>): [from: string, to: string][] {
  const reaches = (from: string, to: string, seen: Set<string>): boolean =>
    [...(waits.get(from) ?? [])].some(
      (next) => next === to || (!seen.has(next) && reaches(next, to, seen.add(next))),
    );
  return [...waits].flatMap(([to, befores]) =>
    [...befores]
      .filter(
        (before) =>
          ![...befores].some((other) => other !== before && reaches(other, before, new Set([to]))),
      )
      .map((before): [string, string] => [before, to]),
  );
}
