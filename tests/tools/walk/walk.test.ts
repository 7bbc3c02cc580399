import { existsSync } from "node:fs";
import { join } from "node:path";

import { describe, expect, test } from "@jest/globals";
import type { Stack } from "@pulumi/pulumi/automation/index.js";
import type { EngineEvent } from "@pulumi/pulumi/automation/events.js";

import { UsageError } from "../../../tools/command-line/errors.js";
import { verify } from "../../../tools/verify/verify.js";
import { root } from "../../../tools/paths.js";
import { StepChanges } from "../../../tools/walk/step-changes.js";
import {
  changeLines,
  changesInShort,
  frame,
  headingOf,
  type Picture,
  tableLines,
  wordLines,
} from "../../../tools/walk/screen/frame.js";
import { stageHeld, stageReached } from "../../../tools/stacks/history.js";
import { deployedStage } from "../../../tools/walk/stack/walked-stack.js";
import { cut, line, type Line, paint } from "../../../tools/walk/screen/lines.js";
import { redraw } from "../../../tools/command-line/terminal.js";
import { parseOptions } from "../../../tools/walk/options.js";
import { PlainUi } from "../../../tools/walk/screen/plain.js";
import { type PendingRow, ResultTable } from "../../../tools/walk/results/result-table.js";
import { stepAfter, stepBefore, walkSteps } from "../../../tools/walk/steps.js";
import { Terminal } from "../../terminal.js";
import { atTraffic, clock, denied, input, simulatedCluster } from "../verify/cluster.js";

const text = (lines: Line[]) => lines.map((spans) => paint(spans, false));
const longest = (lines: string[]) => Math.max(...lines.map(({ length }) => length));

describe("the walk's command line", () => {
  test.each([
    [[], { on: { sandbox: "sandbox" } }],
    [["--sandbox"], { on: { sandbox: "sandbox" } }],
    [["--sandbox", "mine", "--auto"], { on: { sandbox: "mine" }, auto: 0 }],
    [["--auto", "20", "--sandbox", "mine"], { on: { sandbox: "mine" }, auto: 20 }],
    [["--auto=20"], { on: { sandbox: "sandbox" }, auto: 20 }],
    [["--sandbox", "--auto", "5"], { on: { sandbox: "sandbox" }, auto: 5 }],
    [["--sandbox=mine"], { on: { sandbox: "mine" } }],
    [["--stack", "org/oke-ambient-mesh/dev"], { on: { stack: "org/oke-ambient-mesh/dev" } }],
    [["-h"], "help"],
  ])("takes %j", (argv, options) => expect(parseOptions(argv)).toEqual(options));

  test.each([
    [["mine"], 'Unexpected argument "mine"'],
    [["--stack", "dev", "mine"], 'Unexpected argument "mine"'],
    [["--sandbox", "a", "b"], 'Unexpected argument "b"'],
    [["--stack", "dev", "--sandbox"], "cannot be combined"],
    [["--stack", ""], "needs the name of a stack"],
    [["--sandbox", "A/b"], '"A/b" is not a valid name'],
    [["--fast"], "--fast"],
    [["--auto=soon"], '--auto "soon" is not a number of seconds'],
  ])("refuses %j", (argv, message) => {
    expect(() => parseOptions(argv)).toThrow(UsageError);
    expect(() => parseOptions(argv)).toThrow(message);
  });
});

