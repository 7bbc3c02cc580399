/** Begin and end of a resource's step, in milliseconds since the operation began. */
export interface Span {
  begin: number;
  end: number;
}

/** A resource on the critical path. */
export interface Leg extends Span {
  urn: string;
  /** Idle time before it began, in milliseconds. */
  idle: number;
}

/**
 * The chain of resources that determined an operation's duration: from the one that ended last, back through the
 * predecessor that ended last.
 *
 * @param spans by URN; resources without a step are skipped.
 * @param waitsFor URNs that a resource waits for: its dependencies and its provider.
 * @returns the chain, first resource first; empty without spans.
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
    // A resource did not wait for one that ended later.
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

/** A time in which no resource on the critical path was worked on. */
export interface Gap {
  /** URN of the resource that began after it. */
  before: string;
  /** Milliseconds. */
  length: number;
  /** URNs of the resources that were worked on meanwhile, longest first; at most five. */
  meanwhile: string[];
}

/** The longest gaps on a critical path, longest first. */
export function longestGaps(
  path: readonly Leg[],
  spans: ReadonlyMap<string, Span>,
  count = 3,
): Gap[] {
  return path
    .filter(({ idle }) => idle > 0)
    .sort((a, b) => b.idle - a.idle)
    .slice(0, count)
    .map(({ urn, begin, idle }) => {
      const overlap = ({ begin: from, end }: Span) =>
        Math.min(end, begin) - Math.max(from, begin - idle);
      const meanwhile = [...spans]
        .filter(([other, span]) => other !== urn && overlap(span) > 0)
        .sort(([, a], [, b]) => overlap(b) - overlap(a))
        .slice(0, 5)
        .map(([other]) => other);
      return { before: urn, length: idle, meanwhile };
    });
}
