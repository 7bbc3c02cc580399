/** One line of a difference. */
export interface Line {
  sign: "+" | "-" | " ";
  text: string;
}

/**
 * The shortest way from one text to another, line by line
 * (E. W. Myers, "An O(ND) Difference Algorithm and Its Variations", 1986).
 */
export function diffLines(before: string[], after: string[]): Line[] {
  let start = 0;
  while (start < before.length && start < after.length && before[start] === after[start])
    start += 1;
  let end = 0;
  const most = Math.min(before.length, after.length) - start;
  while (end < most && before.at(-1 - end) === after.at(-1 - end)) end += 1;
  const signed = (sign: Line["sign"], lines: string[]) => lines.map((text) => ({ sign, text }));
  return [
    ...signed(" ", before.slice(0, start)),
    ...shortest(before.slice(start, before.length - end), after.slice(start, after.length - end)),
    ...signed(" ", before.slice(before.length - end)),
  ];
}

function shortest(before: string[], after: string[]): Line[] {
  if (before.length === 0) return after.map((text) => ({ sign: "+", text }));
  if (after.length === 0) return before.map((text) => ({ sign: "-", text }));
  const trace: Map<number, number>[] = [];
  let furthest = new Map<number, number>([[1, 0]]);
  const end = before.length + after.length;
  for (let edits = 0; edits <= end; edits += 1) {
    trace.push(new Map(furthest));
    for (let k = -edits; k <= edits; k += 2) {
      const down = furthest.get(k + 1) ?? -1;
      const right = furthest.get(k - 1) ?? -1;
      let x = k === -edits || (k !== edits && right < down) ? down : right + 1;
      while (x < before.length && x - k < after.length && before[x] === after[x - k]) x += 1;
      furthest.set(k, x);
      if (x >= before.length && x - k >= after.length) return walkBack(before, after, trace);
    }
    furthest = new Map(furthest);
  }
  return [];
}

function walkBack(before: string[], after: string[], trace: Map<number, number>[]): Line[] {
  const lines: Line[] = [];
  let x = before.length;
  let y = after.length;
  for (let edits = trace.length - 1; edits >= 0; edits -= 1) {
    const furthest = trace[edits] ?? new Map<number, number>();
    const k = x - y;
    const down = furthest.get(k + 1) ?? -1;
    const right = furthest.get(k - 1) ?? -1;
    const previous = k === -edits || (k !== edits && right < down) ? k + 1 : k - 1;
    const fromX = furthest.get(previous) ?? 0;
    const fromY = fromX - previous;
    while (x > fromX && y > fromY && x > 0 && y > 0) {
      lines.push({ sign: " ", text: before[x - 1] ?? "" });
      x -= 1;
      y -= 1;
    }
    if (edits === 0) break;
    if (x === fromX) lines.push({ sign: "+", text: after[y - 1] ?? "" });
    else lines.push({ sign: "-", text: before[x - 1] ?? "" });
    x = fromX;
    y = fromY;
  }
  return lines.reverse();
}

/** Only changed lines and so many around them; `…` where lines are left out. */
export function excerpt(lines: Line[], context: number): Line[] {
  const near = lines.map((_, i) =>
    lines.slice(Math.max(0, i - context), i + context + 1).some(({ sign }) => sign !== " "),
  );
  return lines.flatMap((line, i): Line[] => {
    if (near[i]) return [line];
    return i > 0 && near[i - 1] ? [{ sign: " ", text: "…" }] : [];
  });
}
