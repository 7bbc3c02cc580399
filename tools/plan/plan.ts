import type { Settings, Stage } from "../../components/settings/settings.js";
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