describe("the stage that a stack has reached", () => {
  const update = (stage: string | undefined, result = "succeeded", kind = "update") => ({
    kind,
    result,
    config: stage ? { "oke-ambient-mesh:stage": { value: stage } } : {},
  });

  test.each([
    ["none, for a new stack", [], undefined],
    ["where its last up brought it", [update("l4"), update("l7")], "l4"],
    ["at the end, where no stage is configured", [update(undefined)], "traffic"],
    ["before the stage that failed", [update("l4", "failed")], "ambient"],
    ["nowhere, when the first one failed", [update("cluster", "failed")], undefined],
    ["where it was before a refresh", [update("l7", "failed", "refresh"), update("l4")], "l4"],
    ["nowhere, after a destroy", [update("l4", "succeeded", "destroy"), update("l4")], undefined],
  ])("%s", (_, history, stage) => expect(stageReached(history)).toBe(stage));

  test.each([
    ["nothing, for a new stack", [], undefined],
    ["the last one that an up reached", [update("l4")], "l4"],
    ["the one before an up that was interrupted", [update("l7", "failed"), update("l4")], "l4"],
    [
      "the one before a way back that was interrupted",
      [update("l4", "failed"), update("l7")],
      "l7",
    ],
    ["nothing, when the first up failed", [update("l4", "failed")], undefined],
    ["nothing, after a destroy", [update("l4", "failed", "destroy"), update("l4")], undefined],
  ])("that holds is %s", (_, history, stage) => expect(stageHeld(history)).toBe(stage));

  test("is unknown when a destroy left resources", async () => {
    const standing = (left: number) => {
      const stack = {
        history: () => Promise.resolve([update("l4", "succeeded", "destroy"), update("l4")]),
        exportStack: () => Promise.resolve({ deployment: { resources: Array(left).fill({}) } }),
      };
      const commands = { destroy: "pulumi destroy --stack x", up: "pulumi up --stack x" };
      return deployedStage(stack as unknown as Stack, commands);
    };
    await expect(standing(0)).resolves.toEqual({});
    await expect(standing(2)).rejects.toThrow(
      /left 2 resources[^]*pulumi destroy --stack x[^]*pulumi up --stack x/,
    );
  });

  test("is the one before a way back that was interrupted, which is still ahead", async () => {
    const history = [update("ambient", "failed"), update("traffic")];
    const stack = { history: () => Promise.resolve(history) } as unknown as Stack;
    expect(await deployedStage(stack, { destroy: "", up: "" })).toEqual({
      held: "traffic",
      reached: "bookinfo",
    });
  });

  test("determines the step ahead and the one before", () => {
    expect(stepAfter("l4")).toMatchObject({ stage: "l7", number: 6 });
    expect(stepAfter("traffic")).toBeUndefined();
    expect(stepBefore("l4")).toMatchObject({ stage: "ambient", number: 4 });
    expect(stepBefore("cluster")).toBeUndefined();
  });
});

/** An event of the engine for one resource. */
function event(kind: "resourcePreEvent" | "resOutputsEvent" | "resOpFailedEvent", of: Resource) {
  const { name, op = "create", type = "kubernetes:apps/v1:Deployment", custom = true } = of;
  const state = { custom, inputs: of.object ? { metadata: { name: of.object } } : {} };
  const metadata = {
    urn: `urn:pulumi:s::p::${type}::${name}`,
    op,
    type,
    ...(op === "delete" ? { old: state } : { new: state }),
  };
  return { [kind]: { metadata } } as unknown as EngineEvent;
}
interface Resource {
  name: string;
  op?: string;
  type?: string;
  custom?: boolean;
  object?: string;
}

const release = "kubernetes:helm.sh/v3:Release";
function planned(): StepChanges {
  const changes = new StepChanges(() => 5_000);
  const resources: Resource[] = [
    { name: "bookinfo", custom: false },
    { name: "default_4_34_2", type: "pulumi:providers:kubernetes" },
    { name: "bookinfo-b", object: "b" },
    { name: "bookinfo-a", object: "a" },
    { name: "istio-istiod", type: release },
    { name: "same", op: "same" },
    { name: "verification-command", type: "command:local:Command", op: "update" },
    { name: "gone", op: "delete", object: "gone" },
  ];
  for (const resource of resources) changes.planned(event("resourcePreEvent", resource));
  return changes;
}

