import { beforeAll, describe, expect, test } from "@jest/globals";

import { existing, graphOf, oke } from "./graph.js";
import type { Graph } from "./graph.js";

const name = "verification-command";
const shown = { verify: "true" };
/** The hash that makes the command run again, at a stage that is quick to record. */
const checked = async (change: Record<string, unknown> = {}) => {
  const graph = await graphOf(existing({ ...shown, stage: "cluster", ...change }));
  return (graph.get(name).inputs["environment"] as { CHECKED: string }).CHECKED;
};

let graph: Graph;
beforeAll(async () => {
  graph = await graphOf(oke(shown));
}, 30_000);

describe("the verification in the graph", () => {
  test("comes after every other resource", () => {
    const before = graph.before(name);
    const missing = graph.all.filter(
      ({ name: other, custom, type }) =>
        custom && other !== name && !before.has(other) && !type.startsWith("pulumi:providers"),
    );
    expect(missing.map(({ name: other }) => other)).toEqual([]);
  });

  test("is no resource's dependency", () => {
    expect(graph.names.filter((other) => graph.before(other).has(name))).toEqual([]);
  });

  test("runs the command line with what it needs on stdin, as a secret", () => {
    const { inputs } = graph.get(name);
    expect(inputs["create"]).toBe("node --import tsx verify/cli.ts --from-stdin");
    expect(inputs["stdin"]).toBe("<secret>");
  });

  test("is updated rather than replaced, and logs its table once", () => {
    const { inputs } = graph.get(name);
    expect(inputs).not.toHaveProperty("triggers");
    expect(inputs["logging"]).toBe("stdout");
  });

  test("is absent with verify: false", async () => {
    expect((await graphOf(oke({ stage: "cluster" }))).names).not.toContain("verification");
  });

  test("exists at the first stage too", async () => {
    expect((await graphOf(oke({ ...shown, stage: "cluster" }))).names).toContain(name);
  });
});

describe("it runs again", () => {
  let before: string;
  beforeAll(async () => {
    before = await checked();
  });

  test("not if nothing has changed", async () => {
    expect(await checked()).toBe(before);
  });

  test.each([
    ["the stage", { stage: "mesh" }],
    ["a chart's values", { mesh: { helmValues: { istiod: { pilot: { cpu: 1 } } } } }],
    ["the mesh's version", { mesh: { version: "1.31.0" } }],
  ])("when %s changes", async (_, change) => {
    expect(await checked(change)).not.toBe(before);
  });

  test("not if only network.apiAllowedCidrs changes", async () => {
    const open = { network: { apiAllowedCidrs: ["198.51.100.0/24"] } };
    expect(await checked(open)).toBe(before);
  });
});
