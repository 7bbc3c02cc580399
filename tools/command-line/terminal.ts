/**
 * Whether a stream is a terminal on which lines can be drawn again. A CI log may be a terminal of sorts, but keeps every
 * version of a line.
 */
export function isLive(
  stream: { isTTY?: boolean },
  env: Record<string, string | undefined> = process.env,
): boolean {
  const { TERM, CI } = env;
  return Boolean(stream.isTTY) && TERM !== "dumb" && (!CI || CI === "false" || CI === "0");
}

/** The text, cut to `width` columns with an ellipsis; all its characters are one column wide. */
export function cutText(text: string, width: number): string {
  return text.length <= width ? text : `${text.slice(0, Math.max(0, width - 1))}…`;
}

/**
 * Escape sequences that replace some lines of a terminal by others, with the cursor below them before and after. They
 * skip equal lines, which avoids flicker.
 */
export function redraw(before: string[], after: string[]): string {
  const up = before.length > 0 ? `\u001b[${before.length}A` : "";
  const lines = after.map((text, index) => (text === before[index] ? "\n" : `\r${text}\u001b[K\n`));
  const below = after.length < before.length ? "\u001b[J" : "";
  // Synchronized output, where the terminal supports it: https://gist.github.com/christianparpart/d8a62cc1ab659194337d73e399004036
  return `\u001b[?2026h${up}\r${lines.join("")}${below}\u001b[?2026l`;
}