describe("the changes of a step", () => {
  test("are listed by kind, with the objects' names, without components", () => {
    const changes = planned();
    expect(changes.groups.map(({ sign, kind, names }) => [sign, kind, names])).toEqual([
      ["+", "Deployment", ["a", "b"]],
      ["+", "Release", ["istio-istiod"]],
      ["~", "Command", ["verification-command"]],
      ["-", "Deployment", ["gone"]],
    ]);
    expect(changes.summary).toBe("3 to create, 1 to update, 1 to delete");
    expect(new StepChanges().summary).toBe("");
  });

  test("follow the operation", () => {
    const changes = planned();
    const istiod = { name: "istio-istiod", type: release };
    changes.happened(event("resourcePreEvent", { name: "bookinfo-a" }));
    changes.happened(event("resOutputsEvent", { name: "bookinfo-a" }));
    changes.happened(event("resourcePreEvent", istiod));
    expect(changes.progress).toBe("1 of 5; istio-istiod 0 s");
    expect(text(changesInShort(changes.groups, true))).toEqual([
      "+   1/2 Deployment  a, b",
      "▸     1 Release     istio-istiod",
      "~     1 Command     verification-command",
      "-     1 Deployment  gone",
    ]);
    changes.happened(event("resOpFailedEvent", istiod));
    changes.happened(event("resOutputsEvent", { name: "bookinfo-b" }));
    expect(text(changesInShort(changes.groups, true)).slice(0, 2)).toEqual([
      "✔     2 Deployment  a, b",
      "✖     1 Release     istio-istiod",
    ]);
    expect(changes.result).toBe("2 created");
  });

  test("wrap their names onto as many lines as needed", () => {
    const changes = new StepChanges();
    for (let n = 10; n < 30; n++) {
      changes.planned(event("resourcePreEvent", { name: `resource-${n}` }));
    }
    const lines = text(changeLines(changes.groups, false, 40));
    expect(lines[0]).toBe("+    20 Deployment  resource-10,");
    expect(lines.join(" ").match(/resource-/g)).toHaveLength(20);
    expect(longest(lines)).toBeLessThanOrEqual(40);
  });
});

describe("the table", () => {
  test("shows each row as pending until it is green", async () => {
    const rows = new ResultTable(input);
    expect(rows.now.map(({ verdict }) => verdict)).toEqual(Array(19).fill("pending"));
    const answers = { ...atTraffic, "sleep GET direct": denied };
    const report = await verify(input, simulatedCluster({ answers }), {
      settleSeconds: 0,
      ...clock(),
      onRow: (row) => rows.update(row),
    });
    expect(rows.now.filter(({ verdict }) => verdict === "pending").map(({ id }) => id)).toEqual([
      "sleep-direct-get",
    ]);
    // The last word is the report's.
    const lines = text(tableLines(report.rows, 80));
    expect(lines.filter((said) => said.startsWith("✖"))).toEqual([
      expect.stringContaining("sleep, direct, GET"),
    ]);
    expect(lines.find((said) => said.includes("likely cause"))).toBeDefined();
  });
});

describe("a frame", () => {
  const [first, last] = [walkSteps[0], walkSteps.at(-1)];
  const base = (over: Partial<Picture>): Picture => ({
    heading: last ? headingOf(last) : "",
    where: "sandbox walk",
    bodies: [],
    notes: [],
    footer: "Enter: apply   q: quit",
    ...over,
  });
  const pending = new ResultTable(input).now;

  test.each([
    [80, 24],
    [40, 12],
    [200, 60],
    [80, 8],
    [20, 6],
  ])("of %d × %d is neither wider nor higher", (columns, rows) => {
    const words = wordLines(first?.words ?? "", columns);
    const table = tableLines(pending, columns);
    const notes = ["one", "two", "three", "x".repeat(300)];
    const lines = text(
      frame(base({ bodies: [[...words, ...table], table], notes }), { columns, rows }),
    );
    expect(longest(lines)).toBeLessThanOrEqual(columns);
    expect(lines.length).toBeLessThan(rows);
    expect(lines[0]).toContain("Step 7");
    expect(lines.at(-1)).toMatch(/^Enter: apply/);
  });

  test("shows the whole table of the last stage at 80 × 24", () => {
    const table = tableLines(pending, 80);
    const bodies = [[...wordLines(last?.words ?? "", 80), ...table], table];
    const lines = text(frame(base({ bodies }), { columns: 80, rows: 24 }));
    expect(lines.slice(2, -2)).toEqual(text(table));
    expect(lines.slice(2, -2)).toHaveLength(19);
  });

  test("takes the best body that fits, and cuts the last one", () => {
    const body = (count: number, said: string) => Array.from({ length: count }, () => line(said));
    const shown = (...bodies: Line[][]) =>
      text(frame(base({ bodies }), { columns: 80, rows: 14 })).slice(2, -2);
    expect(shown(body(9, "best"), body(2, "short"))).toEqual(Array(9).fill("best"));
    expect(shown(body(10, "best"), body(2, "short"))).toEqual(["short", "short"]);
    expect(shown(body(12, "best"))).toEqual([...Array(8).fill("best"), "… and 4 more lines"]);
  });

  test("fits every step's description into six lines of 80 columns", () => {
    for (const { words } of walkSteps) expect(wordLines(words, 80, false).length).toBeLessThan(7);
  });
});

