import { stages } from "../../components/settings.js";
import type { Settings, Stage } from "../../components/settings.js";
import { byDependency } from "./order.js";
import type { Registration } from "./recording/registration.js";

/** One resource of a plan: a registration whose URNs have become names. */
export interface Entry {
  /** Logical name; unique in a plan. */
  name: string;
  type: string;
  custom: boolean;
  read: boolean;
  parent?: string;
  /** The step of the walk-through that first has it; what every step has, comes with the last it waits for. */
  step: Stage;
  /** Names; a component stands for all its children. */
  dependsOn: string[];
  /** Names of custom resources, as the engine gets them. */
  dependencies: string[];
  provider?: string;
  deletedWith?: string;
  ignoreChanges: string[];
  replaceOnChanges: string[];
  additionalSecretOutputs: string[];
  protect: boolean;
  retainOnDelete: boolean;
  deleteBeforeReplace: boolean;
  customTimeouts: Registration["customTimeouts"];
  import?: string;
  inputs: Record<string, unknown>;
  /** What `<secret>` stands for in `inputs`, by path. Never rendered. */
  secrets: Record<string, unknown>;
}

/** Everything a stack registers, in dependency order. */
export interface Plan {
  stack: string;
  stage: Stage;
  settings: Settings;
  entries: Entry[];
  outputs: Record<string, unknown>;
  /** What the program reported while it ran. */
  messages: string[];
}

/** Whether `ancestor` is `name`'s parent, or its parent's, and so on. */
export function isWithin(entries: Map<string, Entry>, name: string, ancestor: string): boolean {
  for (let at = entries.get(name)?.parent; at !== undefined; at = entries.get(at)?.parent) {
    if (at === ancestor) return true;
  }
  return false;
}

/** Name of the top-level component a resource belongs to; its own at the top level. */
export function topLevel(entries: Map<string, Entry>, name: string): string {
  const parent = entries.get(name)?.parent;
  return parent === undefined ? name : topLevel(entries, parent);
}

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

/** Says `bookinfo` where every resource of `bookinfo` is waited for. */
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
    // One child says more than the component it is in.
    if (all.length < 2 || !all.every((leaf) => wanted.has(leaf) && !covered.has(leaf))) continue;
    result.add(component);
    for (const leaf of all) covered.add(leaf);
  }
  for (const name of wanted) if (!covered.has(name)) result.add(name);
  return [...result].sort();
}

/** A resource as a preview lists it. */
export interface Listed {
  name: string;
  type: string;
  /** Logical name; absent at the top level. */
  parent?: string;
}

/** What the preview of a new stack lists, by name; what is only looked up is not listed. */
export function listed({ entries }: Plan): Listed[] {
  return entries
    .filter(({ read }) => !read)
    .map(({ name, type, parent }) => ({ name, type, ...(parent !== undefined && { parent }) }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}
