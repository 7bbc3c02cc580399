/** When a resource's step began and ended, in milliseconds since the operation began. */
export interface Span {
  begin: number;
  end: number;
}

/** A resource on the critical path. */
export interface Leg extends Span {
  urn: string;
  /** How long nothing of the path was under way before it began, in milliseconds. */
  idle: number;
}

/**
 * The chain of resources that decided how long an operation took: from the one that ended last, back by whatever it
 * waited for that ended last.
 *
 * @param spans by URN; resources without one took no step and are passed over.
 * @param waitsFor URNs that a resource waits for: its dependencies and its provider.
 * @returns the chain from its beginning; empty without spans.
 */
export function criticalPath(
  spans: ReadonlyMap<string, Span>,
  waitsFor: (urn: string) => readonly string[],
): Leg[] {
  const path: Leg[] = [];
  let next = latest([...spans.keys()], spans);
  while (next !== undefined) {
    const urn: string = next;
    const span = spans.get(urn) as Span;
    // What ended later was not waited for.
    const earlier = waitsFor(urn).filter(
      (other) => (spans.get(other)?.end ?? Infinity) <= span.end,
    );
    next = latest(
      earlier.filter((other) => other !== urn && !path.some((leg) => leg.urn === other)),
      spans,
    );
    const before = next === undefined ? 0 : (spans.get(next) as Span).end;
    path.unshift({ urn, ...span, idle: Math.max(0, span.begin - before) });
  }
  return path;
}

function latest(urns: readonly string[], spans: ReadonlyMap<string, Span>): string | undefined {
  let found: string | undefined;
  for (const urn of urns) {
    const end = spans.get(urn)?.end;
    if (end === undefined) continue;
    if (found === undefined || end > (spans.get(found) as Span).end) found = urn;
  }
  return found;
}
