import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";

import { describe, expect, test } from "@jest/globals";

import type { Stage } from "../../../components/settings/types.js";
import { root } from "../../../tools/paths.js";
import { LiveCount } from "../../../tools/walk/results/live-count.js";
import { commandLines, repeatCommand } from "../../../tools/walk/results/repeat-command.js";
import { type PendingRow, ResultTable } from "../../../tools/walk/results/result-table.js";
import { expectations } from "../../../components/verification/expectations.js";
import { type Line, paint } from "../../../tools/walk/screen/lines.js";
import { allCommands, countLine, resultLines } from "../../../tools/walk/screen/results.js";
import { input, simulatedCluster } from "../verify/cluster.js";

const text = (lines: Line[]) => lines.map((spans) => paint(spans, false));
const green = (rows: PendingRow[]): PendingRow[] =>
  rows.map((row) => ({ ...row, verdict: "green", seen: "5 of 5" }));
const at = (stage: Stage, from?: Stage) => new ResultTable({ ...input, stage }, from).now;
const row = (id: string) => {
  const found = expectations.find((each) => each.id === id);
  if (!found) throw new Error(`no row ${id}`);
  return found;
};

describe("the results of a step", () => {
  test("show first what the step changed, as a change, and the rest in one line", () => {
    expect(text(resultLines(green(at("l4", "ambient")), 80))).toEqual([
      "✔ notsleep, direct, GET  the page → curl exit 56, reset  5 of 5",
      "    kubectl exec deploy/notsleep -- curl -sS http://productpage:9080/",
      "✔ policy productpage-viewer  ZtunnelAccepted  5 of 5",
      "✔ 10 other rows as at the stage before   a: show them",
    ]);
  });

  test("have the rows of the counters with observability", () => {
    const table = new ResultTable({ ...input, stage: "traffic", observability: true }, "l7").now;
    expect(table.filter(({ stayed }) => !stayed).map(({ id }) => id)).toContain("reviews-counted");
    expect(table.find(({ id }) => id === "prometheus-targets")?.stayed).toBe(true);
  });

  test("on the way back show the change in that direction", () => {
    const lines = text(resultLines(green(at("l4", "l7")), 80));
    expect(lines[0]).toContain("RBAC: access denied → curl exit 56, reset");
    expect(lines.at(-1)).toContain("11 other rows as at the stage before");
  });

  test("say in one line that every row is as before", () => {
    expect(text(resultLines(green(at("l7", "traffic")), 80))).toEqual([
      "✔ 16 rows as at the stage before   a: show them",
    ]);
  });

  test("show a row that stayed the same only if it is red, with its cause", () => {
    const rows = green(at("l4", "ambient")).map((each): PendingRow =>
      each.id === "ztunnel" ? { ...each, verdict: "red", cause: "no worker is Ready" } : each,
    );
    expect(text(resultLines(rows, 80))).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^✖ DaemonSet ztunnel +available/),
        "  likely cause: no worker is Ready",
        "✔ 9 other rows as at the stage before   a: show them",
      ]),
    );
  });

  test("count the rows that stay while they are checked", () => {
    expect(text(resultLines(at("l4", "ambient"), 80)).at(-1)).toBe(
      "· 10 other rows as at the stage before: 0 checked",
    );
  });

  test.each([80, 120, 40])("fit into %d columns", (columns) => {
    for (const stage of ["bookinfo", "l7", "traffic"] as const) {
      const rows = green(at(stage, "ambient")).map((each) => ({ ...each, seen: "x".repeat(70) }));
      const lines = text(resultLines(rows, columns)).filter((said) => !said.startsWith("    "));
      for (const said of lines) expect(said.length).toBeLessThanOrEqual(columns + 15);
    }
  });
});

describe("the command that repeats a request", () => {
  test.each([
    [
      "notsleep-direct-get",
      {},
      "kubectl exec deploy/notsleep -- curl -sS http://productpage:9080/",
    ],
    [
      "sleep-gateway-delete",
      { namespace: "demo", context: "kind mesh" },
      "kubectl --context 'kind mesh' -n demo exec deploy/sleep -- curl -sS -X DELETE http://istio-ingressgateway.istio-system/productpage",
    ],
    [
      "reviews-split",
      {},
      "kubectl exec deploy/sleep -- curl -sS \"http://productpage:9080/productpage?[1-50]\" | grep -o 'reviews-v[123]-' | sort | uniq -c",
    ],
    ["ztunnel", {}, undefined],
  ])("of %s", (id, over, command) => {
    expect(repeatCommand(row(id), { ...input, ...over })).toBe(command);
  });

  test("is in the README for the three that show the difference", () => {
    const readme = readFileSync(join(root, "README.md"), "utf8");
    for (const id of ["notsleep-direct-get", "sleep-gateway-delete", "reviews-split"]) {
      expect(readme).toContain(`\n${repeatCommand(row(id), input)}\n`);
    }
  });

  test.each([80, 120, 60])("can be copied from %d columns", (columns) => {
    for (const each of at("traffic").filter(({ command }) => command)) {
      const lines = commandLines(each.command ?? "", columns, "    ");
      for (const said of lines) expect(said.length).toBeLessThanOrEqual(columns);
      // A shell reads them as one command.
      const script = `kubectl() { for word in kubectl "$@"; do printf '%s\\n' "$word"; done; }\n${lines.join("\n").replace(/ \|[^]*/, "")}`;
      const words = execFileSync("sh", ["-c", script], { encoding: "utf8" }).trim().split("\n");
      expect(words.join(" ")).toBe((each.command ?? "").replace(/ \|.*/, "").replaceAll('"', ""));
    }
  });

  test("is listed for every request of a stage", () => {
    const lines = text(allCommands(at("traffic"), 80));
    expect(lines.filter((said) => said.startsWith("    kubectl"))).toHaveLength(5);
  });
});

describe("the live count", () => {
  test("sums up the rounds until it is stopped", async () => {
    const seen: string[] = [];
    let rounds = 0;
    const cluster = simulatedCluster();
    const live: LiveCount = new LiveCount(cluster, "default", ({ v1, v2 }) => {
      seen.push(`${v1} ${v2}`);
      rounds += 1;
      if (rounds === 2) live.stop();
    });
    await live.run();
    expect(seen).toEqual(["18 2", "36 4"]);
  });

  test("survives a round without a client, and ends where no request can be sent", async () => {
    const node = { metadata: { annotations: { "oke-ambient-mesh.sandbox/no-requests": "no" } } };
    const live = new LiveCount(simulatedCluster({ lists: { nodes: [node] } }), "default", () => {
      throw new Error("counted");
    });
    await live.run();
  });

  test.each([80, 120])("is a bar with numbers on %d columns", (columns) => {
    const [said = ""] = text([countLine({ v1: 180, v2: 20, v3: 0, none: 0 }, columns)]);
    expect(said).toMatch(/^Now 180 v1, 20 v2: 10\.0 % v2 +█+$/);
    expect(said.length).toBeLessThanOrEqual(columns);
  });
});
