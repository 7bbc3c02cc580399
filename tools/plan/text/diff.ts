import { stages } from "../../../components/settings/settings.js";
import { diffLines } from "./lines.js";
import type { Line } from "./lines.js";
import type { Plan } from "../plan.js";

export type ChangeKind = "create" | "update" | "wait" | "delete";

/** What happens to one resource between two plans. */
export interface Change {
  /**
   * `wait`: only the resource's dependencies or options change, not the resource; a preview does not list it.
   */
  kind: ChangeKind;
  name: string;
  type: string;
  /** As in the plan, `7 traffic`. */
  step: string;
  lines: Line[];
}

/** The section of a resource in a plan's text. */
interface Section {
  name: string;
  type: string;
  step: string;
  lines: string[];
}

/** The sections of a plan as `render` writes it, by logical name. */
export function sections(text: string): Map<string, Section> {
  const found = new Map<string, Section>();
  let current: Section | undefined;
  for (const line of text.split("\n")) {
    const name = /^([^\s#][^:]*):$/.exec(line)?.[1];
    if (name !== undefined) {
      current = { name, type: "", step: "", lines: [line] };
      found.set(name, current);
    } else if (current && line !== "") {
      current.type ||= /^ {2}type: (.*)$/.exec(line)?.[1] ?? "";
      current.step ||= /^ {2}step: (.*)$/.exec(line)?.[1] ?? "";
      current.lines.push(line);
    }
  }
  return found;
}

/**
 * What a deployment of `after` would change if `before` is deployed, in the order of `after`, deletions last. Ignores the
 * step, which is not a property of the resource.
 *
 * @param before a plan's text; empty if nothing is deployed.
 * @param hidden names of resources whose hidden values change.
 */
export function compare(before: string, after: string, hidden = new Set<string>()): Change[] {
  const old = sections(before);
  const changes: Change[] = [];
  for (const section of sections(after).values()) {
    const known = old.get(section.name);
    old.delete(section.name);
    const [from, to] = [withoutStep(known), withoutStep(section)];
    if (from.join("\n") === to.join("\n") && !hidden.has(section.name)) continue;
    const same =
      known &&
      inputsOf(from) === inputsOf(to) &&
      known.type === section.type &&
      !hidden.has(section.name);
    const kind = known === undefined ? "create" : same ? "wait" : "update";
    const lines = diffLines(from, to);
    if (known && hidden.has(section.name)) lines.push({ sign: "+", text: unseen });
    changes.push({ ...section, kind, lines });
  }
  for (const section of [...old.values()].reverse()) {
    changes.push({ ...section, kind: "delete", lines: diffLines(withoutStep(section), []) });
  }
  return changes;
}

/** Stands for a changed secret or digest. */
export const unseen = "    # and in values that are not shown";

/** Names of the resources whose secrets or digests differ between two plans of a stack. */
export function hiddenChanges(before: Plan, after: Plan): Set<string> {
  const known = new Map(before.entries.map(({ name, secrets }) => [name, JSON.stringify(secrets)]));
  const changed = after.entries.filter(
    ({ name, secrets }) => known.has(name) && known.get(name) !== JSON.stringify(secrets),
  );
  return new Set(changed.map(({ name }) => name));
}

const withoutStep = (section: Section | undefined) =>
  (section?.lines ?? []).filter((line) => !/^ {2}step: /.test(line));

/** The text below `inputs:`; for the stack's outputs, all of it. */
function inputsOf(lines: string[]): string {
  const at = lines.indexOf("  inputs:");
  if (at >= 0) return lines.slice(at).join("\n");
  return lines[0] === "stack outputs:" ? lines.join("\n") : "";
}

/** `1 to create, 2 to update`; `no change`. */
export function summary(changes: Change[]): string {
  const words: Record<ChangeKind, string> = {
    create: "to create",
    update: "to update",
    delete: "to delete",
    wait: "with other options",
  };
  const parts = (Object.keys(words) as ChangeKind[]).flatMap((kind) => {
    const count = changes.filter((change) => change.kind === kind).length;
    return count > 0 ? [`${count} ${words[kind]}`] : [];
  });
  return parts.join(", ") || "no change";
}

/** Changes by step, in the order of the steps; those without a step come last, under "". */
export function bySteps(changes: Change[]): [step: string, changes: Change[]][] {
  const names = [...stages.map((stage, i) => `${i + 1} ${stage}`), ""];
  return names
    .map((step): [string, Change[]] => [step, changes.filter((change) => change.step === step)])
    .filter(([, inStep]) => inStep.length > 0);
}
