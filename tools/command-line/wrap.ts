import wrapAnsi from "wrap-ansi";

/** Text as lines of at most `width` columns, each starting with `indent`. A word that is longer than a line is split. */
export function wrap(text: string, width: number, indent = ""): string[] {
  const columns = Math.max(8, width - indent.length);
  const words = text.trim().replace(/\s+/g, " ");
  return wrapAnsi(words, columns, { hard: true })
    .split("\n")
    .map((line) => `${indent}${line}`);
}
