import type { EngineEvent, Stack } from "@pulumi/pulumi/automation/index.js";

import type { Span } from "./critical-path.js";

/** Times of an operation, in milliseconds since its start. */
export interface Timing {
  /** When the engine began the first resource other than the stack, or the stack if it is the only one. */
  first: number;
  total: number;
  /** Resources' steps by URN. */
  spans: Map<string, Span>;
}

/** Runs an operation and measures each resource. */
export async function timed(
  stack: Stack,
  operation: "up" | "preview" | "destroy",
  also: (event: EngineEvent) => void = () => undefined,
): Promise<Timing> {
  const start = performance.now();
  const now = () => performance.now() - start;
  const spans = new Map<string, Span>();
  const begun: { urn: string; at: number }[] = [];
  const onEvent = (event: EngineEvent) => {
    also(event);
    const { resourcePreEvent: pre, resOutputsEvent: outputs } = event;
    if (pre) {
      begun.push({ urn: pre.metadata.urn, at: now() });
      spans.set(pre.metadata.urn, { begin: now(), end: now() });
    }
    const span = spans.get(outputs?.metadata.urn ?? "");
    if (span) span.end = now();
  };
  await stack[operation]({ onEvent, parallel: 64, color: "never" });
  const own = begun.find(({ urn }) => !urn.includes("::pulumi:pulumi:Stack::")) ?? begun[0];
  return { first: own?.at ?? Number.NaN, total: now(), spans };
}

interface Recorded {
  urn: string;
  custom: boolean;
  provider?: string;
  dependencies?: string[];
}

/** What each resource in a stack's state waited for, without components, which have no steps. */
export async function waits(stack: Stack): Promise<Map<string, string[]>> {
  const { deployment } = (await stack.exportStack()) as {
    deployment: { resources?: Recorded[] };
  };
  return new Map(
    (deployment.resources ?? [])
      .filter(({ custom }) => custom)
      .map(({ urn, provider, dependencies = [] }) => [
        urn,
        // A provider reference is its URN and its ID.
        [...dependencies, ...(provider ? [provider.slice(0, provider.lastIndexOf("::"))] : [])],
      ]),
  );
}
