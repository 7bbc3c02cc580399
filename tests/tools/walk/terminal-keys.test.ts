import { describe, expect, test } from "@jest/globals";

import { stages } from "../../../components/settings/types.js";
import { pageDown, pageUp, SimulatedWalk, sizes, until } from "./terminal-walk.js";

const url = "The page: http://127.21.105.1:8080/productpage";

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
    // The question is printed again below the result.
    await until(() => asked() > before);
    expect(walk.screen.split("\nEnter: step 7").at(-2)).toContain(shown);
  }
  walk.type("q");
  expect(await walk.ended).toBe(0);
  expect(walk.terminal.tooLong).toEqual([]);
});
