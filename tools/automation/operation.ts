import type { EngineEvent, OpMap, Stack } from "@pulumi/pulumi/automation/index.js";

import { ignoreLateRejections } from "./late-rejections.js";
import type { Progress } from "./progress.js";
import { isImplicit, logicalName } from "./steps.js";

/** How many resources an operation created, updated, replaced, deleted and left as they are. */
export interface ResourceCounts {
  create: number;
  update: number;
  replace: number;
  delete: number;
  same: number;
}

/** What an operation does to a resource, other than leaving it as it is. */
export type Change = Exclude<keyof ResourceCounts, "same">;

export interface Outcome {
  changes: ResourceCounts;
  /** Which resources those were, by their names in the program, in the order in which each was done. */
  resources: Record<Change, string[]>;
  /** Wall time of the operation, in seconds. */
  seconds: number;
  /** The stack's outputs, without the secret ones. */
  outputs: Record<string, unknown>;
}

export type Operation = "up" | "preview" | "refresh" | "destroy";

// What the checkpoint and the events write in a secret's place.
// https://github.com/pulumi/pulumi/blob/v3.248.0/sdk/go/common/resource/sig/sig.go
const redacted = "[secret]";

let forgiving: (() => void) | undefined;

/**
 * Runs one operation of the engine and follows it.
 *
 * @param configFile stack settings to use instead of the stack's own, for a preview of a change.
 * @throws CommandError of the Automation API where the engine failed.
 */
export async function operate(
  operation: Operation,
  stack: Stack,
  progress: Pick<Progress, "event">,
  configFile?: string,
): Promise<Outcome> {
  // To the end of the process: the answers may be missed after the operation.
  forgiving ??= ignoreLateRejections();
  const started = Date.now();
  let counts: OpMap = {};
  const resources = noResourceNames();
  let outputs: Record<string, unknown> = {};
  const onEvent = (event: EngineEvent) => {
    progress.event(event);
    if (event.summaryEvent) counts = event.summaryEvent.resourceChanges;
    const { urn, op, type, new: now } = event.resOutputsEvent?.metadata ?? {};
    const change = op && changeOf[op];
    if (urn && change && !isImplicit(urn)) resources[change].push(logicalName(urn));
    if (urn && type === "pulumi:pulumi:Stack" && now?.outputs) outputs = now.outputs;
  };
  // What waits (for Pods, for an address) costs this machine nothing: it must not hold up the rest.
  const options = {
    onEvent,
    parallel: 64,
    color: "never" as const,
    ...(configFile && { configFile }),
  };
  await withoutSummary(stack)[operation](options);
  const seconds = Math.round((Date.now() - started) / 100) / 10;
  return { changes: countResources(counts), resources, seconds, outputs: withoutSecrets(outputs) };
}

/**
 * The same stack, whose operations do not ask for outputs and history at their end, in three processes of the engine
 * (https://github.com/pulumi/pulumi/blob/v3.248.0/sdk/nodejs/automation/stack.ts): its events have told them.
 */
function withoutSummary(stack: Stack): Stack {
  return Object.assign(Object.create(stack) as Stack, {
    outputs: () => Promise.resolve({}),
    info: () => Promise.resolve(undefined),
  });
}

/** The lists of an operation that has changed nothing. */
export const noResourceNames = (): Outcome["resources"] => ({
  create: [],
  update: [],
  replace: [],
  delete: [],
});

// Of the steps of one replacement, the one that makes the new resource.
const changeOf: Partial<Record<string, Change>> = {
  create: "create",
  update: "update",
  "create-replacement": "replace",
  delete: "delete",
};

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
    Object.entries(outputs).filter(([, value]) => value !== redacted && !isSecret(value)),
  );
}

// https://github.com/pulumi/pulumi/blob/v3.248.0/sdk/nodejs/runtime/rpc.ts (specialSigKey)
function isSecret(value: unknown): boolean {
  return typeof value === "object" && value !== null && "4dabf18193072939515e22adb298388d" in value;
}
