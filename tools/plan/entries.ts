import { stages } from "../../components/settings/settings.js";
import type { Stage } from "../../components/settings/settings.js";
import { byDependency } from "./order.js";
import type { Entry } from "./plan.js";
import type { Registration } from "./recording/registration.js";

/**
 * Registrations as plan entries, in dependency order.
 *
 * @param firstStage the earliest stage that registers a URN.
 */
export function toEntries(
  registrations: Registration[],
  firstStage: (urn: string) => Stage,
): Entry[] {
  const names = new Map(registrations.map(({ urn, name }) => [urn, name]));
  const nameOf = (urn: string) => names.get(urn) ?? urn.slice(urn.lastIndexOf("::") + 2);
  const entries = registrations.map((registration): Entry => {
    const { urn, parent, provider, deletedWith, dependencies } = registration;
    return {
      ...registration,
      parent: parent && nameOf(parent),
      provider: provider && nameOf(provider),
      deletedWith: deletedWith && nameOf(deletedWith),
      dependencies: dependencies.map(nameOf).sort(),
      dependsOn: [],
      step: firstStage(urn),
    };
  });
  const byName = new Map(entries.map((entry) => [entry.name, entry]));
  const components = leavesByComponent(entries, byName);
  for (const entry of entries) entry.dependsOn = summarize(entry.dependencies, components, byName);
  const reached = new Map<string, Stage>();
  const reach = (entry: Entry): Stage => {
    const known = reached.get(entry.name);
    if (known !== undefined) return known;
    const waitsFor = entry.dependencies.flatMap((name) => byName.get(name) ?? []);
    const step =
      entry.step === stages[0] ? latest([entry.step, ...waitsFor.map(reach)]) : entry.step;
    reached.set(entry.name, step);
    return step;
  };
  for (const entry of entries.filter(({ custom }) => custom)) entry.step = reach(entry);
  for (const entry of entries.filter(({ custom }) => !custom)) {
    const leaves = [...(components.get(entry.name) ?? [])].flatMap(
      (name) => byName.get(name) ?? [],
    );
    entry.step = earliest(leaves.map(({ step }) => step)) ?? entry.step;
  }
  return byDependency(entries);
}

const earliest = (of: Stage[]) => stages.find((stage) => of.includes(stage));

const latest = (of: Stage[]): Stage =>
  stages[Math.max(...of.map((stage) => stages.indexOf(stage)))] ?? "cluster";

function leavesByComponent(entries: Entry[], byName: Map<string, Entry>) {
  const leaves = new Map<string, Set<string>>();
  for (const { name, custom } of entries) {
    if (!custom) continue;
    for (let at = byName.get(name)?.parent; at !== undefined; at = byName.get(at)?.parent) {
      leaves.set(at, (leaves.get(at) ?? new Set()).add(name));
    }
  }
  return leaves;
}

/** Replaces the names of all resources of a component by the component's name. */
function summarize(
  dependencies: string[],
  components: Map<string, Set<string>>,
  byName: Map<string, Entry>,
): string[] {
  const wanted = new Set(dependencies);
  const depth = (name: string): number => {
    const parent = byName.get(name)?.parent;
    return parent === undefined ? 0 : 1 + depth(parent);
  };
  const outermostFirst = [...components].sort(([a], [b]) => depth(a) - depth(b));
  const result = new Set<string>();
  const covered = new Set<string>();
  for (const [component, leaves] of outermostFirst) {
    const all = [...leaves];
    // A single child is more specific than its component.
    if (all.length < 2 || !all.every((leaf) => wanted.has(leaf) && !covered.has(leaf))) continue;
    result.add(component);
    for (const leaf of all) covered.add(leaf);
  }
  for (const name of wanted) if (!covered.has(name)) result.add(name);
  return [...result].sort();
}
