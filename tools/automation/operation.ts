import type { EngineEvent, OpMap, Stack } from "@pulumi/pulumi/automation/index.js";

import { ignoreLateRejections } from "./late-rejections.js";
import type { Progress } from "./progress.js";
import { type ChangeKind, changeIn, type ResourceChange, withUnknowns } from "./changes.js";

/** How many resources an operation created, updated, replaced, deleted, and left unchanged. */
export interface ResourceCounts {
  create: number;
  update: number;
  replace: number;
  delete: number;
  same: number;
}

export interface Outcome {
  changes: ResourceCounts;
  /** Logical names of those resources, in the order in which each was done. */
  resources: Record<ChangeKind, string[]>;
  /** The same, with what changed. */
  details: ResourceChange[];
  /** Wall time of the operation, in seconds. */
  seconds: number;
  /** The stack's outputs, without the secret ones; null: only an up tells. */
  outputs: Record<string, unknown>;
}

export type Operation = "up" | "preview" | "refresh" | "destroy";

// The checkpoint and the events hold this instead of a secret.
// https://github.com/pulumi/pulumi/blob/v3.248.0/sdk/go/common/resource/sig/sig.go
const redacted = "[secret]";

let stopIgnoring: (() => void) | undefined;

/**
 * Runs one operation of the engine and follows it.
 *
 * @param more.configFile stack settings to use instead of the stack's own, for a preview of a change.
 * @param more.refresh of `up` and `preview`: whether to read the real state of every resource first.
 * @throws CommandError of the Automation API where the engine failed.
 */
export async function operate(
  operation: Operation,
  stack: Stack,
  progress: Pick<Progress, "event">,
  more: { configFile?: string | undefined; refresh?: boolean | undefined } = {},
): Promise<Outcome> {
  // Until the process ends: rejections may arrive after the operation.
  stopIgnoring ??= ignoreLateRejections();
  const started = Date.now();
  let counts: OpMap = {};
  const resources = noResourceNames();
  let outputs: Record<string, unknown> = {};
  const details: ResourceChange[] = [];
  // A component has a second event when it registers its outputs.
  const seen = new Set<string>();
  const onEvent = (event: EngineEvent) => {
    progress.event(event);
    if (event.summaryEvent) counts = event.summaryEvent.resourceChanges;
    const { metadata } = event.resOutputsEvent ?? {};
    const { urn, type, new: now } = metadata ?? {};
    const changed = metadata && changeIn(metadata);
    if (changed && !seen.has(`${changed.change} ${urn}`)) {
      seen.add(`${changed.change} ${urn}`);
      resources[changed.change].push(changed.name);
      details.push(changed);
    }
    if (urn && type === "pulumi:pulumi:Stack" && now?.outputs) outputs = now.outputs;
  };
  // Resources that wait (for Pods, for an address) use no CPU and must not delay the others.
  const options = {
    onEvent,
    parallel: 64,
    color: "never" as const,
    ...(more.configFile && { configFile: more.configFile }),
    ...(more.refresh && { refresh: true }),
  };
  await withoutSummary(stack)[operation](options);
  const seconds = Math.round((Date.now() - started) / 100) / 10;
  return {
    changes: countResources(counts),
    resources,
    details,
    seconds,
    outputs: withoutSecrets(outputs),
  };
}

/**
 * The same stack without the three CLI calls that end each operation to fetch outputs and history
 * (https://github.com/pulumi/pulumi/blob/v3.248.0/sdk/nodejs/automation/stack.ts): the events already contain them.
 */
function withoutSummary(stack: Stack): Stack {
  return Object.assign(Object.create(stack) as Stack, {
    outputs: () => Promise.resolve({}),
    info: () => Promise.resolve(undefined),
  });
}

/** The empty lists of an operation that changes nothing. */
export const noResourceNames = (): Outcome["resources"] => ({
  create: [],
  update: [],
  replace: [],
  delete: [],
});

/** The engine's own counts, with the steps of one replacement counted once. */
export function countResources(changes: OpMap): ResourceCounts {
  return {
    create: changes.create ?? 0,
    update: changes.update ?? 0,
    replace: changes.replace ?? changes["create-replacement"] ?? 0,
    delete: changes.delete ?? 0,
    same: changes.same ?? 0,
  };
}

function withoutSecrets(outputs: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(outputs)
      .filter(([, value]) => value !== redacted && !isSecret(value))
      .map(([key, value]) => [key, withUnknowns(value)]),
  );
}

// https://github.com/pulumi/pulumi/blob/v3.248.0/sdk/nodejs/runtime/rpc.ts (specialSigKey)
function isSecret(value: unknown): boolean {
  return typeof value === "object" && value !== null && "4dabf18193072939515e22adb298388d" in value;
}
