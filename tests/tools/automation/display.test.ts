import { spawn } from "node:child_process";

import { describe, expect, jest, test } from "@jest/globals";

import { root } from "../../../tools/paths.js";
import { LineDisplay } from "../../../tools/automation/line-display.js";
import { LiveDisplay } from "../../../tools/automation/live-display.js";
import { isLive } from "../../../tools/command-line/terminal.js";
import { Terminal } from "../../terminal.js";

jest.setTimeout(60_000);

/** A stream that writes on a terminal's screen. */
function screen(columns: number, rows: number) {
  const terminal = new Terminal(columns, rows);
  const written: string[] = [];
  const stream = {
    isTTY: true,
    columns,
    rows,
    on: () => undefined,
    off: () => undefined,
    write: (text: string) => {
      written.push(text);
      terminal.write(text);
    },
  };
  return { terminal, written, stream: stream as unknown as NodeJS.WriteStream };
}

test.each([
  ["a terminal", { isTTY: true }, { TERM: "xterm" }, true],
  ["a pipe", {}, { TERM: "xterm" }, false],
  ["a terminal that can't move its cursor", { isTTY: true }, { TERM: "dumb" }, false],
  ["a CI's terminal", { isTTY: true }, { TERM: "xterm", CI: "true" }, false],
  ["a terminal where CI is off", { isTTY: true }, { TERM: "xterm", CI: "false" }, true],
])("lines are drawn again on %s: %j %j", (_, stream, env, live) => {
  expect(isLive(stream, env)).toBe(live);
});

describe("the live list", () => {
  const long = "network-vcn, cluster-cluster 104 s, ".repeat(5);

  test.each([
    [80, 24],
    [120, 40],
  ])("cuts its rows at %d columns", (columns, rows) => {
    const { terminal, stream } = screen(columns, rows);
    const display = new LiveDisplay(stream, ["Tools", "1 Cluster", "2 Mesh"]);
    display.update({ title: "Tools", state: "done", detail: "Pulumi 3.248.0" });
    display.update({ title: "1 Cluster", state: "running", detail: long });
    expect(terminal.tooLong).toEqual([]);
    expect(terminal.screen[0]).toBe("✔ Tools  Pulumi 3.248.0");
    expect(terminal.screen[1]).toMatch(/^⠋ 1 Cluster {2}network-vcn, .*…$/);
    expect(terminal.screen[1]).toHaveLength(columns);
    expect(terminal.screen[2]).toBe("· 2 Mesh");
    void display.end();
  });

  test("ticks the rows that ended, and keeps notes above", async () => {
    const { terminal, stream } = screen(80, 24);
    const display = new LiveDisplay(stream, ["Tools", "1 Cluster", "2 Mesh", "3 Bookinfo"]);
    display.update({ title: "1 Cluster", state: "running", detail: "network-vcn" });
    display.note("Ended an orphaned helm.");
    display.update({ title: "1 Cluster", state: "done", detail: "20 created" });
    display.update({ title: "2 Mesh", state: "failed", detail: "istio-istiod · failed" });
    display.update({ title: "3 Bookinfo", state: "running", detail: "bookinfo-reviews" });
    await display.end();
    await display.end();
    expect(terminal.screen).toEqual([
      "Ended an orphaned helm.",
      "- Tools",
      "✔ 1 Cluster  20 created",
      "✖ 2 Mesh  istio-istiod · failed",
      "✔ 3 Bookinfo  bookinfo-reviews",
    ]);
    expect(terminal.cursorShown).toBe(true);
  });

  test("spins while a row runs, also when nothing is reported", () => {
    jest.useFakeTimers();
    const { written, stream } = screen(80, 24);
    const display = new LiveDisplay(stream, []);
    display.update({ title: "1 Cluster", state: "running" });
    const before = written.length;
    jest.advanceTimersByTime(1000);
    expect(written.length - before).toBe(10);
    void display.end();
    jest.useRealTimers();
  });
});

test("lines never stop for more than five seconds, also while nothing is known to run", () => {
  jest.useFakeTimers();
  const times: number[] = [];
  const stream = { write: () => times.push(Date.now()) } as unknown as NodeJS.WriteStream;
  const display = new LineDisplay(stream);
  const started = Date.now();
  display.update({ title: "Tools", state: "done" });
  jest.advanceTimersByTime(30_000);
  void display.end();
  jest.useRealTimers();
  const all = [started, ...times, started + 30_000];
  const pauses = all.slice(1).map((time, index) => time - (all[index] ?? 0));
  expect(Math.max(...pauses)).toBeLessThanOrEqual(5_000);
});

/** The example in a pseudo-terminal of that size. */
function onTerminal(columns: number, rows: number, env: NodeJS.ProcessEnv): Promise<string> {
  const example = "tests/tools/automation/show-progress.ts";
  const command = `stty cols ${columns} rows ${rows}; exec node --import tsx ${example}`;
  const argv =
    process.platform === "darwin"
      ? ["-q", "/dev/null", "sh", "-c", command]
      : ["-qefc", command, "/dev/null"];
  const child = spawn("script", argv, {
    cwd: root,
    env: { ...process.env, TERM: "xterm", CI: "", NO_COLOR: "1", ...env },
  });
  let said = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (said += text));
  return new Promise((resolve) => child.once("close", () => resolve(said)));
}

describe("in a pseudo-terminal", () => {
  test.each([
    [80, 24],
    [120, 40],
  ])("of %d × %d the steps end with their marks, no line wider", async (columns, rows) => {
    const terminal = new Terminal(columns, rows);
    terminal.write(await onTerminal(columns, rows, {}));
    expect(terminal.tooLong).toEqual([]);
    expect(terminal.screen.slice(0, 3)).toEqual([
      "✔ Tools  ready",
      expect.stringMatching(/^✔ 1 Cluster {2}40 created/),
      "- 2 Mesh  nothing to do",
    ]);
  });

  test.each([{ TERM: "dumb" }, { CI: "true" }])("with %j it prints plain lines", async (env) => {
    const said = await onTerminal(80, 24, env);
    expect(said).not.toContain("\u001b");
    const lines = said.trimEnd().split("\r\n");
    expect(lines[0]).toMatch(/^ +\d+\.\ds {2}Tools: ready$/);
    expect(Math.max(...lines.map(({ length }) => length))).toBeLessThanOrEqual(80);
  });
});
