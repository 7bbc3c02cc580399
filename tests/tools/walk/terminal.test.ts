import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, afterEach, beforeAll, describe, expect, jest, test } from "@jest/globals";

import { stages } from "../../../components/settings/types.js";
import { repeatMs } from "../../../tools/walk/screen/keys.js";
import { Pty } from "../../pty.js";

// The walk in a pseudo-terminal, with keys as a terminal sends them, on a stack without an engine.
jest.setTimeout(120_000);

const pageDown = "\u001b[6~";
const pageUp = "\u001b[5~";
const url = "The page: http://127.21.105.1:8080/productpage";

let folder = "";
let walks = 0;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "walk-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

const running: Pty[] = [];
afterEach(() => {
  for (const { child } of running.splice(0)) child.kill();
});

class SimulatedWalk extends Pty {
  private readonly log: string;

  constructor(
    { env, ...size }: { columns: number; rows: number; env?: NodeJS.ProcessEnv },
    ...options: string[]
  ) {
    const log = join(folder, `${(walks += 1)}.log`);
    super(
      `${process.execPath} --import tsx tests/tools/walk/simulated-walk.ts ${log} ${options.join(" ")}`,
      size,
      env,
    );
    this.log = log;
    running.push(this);
  }

  /** The operations so far. */
  get operations(): string[] {
    return readFileSync(this.log, "utf8").trim().split("\n");
  }

  /** Waits for the question below a table or a plan. */
  async asks(what: string): Promise<void> {
    await this.shows(new RegExp(`\nEnter: ${what} .*$`), 30);
    await new Promise((resolve) => setTimeout(resolve, repeatMs));
  }
}

const sizes = [
  { columns: 80, rows: 24 },
  { columns: 120, rows: 40 },
];

describe.each(sizes)("on a terminal of $columns × $rows", (size) => {
  test("goes from the first step to the last with PageDown alone, back with b, and looks up with PageUp", async () => {
    const walk = new SimulatedWalk(size);
    const tables: string[] = [];
    for (const [index, stage] of stages.entries()) {
      await walk.asks("apply");
      expect(walk.screen).toContain(`Step ${index + 1} of 7, ${stage}:`);
      expect(walk.screen).toMatch(/\n1 to create:\n\+ +1 Deployment +change-/);
      walk.type(pageDown);
      const next = stages[index + 1];
      await walk.asks(next ? `step ${index + 2}, ${next}` : "end");
      if (index >= 2) expect(walk.screen).toContain(url);
      tables.push(walk.screen);
      if (!next) break;
      walk.type(pageDown);
    }
    expect(tables[4]).toMatch(
      /What that changes:\n✔ notsleep, direct, GET +the page → curl exit 56, reset/,
    );
    expect(tables[4]).toContain(
      "\n    kubectl exec deploy/notsleep -- curl -sS http://productpage:9080/\n",
    );
    expect(tables[4]).toContain("✔ 10 other rows as at the stage before   a: show them");
    expect(tables[5]).toContain("curl exit 56, reset → RBAC: access denied");
    expect(tables[5]).toContain("So does signing in");
    await walk.shows(/Now \d+ v1, \d+ v2: 10\.0 % v2/, 30);

    // Back: the plan first, and PageUp stays.
    walk.type("b");
    await walk.asks("apply");
    expect(walk.screen).toContain("Back to step 6 of 7, l7:");
    walk.type(pageUp);
    await walk.asks("end");
    walk.type("b");
    await walk.asks("apply");
    walk.type(pageDown);
    await walk.asks("step 7, traffic");
    expect(walk.screen).toContain("✔ 16 rows as at the stage before");

    // The explanation covers the table, and PageDown leads back to it.
    walk.type(pageUp);
    await walk.shows(
      /\n[✔+] +1 Deployment +change-l7\n+The page: .*\nEnter: step 7, traffic .*$/,
      30,
    );
    walk.type(pageDown);
    await walk.shows(/\n✔ 16 rows as at .*\n+The page: .*\nEnter: step 7, traffic .*$/, 30);
    walk.type("q");
    expect(await walk.ended).toBe(0);
    expect(walk.screen).toContain("Stopped at stage l7. Continue with: npm run walk");
    expect(walk.terminal.tooLong).toEqual([]);
    expect(walk.terminal.cursorShown).toBe(true);
  });

  test("opens the other rows, the commands, and the keys, and asks again", async () => {
    const walk = new SimulatedWalk(size, "--at", "traffic");
    await walk.asks("end");
    expect([...walk.terminal.history, walk.screen].join("\n")).not.toContain("Loading …");
    expect(walk.screen).toContain(url);
    expect(walk.screen).toContain("Stage traffic, compared with l7:");
    walk.type("a");
    await walk.shows(/✔ cluster +workers/);
    expect(walk.screen).toContain("✔ traffic");
    expect(walk.screen).not.toContain("more lines");
    walk.type("c");
    await walk.shows(/ {4}kubectl exec deploy\/sleep -- curl -sS -X DELETE/);
    expect(walk.screen).toContain('    eval "$(npm run -s sandbox -- env)"');
    walk.type("?");
    await walk.shows(/Enter, Space, PageDown +go on/);
    expect(walk.screen).not.toContain("more lines");
    walk.type(" ");
    await walk.shows(/✔ cluster +workers/);
    const asked = walk.operations.filter((line) => line === "ask traffic").length;
    walk.type("r");
    await until(() => walk.operations.filter((line) => line === "ask traffic").length > asked);
    walk.type("3");
    await walk.asks("apply");
    expect(walk.screen).toContain("Back to step 3 of 7, bookinfo:");
    walk.type("q");
    expect(await walk.ended).toBe(0);
    expect(walk.terminal.tooLong).toEqual([]);
  });
});

