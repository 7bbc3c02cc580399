import { beforeAll, describe, expect, jest, test } from "@jest/globals";

import { stages } from "../../../../components/settings/settings.js";
import { buildPlans } from "../../../../tools/plan/build.js";
import { draw } from "../../../../tools/plan/picture/draw.js";
import { toGraph } from "../../../../tools/plan/picture/graph.js";
import type { Graph } from "../../../../tools/plan/picture/graph.js";
import { layOut } from "../../../../tools/plan/picture/layout.js";
import type { Layout } from "../../../../tools/plan/picture/layout.js";
import type { Plan } from "../../../../tools/plan/plan.js";
import { readStack } from "../../../../tools/plan/stack-config.js";

jest.setTimeout(120_000);

let plan: Plan;
let graph: Graph;
let layout: Layout;
let svg: string;
beforeAll(async () => {
  plan = (await buildPlans(readStack("dev"))).plan;
  graph = toGraph(plan);
  layout = await layOut(graph, () => ({ width: 100, height: 50 }));
  svg = await draw(plan);
});

describe("the graph", () => {
  test("has a box for every component, and every resource in a box", () => {
    const tops = plan.entries.filter(({ parent, custom }) => parent === undefined && !custom);
    const boxed = graph.boxes.map(({ name }) => name);
    for (const { name } of tops) expect(boxed).toContain(name);
    expect(graph.boxes.flatMap(({ members }) => members)).toHaveLength(
      plan.entries.filter(({ custom }) => custom).length,
    );
  });

  test("marks one path from the network to the verification, through nodes, istiod, and the label", () => {
    const way = graph.edges.filter(({ critical }) => critical);
    const names = new Set(way.flatMap(({ from, to }) => [from, to]).map((id) => id.split("@")[0]));
    for (const name of ["network", "cluster", "nodes", "istio", "enrolment", "verification"]) {
      expect(names).toContain(name);
    }
    expect(names).not.toContain("ingress");
    expect(names).not.toContain("bookinfo");
  });

  test("has no edge that others imply", () => {
    const ids = graph.edges.map(({ from, to }) => `${from} ${to}`);
    expect(ids).toContain("cluster@cluster nodes@cluster");
    expect(ids).not.toContain("network@cluster nodes@cluster");
  });
});

describe("the picture", () => {
  test("has the seven steps from left to right, each in a column", () => {
    const columns = stages.map((stage) =>
      layout.boxes.filter(({ step }) => step === stage).map(({ x }) => x),
    );
    for (const [i, xs] of columns.entries()) {
      expect(new Set(xs).size).toBe(1);
      if (i > 0) expect(xs[0]).toBeGreaterThan((columns[i - 1]?.[0] ?? 0) + 100);
      expect(svg).toContain(`<tspan class="number">${i + 1}</tspan> ${stages[i]}</text>`);
    }
  });

  test("has no overlapping boxes", () => {
    for (const a of layout.boxes) {
      for (const b of layout.boxes.filter(({ id }) => id !== a.id)) {
        const apart =
          a.x + a.width <= b.x ||
          b.x + b.width <= a.x ||
          a.y + a.height <= b.y ||
          b.y + b.height <= a.y;
        expect(apart).toBe(true);
      }
    }
  });

  test("draws every edge from the side of one box to the side of another", () => {
    const touches = (id: string, point: { x: number; y: number } | undefined) => {
      const box = layout.boxes.find((each) => each.id === id);
      if (!box || !point) return false;
      const inX = point.x >= box.x && point.x <= box.x + box.width;
      const inY = point.y >= box.y && point.y <= box.y + box.height;
      const onX = point.x === box.x || point.x === box.x + box.width;
      const onY = point.y === box.y || point.y === box.y + box.height;
      return (onX && inY) || (onY && inX);
    };
    expect(layout.edges).toHaveLength(graph.edges.length);
    for (const { from, to, points } of layout.edges) {
      expect([from, touches(from, points[0])]).toEqual([from, true]);
      expect([to, touches(to, points.at(-1))]).toEqual([to, true]);
    }
  });

  test("has no two boxes of one name", () => {
    const titles = [...svg.matchAll(/<g><rect class="box.*?<\/g>/g)].map(([box]) =>
      [...box.matchAll(/class="name"[^>]*>([^<]*)</g)].map(([, line]) => line).join(" "),
    );
    expect(titles).toContain("authorization at l4");
    expect([...new Set(titles)]).toEqual(titles);
    expect(titles).toHaveLength(graph.boxes.length);
  });

  test("is reproducible, follows the reader's color scheme, and fits a README", async () => {
    expect(await draw(plan)).toBe(svg);
    expect(svg).toContain("@media (prefers-color-scheme:dark)");
    const width = Number(/viewBox="0 0 (\d+) /.exec(svg)?.[1]);
    const smallest = Math.min(
      ...[...svg.matchAll(/font-size:([\d.]+)px/g)].map((m) => Number(m[1])),
    );
    // At the README's 830 pixels no text is smaller than 10.5.
    expect((smallest * 830) / width).toBeGreaterThan(10.5);
  });
});
