import { describe, expect, test } from "@jest/globals";

import { UncheckedError } from "../../../tools/verify/finding.js";
import { causeBelow, renderReport } from "../../../tools/verify/render.js";
import type { Report } from "../../../tools/verify/report.js";
import { verify } from "../../../tools/verify/verify.js";
import { atTraffic, clock, healthy, input, page, simulatedCluster } from "./cluster.js";
import type { Play } from "./cluster.js";

const report = (play: Play = {}, over = {}, options = {}): Promise<Report> =>
  verify({ ...input, ...over }, simulatedCluster(play), {
    settleSeconds: 0,
    ...clock(),
    ...options,
  });
const lines = (text: string) => text.trimEnd().split("\n");

const leaky = {
  answers: { ...atTraffic, "notsleep GET direct": page },
  lists: { nodes: new UncheckedError("nodes is forbidden (HTTP 403)", true) },
};

describe("the table", () => {
  test.each([60, 80, 120, 200])("is no wider than a terminal of %d columns", async (width) => {
    for (const text of [
      renderReport(await report(), { width }),
      renderReport(await report(leaky), { width }),
      renderReport(await report({}, { stage: "mesh" }, { deferrable: true }), { width }),
    ]) {
      expect(Math.max(...lines(text).map(({ length }) => length))).toBeLessThanOrEqual(width);
    }
  });

  test("has 80 columns on a terminal of unknown size", async () => {
    const result = await report(leaky);
    expect(renderReport(result, { width: 0 })).toBe(renderReport(result, { width: 80 }));
  });

  test("has a row for each expectation, and fits on a page", async () => {
    const green = await report();
    const text = lines(renderReport(green, { width: 100 }));
    expect(text.filter((line) => line.startsWith("✔"))).toHaveLength(green.rows.length);
    expect(text.at(-1)).toMatch(new RegExp(`^${green.rows.length} green, 0 red, 0 not checked; `));
  });

  test("shows a red row with the expected and actual result, and the likely cause below", async () => {
    const text = lines(renderReport(await report(leaky), { width: 160 }));
    const at = text.findIndex((line) => line.startsWith("✖"));
    expect(text[at]).toMatch(/notsleep, direct, GET +RBAC: access denied +the page ×5$/);
    expect(text[at + 1]).toMatch(/^ {2}likely cause: the mesh reports no fault; it has: /);
  });

  test("shows a cause once for the rows that share it, and how to heal it at the end", async () => {
    const refused = "0\u001fupstream connect error\u001f503";
    const play = {
      answers: { ...atTraffic, "sleep GET direct": refused, "sleep GET gateway": refused },
      lists: { pods: healthy().pods.filter(({ metadata }) => !/^product/.test(metadata.name)) },
    };
    const text = lines(renderReport(await report(play), { width: 200 }));
    const causes = text.filter((line) => line.includes("likely cause"));
    expect(causes).toEqual([
      "  likely cause: no Pod with app=productpage,version=v1",
      "  likely cause of these 2: follows from the red row Pods of Bookinfo: no Pod with app=productpage,version=v1",
    ]);
    expect(text.slice(-3, -1)).toEqual([
      expect.stringMatching(/^Changed outside of Pulumi: .* Restore it with:$/),
      "  pulumi up --refresh --stack test",
    ]);
  });

  test("refers to a cause that stands above", () => {
    const rows = ["a", "a", undefined, "a", "b"].map((cause) => ({ cause }));
    expect(rows.map((_, index) => causeBelow(rows, index))).toEqual([
      undefined,
      "likely cause of these 2: a",
      undefined,
      "likely cause: as above",
      "likely cause: b",
    ]);
  });

  test("gives each reason for unchecked rows once, with the rows", async () => {
    const text = lines(renderReport(await report(leaky), { width: 160 }));
    expect(text.filter((line) => line.includes("forbidden"))).toEqual([
      "not checked (workers): nodes is forbidden (HTTP 403)",
    ]);
  });

  test("has color only on request", async () => {
    const green = await report();
    expect(renderReport(green)).not.toContain("\u001b");
    expect(renderReport(green, { color: true })).toContain("\u001b[32m✔");
  });

  test("says in one line what was real and what simulated, if the cluster declares it", async () => {
    const { nodes } = healthy();
    nodes[0].metadata.annotations = {
      "oke-ambient-mesh.sandbox/real": "istiod, Envoy",
      "oke-ambient-mesh.sandbox/stand-ins": "OCI, ztunnel",
    };
    const text = renderReport(await report({ lists: { nodes } }));
    expect(text).toContain("\nReal: istiod, Envoy. Simulated: OCI, ztunnel.\n");
    expect(renderReport(await report())).not.toContain("Simulated");
  });

  test("is short when deferred", async () => {
    const text = renderReport(await report({}, { stage: "traffic" }, { deferrable: true }));
    expect(text).not.toContain("deferred");
    const back = renderReport(await report({}, { stage: "l7" }, { deferrable: true }));
    expect(back).toContain("Verification deferred: objects of a later stage still exist:");
    expect(back).toMatch(/VirtualService\sdefault\/reviews/);
  });
});

describe("as JSON", () => {
  test("the report has the same content, and no kubeconfig", async () => {
    const secret = { kubeconfig: "apiVersion: v1\nusers: [{user: {token: planted}}]\n" };
    const text = JSON.stringify(await report({}, secret));
    expect(text).not.toContain("planted");
    expect(JSON.parse(text)).toMatchObject({ verdict: "green", stage: "traffic", deferredBy: [] });
  });
});