test("on a terminal that can't draw a line again, prints what the keys look up", async () => {
  const walk = new SimulatedWalk({ columns: 80, rows: 200, env: { TERM: "dumb" } }, "--at", "l4");
  await walk.asks("apply");
  expect(walk.screen).toContain(
    "\nPreviewing …   PageUp: stay at l4   b: back to ambient   q: quit\n",
  );
  walk.type("?");
  await walk.shows(/\nEnter, Space, PageDown +go on\n/, 30);
  await walk.asks("apply   PageUp: stay at l4   b: back to ambient   \\?: keys");
  walk.type(pageDown);
  await walk.asks("step 7, traffic");
  const asked = () => walk.screen.split("\nEnter: step 7").length - 1;
  for (const [key, shown] of [
    ["a", "\n✔ cluster   workers"],
    ["c", "\nBefore the commands, in the shell that you paste them into:"],
    [pageUp, "\nA waypoint, which reads HTTP,"],
    ["r", "\n✔ notsleep, direct, GET"],
  ] as const) {
    const before = asked();
    walk.type(key);
    // The question stands below what the key looked up.
    await until(() => asked() > before);
    expect(walk.screen.split("\nEnter: step 7").at(-2)).toContain(shown);
  }
  walk.type("q");
  expect(await walk.ended).toBe(0);
  expect(walk.terminal.tooLong).toEqual([]);
});

