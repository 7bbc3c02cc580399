import { describe, expect, test } from "@jest/globals";

import { pageDown, SimulatedWalk, sizes, until } from "./terminal-walk.js";

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
