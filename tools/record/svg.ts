import type { Run } from "./frames.js";
import type { Shown } from "./pace.js";

// Sizes in pixels. The advance of a character is 0.6 of the font's size in the usual monospaced fonts.
const font = 14;
const advance = 8.4;
const leading = 19;
const margin = 16;

/** The terminal's 16 colors on a dark ground; 0 to 7, then bright ones. */
const colors = [
  ["#6e7681", "#ff7b72", "#3fb950", "#d29922", "#58a6ff", "#bc8cff", "#39c5cf", "#b1bac4"],
  ["#8b949e", "#ffa198", "#56d364", "#e3b341", "#79c0ff", "#d2a8ff", "#56d4dd", "#f0f6fc"],
].flat();

/**
 * An animated SVG of the screens, which GitHub shows in a page. All screens are side by side in one strip,
 * which moves behind a window; lines that occur more than once are drawn once.
 *
 * @param title for readers who cannot see the picture.
 */
export function animate(
  shown: readonly Shown[],
  { columns, rows }: { columns: number; rows: number },
  title: string,
): string {
  const width = Math.ceil(columns * advance);
  const height = rows * leading;
  const lines = new Map<string, string>();
  const screens = shown.map(({ lines: screen }, index) => {
    const uses = screen.flatMap((line, row) => {
      const drawn = line.map(drawRun).join("");
      if (drawn === "") return [];
      const id = lines.get(drawn) ?? `l${lines.size}`;
      lines.set(drawn, id);
      return [`<use href="#${id}" y="${(row + 1) * leading - 5}"/>`];
    });
    return `<g transform="translate(${index * width})">${uses.join("")}</g>`;
  });
  const defined = [...lines].map(([drawn, id]) => `<text id="${id}">${drawn}</text>`);
  const [outerWidth, outerHeight] = [width + 2 * margin, height + 2 * margin];
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${outerWidth} ${outerHeight}" role="img" aria-label="${escaped(title)}">`,
    `<title>${escaped(title)}</title>`,
    `<style>${style(shown, width)}</style>`,
    `<defs>${defined.join("\n")}</defs>`,
    `<rect width="${outerWidth}" height="${outerHeight}" rx="8" fill="#0d1117"/>`,
    `<svg x="${margin}" y="${margin}" width="${width}" height="${height}"><g class="strip">`,
    ...screens,
    "</g></svg>",
    "</svg>",
    "",
  ].join("\n");
}

function style(shown: readonly Shown[], width: number): string {
  const total = shown.reduce((sum, { seconds }) => sum + seconds, 0);
  let passed = 0;
  const steps = shown.map(({ seconds }, index) => {
    const percent = ((passed / total) * 100).toFixed(3);
    passed += seconds;
    return `${Number(percent)}%{transform:translateX(${-index * width}px)}`;
  });
  const used = colors.map((color, index) => `.c${index}{fill:${color}}`);
  return [
    `text{font:${font}px ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace;fill:#c9d1d9;white-space:pre}`,
    ".b{font-weight:bold}.d{opacity:.6}",
    ...used,
    `.strip{animation:play ${total.toFixed(2)}s step-end infinite}`,
    `@keyframes play{${steps.join("")}}`,
    // Who asks for less motion gets the end.
    `@media(prefers-reduced-motion:reduce){.strip{animation:none;transform:translateX(${-(shown.length - 1) * width}px)}}`,
  ].join("\n");
}

/** Words that are columns apart start where the terminal has them, whatever the reader's font is. */
function drawRun({ text, column, color, bold, dim }: Run): string {
  const classes = [...(color === undefined ? [] : [`c${color}`]), ...(bold ? ["b"] : [])];
  if (dim) classes.push("d");
  const named = classes.length > 0 ? ` class="${classes.join(" ")}"` : "";
  return [...text.matchAll(/\S+(?: \S+)*/g)]
    .map(({ 0: part, index }) => {
      const x = Number(((column + index) * advance).toFixed(1));
      // A rule must reach as far as on the terminal; a sentence may be shorter.
      const length = /^─+$/.test(part) ? ` textLength="${Math.round(part.length * advance)}"` : "";
      return `<tspan x="${x}"${length}${named}>${escaped(part)}</tspan>`;
    })
    .join("");
}

const escaped = (text: string) =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
