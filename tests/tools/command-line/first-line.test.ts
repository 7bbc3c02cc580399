import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, describe, expect, jest, test } from "@jest/globals";

import { simulatedPulumi } from "../simulated-pulumi.js";
import { Pty } from "../../pty.js";

// What a command does before its first line decides how long a person looks at nothing: the packages of Pulumi,
// Kubernetes, and Oracle take seconds to load, and each run of another program a second or more.
jest.setTimeout(60_000);

const folder = mkdtempSync(join(tmpdir(), "first-line-"));
afterAll(() => rmSync(folder, { recursive: true }));

const quick = [
  ...["fastest-levenshtein"],
  ...["wrap-ansi", "ansi-regex", "ansi-styles", "emoji-regex", "get-east-asian-width"],
  ...["string-width", "strip-ansi"],
];

let runs = 0;
function start(command: string, args: string[]) {
  const log = join(folder, `${(runs += 1)}.log`);
  const preload = "./tests/tools/command-line/first-write.mjs";
  return {
    argv: ["--import", "tsx", "--import", preload, `tools/${command}/cli.ts`, ...args],
    env: { FIRST_WRITE_LOG: log, PATH: simulatedPulumi(`*) exit 1;;`) },
    /** What it showed first, and what it did until then. */
    get seen() {
      const lines = readFileSync(log, "utf8").trim().split("\n");
      const [first] = lines.flatMap((line) => /^show (.*)$/.exec(line)?.[1] ?? []);
      const before = new Set(lines.filter((line) => !line.startsWith("show ")));
      for (const name of quick) before.delete(`load ${name}`);
      return { first, before: [...before] };
    },
  };
}

describe("the first line comes before anything slow:", () => {
  test.each([
    ["sandbox", ["up"], 'Bringing up the sandbox "sandbox" …'],
    ["sandbox", ["preview"], 'Previewing an update of the sandbox "sandbox" …'],
    ["sandbox", ["refresh"], 'Reading the real state of the sandbox "sandbox" …'],
    ["sandbox", ["destroy"], 'Destroying the sandbox "sandbox" …'],
    ["sandbox", ["up", "--json"], 'Bringing up the sandbox "sandbox" …'],
    ["walk", ["--auto", "--name", "a"], "Starting the walk-through on the sandbox a …"],
    ["walk", ["--auto", "--stack", "a"], "Starting the walk-through on the stack a …"],
    ["verify", [], "Verifying the selected stack …"],
    ["verify", ["--stack", "a"], "Verifying stack a …"],
    ["verify", ["--sandbox"], 'Verifying the sandbox "sandbox" …'],
    ["verify", ["--sandbox", "--destroyed"], /^Checking that nothing is left of the sandbox /],
    ["plan", ["--check", "--stack", "dev"], "Planning dev …"],
    ["doctor", [], "Checking what the selected stack needs …"],
    ["doctor", ["--json", "--stack", "a"], "Checking what stack a needs …"],
    ["bench", [], 'Measuring on a new sandbox "bench" …'],
    ["dashboard", ["--stack", "a"], "Connecting to Kiali …"],
    ["dashboard", ["--sandbox", "--page"], "Connecting to the product page …"],
    ["expire", [], "Looking for deployed stacks …"],
    ["expire", ["--in", "8h"], "Setting when the selected stack expires …"],
  ])("%s %j", async (command, args, first) => {
    const run = start(command, args);
    const env = { ...process.env, ...run.env };
    await new Promise((resolve) => execFile(process.execPath, run.argv, { env }, resolve));
    expect(run.seen).toEqual({ first: expect.stringMatching(first), before: [] });
  });

  test.each([
    ["walk", [], "Getting ready"],
    ["verify", ["--sandbox"], "… 0 s, checking"],
  ])("%s %j on a terminal", async (command, args, first) => {
    const run = start(command, args);
    const words = [process.execPath, ...run.argv].join(" ");
    await new Pty(words, { columns: 80, rows: 24 }, run.env).ended;
    expect(run.seen).toEqual({ first: expect.stringContaining(first), before: [] });
  });
});
