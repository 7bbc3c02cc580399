import type { Settings, Stage } from "../../components/settings/settings.js";
import type { Registration } from "./recording/registration.js";

/** One resource of a plan: a registration with names instead of URNs. */
export interface Entry {
  /** Logical name; unique in a plan. */
  name: string;
  type: string;
  custom: boolean;
  read: boolean;
  parent?: string;
  /** The step that first registers it; a resource of every step belongs to the last one that it waits for. */
  step: Stage;
  /** Names; a component means all its children. */
  dependsOn: string[];
  /** Names of custom resources, as sent to the engine. */
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
  /** The values behind `<secret>` in `inputs`, by path. Never rendered. */
  secrets: Record<string, unknown>;
}

/** Everything a stack registers, in dependency order. */
export interface Plan {
  stack: string;
  stage: Stage;
  settings: Settings;
  entries: Entry[];
  outputs: Record<string, unknown>;
  /** What the plan can't know, and why. */
  unknown?: string;
  /** What the program logged while it ran. */
  messages: string[];
}

/** Whether `ancestor` is the parent of `name`, or an ancestor of that parent. */
export function isWithin(entries: Map<string, Entry>, name: string, ancestor: string): boolean {
  for (let at = entries.get(name)?.parent; at !== undefined; at = entries.get(at)?.parent) {
    if (at === ancestor) return true;
  }
  return false;
}

/** Name of the top-level component that a resource belongs to; its own name at the top level. */
export function topLevel(entries: Map<string, Entry>, name: string): string {
  const parent = entries.get(name)?.parent;
  return parent === undefined ? name : topLevel(entries, parent);
}

/** A resource as a preview lists it. */
export interface Listed {
  name: string;
  type: string;
  /** Logical name; absent at the top level. */
  parent?: string;
}

/** The resources that the preview of a new stack lists, sorted by name, without those that are only read. */
export function listed({ entries }: Plan): Listed[] {
  return entries
    .filter(({ read }) => !read)
    .map(({ name, type, parent }) => ({ name, type, ...(parent !== undefined && { parent }) }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}
