import { styleText } from "node:util";

type Style = Parameters<typeof styleText>[0];

/** A part of a line in one style. */
export interface Span {
  text: string;
  style?: Style;
}

/** A line of the terminal; all its characters are one column wide. */
export type Line = Span[];

export const line = (text: string, style?: Style): Line => [{ text, ...(style && { style }) }];

/** The line, cut to `width` columns with an ellipsis. */
export function cut(spans: Line, width: number): Line {
  const full = spans.reduce((sum, { text }) => sum + text.length, 0);
  if (full <= width) return spans;
  let room = Math.max(0, width - 1);
  const kept: Line = [];
  for (const { text, style } of spans) {
    kept.push({ text: text.slice(0, room), ...(style && { style }) });
    room = Math.max(0, room - text.length);
  }
  return [...kept, { text: width > 0 ? "…" : "" }];
}

/** The line as text, with its styles' escape sequences if `color` is set. */
export function paint(spans: Line, color: boolean): string {
  return spans
    .map(({ text, style }) =>
      color && style && text ? styleText(style, text, { validateStream: false }) : text,
    )
    .join("");
}
