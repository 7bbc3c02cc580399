import { stages } from "../../../components/settings/settings.js";
import { toGraph } from "./graph.js";
import type { Box } from "./graph.js";
import { contentSize, contentsOf } from "./contents.js";
import { layOut } from "./layout.js";
import type { Layout, PlacedBox, PlacedEdge, Point } from "./layout.js";
import { escape, palette } from "./svg.js";
import type { Plan } from "../plan.js";

const boxWidth = 118;
const padding = 8;
const titleLine = 18;
const contentLine = 16;
const margin = 12;
/** Height of the steps' names above the boxes. */
const headerHeight = 48;
const legendHeight = 34;
/** How far a column's background reaches beyond its boxes. */
const gutter = 6;
const corner = 5;

/**
 * The plan as an SVG picture: components as boxes, the steps of the walk-through as columns, and the critical path
 * highlighted. Follows the reader's color scheme. Equal plans give equal bytes.
 */
export async function draw(plan: Plan): Promise<string> {
  const graph = toGraph(plan);
  const layout = await layOut(graph, sizeOf);
  const width = Math.round(layout.width + 2 * margin);
  const height = Math.round(headerHeight + layout.height + margin + legendHeight);
  const resources = plan.entries.filter(({ custom }) => custom).length;
  const path = graph.boxes.filter(({ critical }) => critical).map(({ name }) => name);
  return `${[
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-labelledby="title desc">`,
    `<title id="title">${escape(`Stack ${plan.stack} at stage ${plan.stage}`)}</title>`,
    `<desc id="desc">${escape(`${resources} resources as a graph, left to right. Critical path: ${[...new Set(path)].join(", ")}.`)}</desc>`,
    style,
    markers,
    `<rect class="page" width="${width}" height="${height}" rx="8"/>`,
    ...columns(layout, height),
    `<g transform="translate(${margin} ${headerHeight})">`,
    // Draw the critical path over the others.
    ...[...layout.edges].sort((a, b) => Number(a.critical) - Number(b.critical)).map(drawEdge),
    ...layout.boxes.map(drawBox),
    "</g>",
    legend(height, resources),
    "</svg>",
  ].join("\n")}\n`;
}

function sizeOf(box: Box) {
  const lines = contentsOf(box, boxWidth - 2 * padding).length;
  const height = 2 * padding + titlesOf(box).length * titleLine + lines * contentLine;
  return { width: boxWidth, height };
}

/** A name on one line, or on two with a break after a dash; with the step if others have the name. */
function titlesOf({ name, step, isShared }: Box): string[] {
  const dash = name.length <= 14 ? 0 : name.lastIndexOf("-", 14) + 1;
  const lines = dash > 0 ? [name.slice(0, dash), name.slice(dash)] : [name];
  return isShared ? [...lines, `at ${step}`] : lines;
}

function columns({ boxes }: Layout, height: number): string[] {
  return stages.flatMap((stage, i) => {
    const inColumn = boxes.filter(({ step }) => step === stage);
    const first = inColumn[0];
    if (!first) return [];
    const x = margin + first.x - gutter;
    const columnHeight = height - legendHeight - 8;
    return [
      `<rect class="column" x="${x}" y="8" width="${boxWidth + 2 * gutter}" height="${columnHeight}" rx="6"/>`,
      `<text class="step" x="${margin + first.x + padding}" y="30"><tspan class="number">${i + 1}</tspan> ${stage}</text>`,
    ];
  });
}

function drawBox(box: PlacedBox): string {
  const { x, y, width, height, critical } = box;
  const titles = titlesOf(box);
  const text = (className: string, line: string, at: number) =>
    `<text class="${className}" x="${x + padding}" y="${at}">${escape(line)}</text>`;
  const contentTop = y + padding + titles.length * titleLine;
  return [
    `<g><rect class="box${critical ? " long" : ""}" x="${x}" y="${y}" width="${width}" height="${height}" rx="5"/>`,
    ...titles.map((line, i) => text("name", line, y + padding + 11 + i * titleLine)),
    ...contentsOf(box, boxWidth - 2 * padding).map((line, i) =>
      text("content", line, contentTop + 10 + i * contentLine),
    ),
    "</g>",
  ].join("");
}

function drawEdge({ points, critical }: PlacedEdge): string {
  const kind = critical ? "long" : "plain";
  return `<path class="edge ${kind}" d="${rounded(points)}" marker-end="url(#${kind})"/>`;
}

/** A line through the points, with rounded corners. */
function rounded(points: Point[]): string {
  const [first, ...rest] = points;
  if (!first) return "";
  const parts = rest.map((point, i) => {
    const next = rest[i + 1];
    const before = points[i];
    if (!next || !before) return `L${point.x} ${point.y}`;
    const [a, b] = [towards(point, before), towards(point, next)];
    return `L${a.x} ${a.y}Q${point.x} ${point.y} ${b.x} ${b.y}`;
  });
  return `M${first.x} ${first.y}${parts.join("")}`;
}

function towards(from: Point, to: Point): Point {
  const length = Math.hypot(to.x - from.x, to.y - from.y);
  const part = length === 0 ? 0 : Math.min(corner, length / 2) / length;
  const at = (a: number, b: number) => Math.round((a + (b - a) * part) * 10) / 10;
  return { x: at(from.x, to.x), y: at(from.y, to.y) };
}

function legend(height: number, resources: number): string {
  const y = height - 13;
  return [
    `<path class="edge long" d="M${margin} ${y - 4}h28" marker-end="url(#long)"/>`,
    `<text class="content" x="${margin + 38}" y="${y}">critical path: sets how long an up takes</text>`,
    `<path class="edge plain" d="M${margin + 312} ${y - 4}h28" marker-end="url(#plain)"/>`,
    `<text class="content" x="${margin + 350}" y="${y}">must exist first; all else runs in parallel · ${resources} resources</text>`,
  ].join("\n");
}

const markers = `<defs>${["plain", "long"]
  .map(
    (kind) =>
      `<marker id="${kind}" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" markerHeight="8" markerUnits="userSpaceOnUse" orient="auto"><path class="head ${kind}" d="M0 0.5L8 4L0 7.5Z"/></marker>`,
  )
  .join("")}</defs>`;

const style = palette(
  (color) => `text{fill:${color.text}}
.page{fill:${color.page}}
.column{fill:${color.column}}
.step{font-size:15px;font-weight:600;fill:${color.muted}}
.number{fill:${color.accent}}
.box{fill:${color.page};stroke:${color.line};stroke-width:1}
.box.long{stroke:${color.critical};stroke-width:2}
.name{font-size:14.5px;font-weight:600}
.content{font-size:${contentSize}px;fill:${color.muted}}
.edge{fill:none;stroke:${color.edge};stroke-width:1.3}
.edge.long{stroke:${color.critical};stroke-width:2.4}
.head{fill:${color.edge}}
.head.long{fill:${color.critical}}`,
);
