import { execFile } from "node:child_process";
import { promisify } from "node:util";

import { afterAll, afterEach, describe, expect, jest, test } from "@jest/globals";

import { root } from "../../../tools/paths.js";
import { repeatMs } from "../../../tools/walk/screen/keys.js";
import { stepAt, walkSteps as steps } from "../../../tools/walk/steps.js";
import { Pty } from "../../pty.js";
import { type Ran, TestSandbox } from "../harness.js";

// `npm run walk` as a person sees it: on a terminal of 80 × 24, and without one.
jest.setTimeout(1_800_000);

const sandbox = new TestSandbox("test-walk");
const columns = 80;
const rows = 24;

/** A walk that a failed case leaves would wait for a key, with the sandbox in use. */
const walks: Pty[] = [];
afterEach(() => {
  for (const { child } of walks.splice(0)) child.kill();
});
afterAll(async () => {
  await sandbox.try("destroy");
});

/** The walk goes its own ways: what is there is asked, whichever case ran before. */
async function nothingThere(): Promise<void> {
  await sandbox.run("destroy");
}
async function everythingThere(): Promise<void> {
  const { stage, resources } = await sandbox.status();
  if (stage !== "traffic" || resources < 80) await sandbox.at("traffic");
}

/** A walk on a terminal of its own, followed on its screen. */
class Seen extends Pty {
  /** Headings that stood on the screen, in the order in which they came. */
  readonly headings: string[] = [];
  /** Screens on which the step that had begun could not be seen whole. */
  readonly lost: string[] = [];

  constructor(...args: string[]) {
    super(`npm run -s walk -- --name ${sandbox.name} ${args.join(" ")}`, { columns, rows });
    walks.push(this);
    this.onDrawing = (screen) => {
      const heading = screen.findLast((line) => /^(Back to step|Step) \d of 7, /.test(line));
      if (heading && this.headings.at(-1) !== heading) this.headings.push(heading);
      if (!heading && this.headings.length > 0) this.lost.push(screen.join("\n"));
    };
  }

  /** The screen as one line of words. */
  get words(): string {
    return this.screen.replaceAll(/\s+/g, " ");
  }

  /** Waits for the question below a plan or a table. */
  async asks(what: string): Promise<void> {
    await this.shows(new RegExp(`\nEnter: ${what}.*$`));
    await this.pause();
  }

  /** The same key within this time counts as one press. */
  pause(): Promise<void> {
    return new Promise((resolve) => setTimeout(resolve, repeatMs));
  }
}

/** The keys of a clicker: the pages, and the one that blanks the screen, which types `b`. */
const clicker = { pageDown: "\u001b[6~", pageUp: "\u001b[5~", blank: "b" };

/** What a step from ambient on changes in the requests' answers, as its table shows it. */
const changed = {
  l4: /\n✔ notsleep, direct, GET +the page → curl exit 56, reset /,
  l7: /\n✔ notsleep, direct, GET +curl exit 56, reset → RBAC: access denied /,
  traffic: /\n✔ \d+ reviews by version .* v1, \d+ v2\n/,
};

/** A walk in a sandbox that it asks to create, at the question of its first step. */
async function begun(): Promise<Seen> {
  const seen = new Seen();
  await seen.shows(/There is no sandbox "test-walk"\.[^]*\nEnter: create it /);
  seen.type("\r");
  await seen.shows(/to create:[^]*\nEnter: apply .*q: quit$/);
  return seen;
}

const stageIn = (heading: string) => /tep \d of 7, (\w+):/.exec(heading)?.[1];