test("every step that sends requests names a picture that exists", () => {
  const named = walkSteps.flatMap(({ words }) => /docs\/requests\/\S+\.svg/.exec(words) ?? []);
  expect(named).toHaveLength(5);
  for (const path of named) expect([path, existsSync(join(root, path))]).toEqual([path, true]);
});

test("a line that is too long ends with an ellipsis and keeps its styles", () => {
  const spans: Line = [{ text: "12345", style: "red" }, { text: "67890" }];
  expect(cut(spans, 10)).toBe(spans);
  expect(text([cut(spans, 7), cut(spans, 3), cut(spans, 0)])).toEqual(["123456…", "12…", ""]);
  expect(cut(spans, 7)[0]).toEqual({ text: "12345", style: "red" });
  expect(paint(spans, true)).toBe("\u001b[31m12345\u001b[39m67890");
});

describe("drawing in place", () => {
  test("shows the new lines and keeps the lines above them", () => {
    const terminal = new Terminal(20, 6);
    terminal.write("$ npm run walk\n");
    let shown: string[] = [];
    for (const lines of [["a", "b"], ["a", "c", "d", "e"], ["f"], ["g", "h", "i", "j", "k"]]) {
      terminal.write(redraw(shown, lines));
      expect(terminal.screen.slice(-lines.length)).toEqual(lines);
      shown = lines;
    }
    expect([...terminal.history, ...terminal.screen]).toEqual(["$ npm run walk", ...shown]);
    expect(terminal.tooLong).toEqual([]);
  });

  test("writes only changed lines", () => {
    const written = redraw(["one", "two", "three"], ["one", "2", "three"]);
    expect(written).toContain("2");
    expect(written).not.toContain("one");
    expect(written).not.toContain("three");
  });
});

test("without a terminal the walk prints plain lines of at most 80 columns", () => {
  let written = "";
  const stream = { write: (said: string) => (written += said) } as unknown as NodeJS.WritableStream;
  const ui = new PlainUi(stream);
  ui.prepare({ title: "Tools", state: "running", detail: "building" });
  ui.prepare({ title: "Tools", state: "done", detail: "x".repeat(100) });
  const changes = planned();
  for (const step of walkSteps) {
    ui.begin(step);
    ui.plan(changes);
    ui.apply(changes);
    ui.results("1 created in 2 s");
    const rows: PendingRow[] = new ResultTable(input).now;
    ui.table(rows.map((row) => ({ ...row, verdict: "green", seen: "y".repeat(90) })));
  }
  ui.note("n".repeat(200));
  ui.end("");
  const lines = written.split("\n");
  expect(longest(lines)).toBeLessThanOrEqual(80);
  expect(lines.filter((said) => said.startsWith("Step "))).toHaveLength(7);
  expect(written).not.toMatch(/\u001b/);
});

test("without a terminal a row that turns red after green is printed again", () => {
  let written = "";
  const stream = { write: (said: string) => (written += said) } as unknown as NodeJS.WritableStream;
  const ui = new PlainUi(stream);
  const [row] = new ResultTable(input).now as [PendingRow];
  for (const verdict of ["green", "green", "red"] as const) ui.table([{ ...row, verdict }]);
  expect(written.split("\n").filter(Boolean)).toEqual([
    expect.stringMatching(/^✔/),
    expect.stringMatching(/^✖/),
  ]);
});
