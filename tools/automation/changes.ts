import type { StepEventMetadata } from "@pulumi/pulumi/automation/events.js";

import { isImplicit, logicalName } from "./steps.js";

/** What an operation does to a resource that it does not leave unchanged. */
export type ChangeKind = "create" | "update" | "replace" | "delete";

/** A field of a resource before and after; undefined where it does not exist, `unknown` where only an up tells it. */
export interface FieldChange {
  path: string;
  before?: unknown;
  after?: unknown;
}

/** What an operation does, or would do, to one resource. */
export interface ResourceChange {
  change: ChangeKind;
  name: string;
  /** The last part of its type: `VirtualService`. */
  kind: string;
  /** Of an update or a replacement. */
  fields: FieldChange[];
}

// A replacement has several steps; the one that creates the new resource counts.
const changeOf: Partial<Record<string, ChangeKind>> = {
  create: "create",
  update: "update",
  "create-replacement": "replace",
  delete: "delete",
};

/** The engine's marker of a value that only an up tells. https://github.com/pulumi/pulumi/blob/v3.248.0/sdk/go/common/resource/plugin/rpc.go */
const marker = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/** Stands for a value that only an up tells. */
export const unknown = null;

/** A value of an event, with {@link unknown} for the engine's marker. */
export function withUnknowns(value: unknown): unknown {
  return typeof value === "string" && value.includes(marker) ? unknown : value;
}

/** The change that an event reports; undefined if it reports none, or one of a provider that the engine adds. */
export function changeIn(metadata: StepEventMetadata): ResourceChange | undefined {
  const { urn, op, type } = metadata;
  const change = changeOf[op];
  if (!change || isImplicit(urn)) return undefined;
  const kind = type.startsWith("pulumi:providers:") ? "Provider" : (type.split(":").pop() ?? type);
  const hasFields = change === "update" || change === "replace";
  return { change, name: logicalName(urn), kind, fields: hasFields ? fieldsOf(metadata) : [] };
}

/** The changed fields: as the provider names them, or else by comparing the inputs. */
function fieldsOf({ old, new: now, detailedDiff, diffs }: StepEventMetadata): FieldChange[] {
  const named = Object.entries(detailedDiff ?? {});
  if (named.length === 0) {
    const keys = diffs ?? [];
    return differences(old?.inputs, now?.inputs).filter(
      ({ path }) => keys.length === 0 || keys.some((key) => path === key || startsAt(path, key)),
    );
  }
  return named.map(([path, { inputDiff }]) => {
    const of = (side: "inputs" | "outputs") => ({
      path,
      before: withUnknowns(valueAt(old?.[side], path)),
      after: withUnknowns(valueAt(now?.[side], path)),
    });
    const inputs = of("inputs");
    // A provider may find a difference in what only it sets.
    const differ = JSON.stringify(inputs.before) !== JSON.stringify(inputs.after);
    return inputDiff || differ ? inputs : of("outputs");
  });
}

const startsAt = (path: string, key: string) =>
  path.startsWith(`${key}.`) || path.startsWith(`${key}[`);

/** The leaves in which two values differ. */
function differences(before: unknown, after: unknown, path = ""): FieldChange[] {
  if (JSON.stringify(before) === JSON.stringify(after)) return [];
  if (!isTree(before) || !isTree(after)) {
    return [{ path, before: withUnknowns(before), after: withUnknowns(after) }];
  }
  const keys = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...keys].flatMap((key) => {
    const below = Array.isArray(after) ? `${path}[${key}]` : path ? `${path}.${key}` : key;
    return differences(before[key], after[key], below);
  });
}

const isTree = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null;

/** `spec.http[0].route`, `metadata.labels["a.b/c"]`: https://www.pulumi.com/docs/iac/concepts/miscellaneous/property-paths/ */
function valueAt(value: unknown, path: string): unknown {
  const keys = [...path.matchAll(/\["((?:[^"\\]|\\.)*)"\]|\[(\d+)\]|([^.[\]]+)/g)];
  return keys.reduce<unknown>(
    (inner, [, quoted, index, plain]) =>
      (inner as Record<string, unknown> | undefined)?.[quoted ?? index ?? plain ?? ""],
    value,
  );
}