describe.each(sizes)("a walk on a terminal of $columns × $rows", (size) => {
  test("previews the next step while the table is on the screen", async () => {
    const walk = new SimulatedWalk(size, "--at", "bookinfo");
    await walk.asks("apply");
    walk.type("\r");
    await walk.asks("step 5, l4");
    await until(() => walk.operations.includes("previewed l4"));
    walk.type("\r");
    await walk.asks("apply");
    expect(walk.operations.filter((line) => line === "preview l4")).toHaveLength(1);
    walk.type("q");
    expect(await walk.ended).toBe(0);
    expect(walk.operations.filter((line) => line.startsWith("up"))).toEqual(["up ambient"]);
  });

  test("does not wait for a preview that takes long", async () => {
    const walk = new SimulatedWalk(size, "--at", "l4", "--slow");
    const keys = "PageUp: stay at l4   b: back to ambient   q: quit";
    await walk.shows(new RegExp(`\nPreviewing, \\d+ s …   ${keys}$`), 30);
    walk.type("b");
    await walk.shows(/Back to step 4 of 7, ambient:/, 30);
    await until(() => walk.operations.at(-1) === "preview ambient");
    expect(walk.operations.slice(-2)).toEqual(["canceled l7", "preview ambient"]);
    walk.type("r");
    await walk.asks("step 6, l7");
    expect(walk.screen).toContain("Stage l4, compared with ambient:");
    walk.type("b");
    // The heading of the first way back may still be on the screen, so it waits for the last line.
    await walk.shows(/\nPreviewing, \d+ s … .*q: quit$/, 30);
    walk.type("q");
    expect(await walk.ended).toBe(0);
    expect(walk.screen).toContain("Stopped at stage l4. Continue with: npm run walk");
    expect(walk.operations.slice(-2)).toEqual(["canceled ambient", "close untouched"]);
  });

  test("says after Ctrl-C in a preview that nothing was changed, and where the stack still is", async () => {
    const walk = new SimulatedWalk(size, "--at", "l4", "--slow");
    await walk.shows(/\nPreviewing, \d+ s … .*q: quit$/, 30);
    await until(() => walk.operations.at(-1) === "preview l7");
    walk.type("\u0003");
    expect(await walk.ended).toBe(130);
    expect(walk.screen).toContain(
      "Stopped by Ctrl-C in the preview of stage l7.\nNothing was changed; still at stage l4.\nContinue with: npm run walk",
    );
    expect(walk.operations.slice(-2)).toEqual(["canceled l7", "close untouched"]);
  });

  test("says after Ctrl-C below a plan that nothing was changed, and where the stack still is", async () => {
    const walk = new SimulatedWalk(size, "--at", "l4");
    await walk.asks("apply");
    walk.type("\u0003");
    expect(await walk.ended).toBe(130);
    expect(walk.screen).toContain(
      "Stopped by Ctrl-C before stage l7.\nNothing was changed; still at stage l4.\nContinue with: npm run walk",
    );
    expect(walk.operations.at(-1)).toBe("close untouched");
  });

  test("stays at a red table, to ask again or to leave", async () => {
    const walk = new SimulatedWalk(size, "--at", "ambient", "--red");
    await walk.asks("apply");
    walk.type(pageDown);
    await walk.asks("check again");
    expect(walk.screen).toMatch(
      /✖ notsleep, direct, GET +the page → curl exit 56, reset +the page ×5/,
    );
    const asked = walk.operations.length;
    walk.type(pageDown);
    await until(() => walk.operations.length > asked);
    await walk.asks("check again");
    walk.type("q");
    expect(await walk.ended).toBe(1);
    expect(walk.screen).toContain(
      "Stage l4 failed verification; see the red rows.\nIf something was changed outside of Pulumi, restore it with: pulumi up --refresh",
    );
    expect(walk.operations).not.toContain("preview l7");
  });

  test("pauses at each table with --auto N", async () => {
    const walk = new SimulatedWalk(size, "--at", "l4", "--auto", "2");
    const started = Date.now();
    await walk.shows(/\nIn [12] s: step 7, traffic$/, 30);
    await walk.shows(/\nIn [12] s: end$/, 30);
    expect(await walk.ended).toBe(0);
    expect(Date.now() - started).toBeGreaterThan(4000);
    expect(walk.screen).toContain("The walk-through is complete.");
    expect(walk.screen).toContain("To return to any stage: up --stage cluster");
  });

  test("asks before it makes a sandbox that was not there", async () => {
    const walk = new SimulatedWalk(size, "--missing");
    await walk.asks("create it");
    expect(walk.screen).toContain('There is no sandbox "nope". Existing sandboxes: demo.');
    walk.type("q");
    expect(await walk.ended).toBe(0);
    expect(walk.screen).toContain("Nothing was created.");
    expect(walk.operations).toEqual(["close untouched"]);
  });
});

async function until(holds: () => boolean): Promise<void> {
  const end = Date.now() + 30_000;
  while (!holds()) {
    if (Date.now() > end) throw new Error("It took too long.");
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
