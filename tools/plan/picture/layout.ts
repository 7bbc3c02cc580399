import * as elkjs from "elkjs/lib/elk.bundled.js";
import type { ELK, ElkNode } from "elkjs/lib/elk-api.js";

import { stages } from "../../../components/settings/settings.js";
import type { Box, Edge, Graph } from "./graph.js";

export interface Point {
  x: number;
  y: number;
}

export interface PlacedBox extends Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

export interface PlacedEdge extends Edge {
  /** From the first box's side to the second's, at least two. */
  points: Point[];
}

export interface Layout {
  boxes: PlacedBox[];
  edges: PlacedEdge[];
  width: number;
  height: number;
}

// A CommonJS module whose default export is nested differently under jest.
const Elk = ((elkjs.default as unknown as { default?: unknown }).default ?? elkjs.default) as new (
  options?: object,
) => ELK;

/** One column per step, left to right; within a column each box is below those that it waits for. */
const options = {
  "elk.algorithm": "layered",
  "elk.direction": "RIGHT",
  // Use each box's x: otherwise the layout would move a box without edges to other columns.
  "elk.layered.layering.strategy": "INTERACTIVE",
  // Keep the column of boxes that have edges only within it.
  "elk.separateConnectedComponents": "false",
  "elk.edgeRouting": "ORTHOGONAL",
  "elk.layered.considerModelOrder.strategy": "NODES_AND_EDGES",
  "elk.layered.crossingMinimization.forceNodeModelOrder": "true",
  "elk.layered.nodePlacement.strategy": "NETWORK_SIMPLEX",
  "elk.layered.nodePlacement.favorStraightEdges": "true",
  "elk.spacing.nodeNode": "22",
  "elk.spacing.edgeNode": "12",
  "elk.spacing.edgeEdge": "8",
  "elk.layered.spacing.nodeNodeBetweenLayers": "30",
  "elk.layered.spacing.edgeNodeBetweenLayers": "13",
  "elk.layered.spacing.edgeEdgeBetweenLayers": "7",
  "elk.padding": "[top=0,left=0,bottom=0,right=0]",
  "elk.randomSeed": "1",
};

/**
 * Places the boxes and routes the edges around them. Edges within a column are routed here: the layout supports none
 * between boxes of one layer.
 */
export async function layOut(
  graph: Graph,
  sizeOf: (box: Box) => { width: number; height: number },
): Promise<Layout> {
  const stepOf = new Map(graph.boxes.map(({ id, step }) => [id, stages.indexOf(step)]));
  const steps = ({ from, to }: Edge) => [stepOf.get(from) ?? 0, stepOf.get(to) ?? 0] as const;
  const across = graph.edges.filter((edge) => steps(edge)[0] !== steps(edge)[1]);
  const placed: ElkNode = await new Elk().layout({
    id: "plan",
    layoutOptions: options,
    children: graph.boxes.map((box) => ({
      id: box.id,
      ...sizeOf(box),
      x: (stepOf.get(box.id) ?? 0) * farApart,
      y: 0,
    })),
    edges: across.map((edge, i) => {
      // Reverse a backward edge for the layout only; its arrow keeps its direction.
      const [from, to] = steps(edge);
      const ends = from < to ? [edge.from, edge.to] : [edge.to, edge.from];
      return {
        id: String(i),
        sources: [ends[0] ?? ""],
        targets: [ends[1] ?? ""],
        layoutOptions: { "elk.layered.priority.straightness": edge.critical ? "10" : "1" },
      };
    }),
  });
  const boxes = graph.boxes.map((box) => ({ ...box, ...place(placed, box.id) }));
  const led = across.map((edge, i): PlacedEdge => {
    const [from, to] = steps(edge);
    const points = routeOf(placed, String(i));
    return { ...edge, points: from < to ? points : points.reverse() };
  });
  const within = graph.edges.filter((edge) => !across.includes(edge));
  return {
    boxes,
    edges: [...led, ...within.map((edge) => ({ ...edge, points: inColumn(edge, boxes) }))],
    width: placed.width ?? 0,
    height: placed.height ?? 0,
  };
}

/** Wider than any box. */
const farApart = 1000;
const round = (value: number | undefined) => Math.round((value ?? 0) * 2) / 2;

function place({ children }: ElkNode, id: string) {
  const node = children?.find((child) => child.id === id);
  const { x, y, width, height } = node ?? {};
  return { x: round(x), y: round(y), width: round(width), height: round(height) };
}

function routeOf({ edges }: ElkNode, id: string): Point[] {
  const sections = edges?.find((edge) => edge.id === id)?.sections ?? [];
  return sections
    .flatMap(({ startPoint, bendPoints, endPoint }) => [
      startPoint,
      ...(bendPoints ?? []),
      endPoint,
    ])
    .map(({ x, y }) => ({ x: round(x), y: round(y) }));
}

/** Straight down to the next box, or to the right around the boxes between. */
function inColumn({ from, to }: Edge, boxes: PlacedBox[]): Point[] {
  const upper = boxes.find(({ id }) => id === from);
  const lower = boxes.find(({ id }) => id === to);
  if (!upper || !lower) return [];
  const bottom = upper.y + upper.height;
  const between = boxes.some(({ step, y }) => step === upper.step && y > upper.y && y < lower.y);
  const middle = upper.x + upper.width / 2;
  if (!between) {
    return [
      { x: middle, y: bottom },
      { x: middle, y: lower.y },
    ];
  }
  const right = upper.x + upper.width;
  const start = upper.y + upper.height / 2;
  const end = lower.y + 12;
  return [
    { x: right, y: start },
    { x: right + 8, y: start },
    { x: right + 8, y: end },
    { x: lower.x + lower.width, y: end },
  ];
}
