import { diffArrays } from "diff";

/** One line of a difference. */
export interface Line {
  sign: "+" | "-" | " ";
  text: string;
}

/** The difference between two texts, line by line. */
export function diffLines(before: string[], after: string[]): Line[] {
  return diffArrays(before, after).flatMap(({ value, added, removed }) =>
    value.map((text): Line => ({ sign: added ? "+" : removed ? "-" : " ", text })),
  );
}

/** The changed lines with `context` lines around them; `…` in place of the others. */
export function excerpt(lines: Line[], context: number): Line[] {
  const near = lines.map((_, i) =>
    lines.slice(Math.max(0, i - context), i + context + 1).some(({ sign }) => sign !== " "),
  );
  return lines.flatMap((line, i): Line[] => {
    if (near[i]) return [line];
    return i > 0 && near[i - 1] ? [{ sign: " ", text: "…" }] : [];
  });
}