describe("on a terminal", () => {
  test("Ctrl-C at the first question leaves nothing running", async () => {
    await nothingThere();
    const seen = await begun();
    seen.type("\u0003");
    expect(await seen.ended).toBe(130);
    expect(seen.terminal.screen.join("\n")).toContain(
      "Stopped by Ctrl-C before stage cluster.\nNothing was changed.\n",
    );
    expect((await sandbox.status()).processes).toEqual([]);
  });

  test("Ctrl-C in the first step ends it in order, and the terminal is as before", async () => {
    await nothingThere();
    const seen = new Seen("--auto");
    await seen.shows(/Updating, .*cluster-cluster/);
    seen.type("\u0003");
    expect(await seen.ended).toBe(130);
    expect(seen.terminal.screen.join("\n")).toContain(
      "Stopped by Ctrl-C in the update to stage cluster.\nThe stack's state records what was done.\n" +
        "Continue with: npm run walk -- --name test-walk",
    );
    expect(seen.terminal.cursorShown).toBe(true);
    expect(seen.terminal.tooLong).toEqual([]);
  });

  test("q leaves before the step, which is still ahead", async () => {
    await nothingThere();
    const seen = await begun();
    seen.type("x");
    seen.type("q");
    expect(await seen.ended).toBe(0);
    expect(seen.terminal.screen.at(-1)).toBe(
      "Stopped with nothing changed. Continue with: npm run walk -- --name test-walk",
    );
    expect(seen.headings.map(stageIn)).toEqual(["cluster"]);
  });

  test("goes from cluster to traffic, each step in sight until the next", async () => {
    await nothingThere();
    const seen = new Seen("--auto");
    expect([await seen.ended, seen.terminal.screen]).toEqual([
      0,
      expect.arrayContaining(["The walk-through is complete."]),
    ]);
    expect(seen.headings.map(stageIn)).toEqual(steps.map(({ stage }) => stage));
    expect(seen.lost).toEqual([]);
    expect(seen.terminal.tooLong).toEqual([]);
    const all = [...seen.terminal.history, ...seen.terminal.screen];
    expect(all.filter((line) => line.includes("reviews by version"))).toEqual([
      expect.stringMatching(/^✔ \d+ reviews by version .* v1, \d+ v2$/),
    ]);
    expect((await sandbox.status()).stage).toBe("traffic");
  });
});

describe("without a terminal", () => {
  const walk = async (...args: string[]): Promise<Ran> => {
    const argv = ["run", "-s", "walk", "--", "--name", sandbox.name, ...args];
    try {
      return { code: 0, ...(await promisify(execFile)("npm", argv, { cwd: root })) };
    } catch (error) {
      return error as Ran;
    }
  };

  test("says that there is no step ahead", async () => {
    await everythingThere();
    const { code, stdout } = await walk("--auto");
    expect([code, stdout]).toEqual([0, expect.stringContaining("there is no step ahead")]);
    expect(stdout).toContain("npm run -s sandbox -- up --name test-walk --stage cluster");
    const page = /^The page: (http:\/\/127\.\S+)/m.exec(stdout)?.[1];
    expect(page).toBeDefined();
    expect((await sandbox.status()).page).toBe(page);
  });

  test.each([
    [[], "The walk waits for a key, but there is no terminal. Add --auto to continue without one."],
    [["--auto", "--stack", "dev"], "--stack and --sandbox cannot be combined."],
  ])("refuses %j", async (args, message) => {
    expect(await walk(...args)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining(message),
    });
  });
});

test("goes on, looks up, and goes back with a clicker's keys alone", async () => {
  const { pageDown, pageUp, blank } = clicker;
  await sandbox.at("ambient");
  const seen = new Seen();
  for (const stage of ["l4", "l7", "traffic"] as const) {
    const { number, title, words } = stepAt(stage);
    await seen.asks("apply");
    expect(seen.screen).toContain(`Step ${number} of 7, ${stage}: ${title}`);
    expect(seen.words).toContain(words);
    expect(seen.screen).toMatch(/\n\d+ to (create|update).*:\n[+~] +\d+ \w+ +\w/);
    seen.type(pageDown);
    await seen.asks(stage === "traffic" ? "end" : `step ${number + 1}, `);
    expect(seen.screen).toMatch(/\n\d+ (created|updated).* in [\d.]+ s\. What that changes:\n/);
    expect(seen.screen).toMatch(changed[stage]);
    expect(seen.screen).toMatch(/\nThe page: http:\/\/127\..*\/productpage\n/);
    // The explanation comes back over the table, and goes.
    seen.type(pageUp);
    await seen.shows(/\n[✔+~] +\d+ [A-Z]\w+ +\w/);
    expect(seen.words).toContain(words);
    await seen.pause();
    seen.type(pageUp);
    await seen.shows(changed[stage]);
    await seen.pause();
    if (stage === "traffic") await seen.shows(/\nNow \d+ v1, \d+ v2/);
    if (stage !== "traffic") seen.type(pageDown);
  }
  seen.type(blank);
  await seen.asks("apply");
  expect(seen.screen).toContain("Back to step 6 of 7, l7:");
  expect(seen.words).toContain(stepAt("l7").words);
  expect(seen.screen).toMatch(/\n\d+ to .*delete:\n/);
  seen.type(pageDown);
  await seen.asks("step 7, traffic");
  expect(seen.screen).toMatch(/\n\d+ updated, \d+ deleted in [\d.]+ s\. What that changes:\n/);
  seen.type("q");
  expect(await seen.ended).toBe(0);
  expect(seen.terminal.screen.at(-1)).toBe(
    "Stopped at stage l7. Continue with: npm run walk -- --name test-walk",
  );
  expect([seen.lost, seen.terminal.tooLong]).toEqual([[], []]);
  expect((await sandbox.status()).stage).toBe("l7");
});
