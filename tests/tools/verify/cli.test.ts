import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { describe, expect, jest, test } from "@jest/globals";

import { parseOptions } from "../../../tools/verify/options.js";
import { runToEnd } from "../run-to-end.js";
import { simulatedPulumi } from "../simulated-pulumi.js";

jest.setTimeout(60_000);

describe("the command line", () => {
  test.each([
    [[], { from: {} }],
    [["--stack", "dev"], { from: { stack: "dev" } }],
    [["--sandbox"], { from: { sandbox: "sandbox" } }],
    [["--sandbox", "two"], { from: { sandbox: "two" } }],
    [["--sandbox=two"], { from: { sandbox: "two" } }],
    [["--name", "two"], { from: { sandbox: "two" } }],
    [["--name=two", "--sandbox"], { from: { sandbox: "two" } }],
    [["--stage", "l4", "--settle", "5", "--json"], { stage: "l4", settleSeconds: 5, json: true }],
    [["--destroyed", "--stack", "dev"], { destroyed: true }],
    [["--junit", "rows.xml"], { junit: "rows.xml" }],
    [["--from-stdin"], { from: "stdin" }],
    [["--sandbox", "two", "three", "--help"], "help"],
  ])("%j is understood", (argv, options) => {
    expect(parseOptions(argv)).toEqual(
      typeof options === "string" ? options : expect.objectContaining(options),
    );
  });

  test.each([
    [["--stage", "l5"], 'There is no stage "l5". Did you mean l4? Use one of: cluster, mesh,'],
    [["--settle", "soon"], '--settle "soon" is not a number of seconds'],
    [["--settle=-1"], "is not a number of seconds"],
    [["--stack", "a", "--sandbox"], "cannot be combined"],
    [["dev"], 'Unexpected argument "dev"'],
    [["--sandbox", "a", "b"], 'Unexpected argument "b"'],
    [["--destroyed", "--settle", "1"], "--destroyed cannot be combined"],
    [["--destroyed", "--junit", "x"], "--destroyed cannot be combined"],
    [["--junit="], "--junit needs the path of a file"],
    [
      ["--sandbox", "../x"],
      '--sandbox "../x" is not a valid name: use at most 31 lower-case letters',
    ],
    [["--sandbox", "a", "--name", "b"], "--name b and --sandbox a are different sandboxes"],
    [["--stack", "a", "--name", "b"], "cannot be combined"],
    [["--name", "A"], '--name "A" is not a valid name'],
    [["--verbose"], "Unknown option '--verbose'.\n"],
    [["--setle", "5"], "Unknown option '--setle'; did you mean --settle?"],
  ])("%j is refused", (argv, message) => {
    expect(() => parseOptions(argv)).toThrow(message);
  });
});

describe("the settling time", () => {
  const settled = (argv: string[], env: Record<string, string>) => {
    const options = parseOptions(argv, env);
    return options === "help" ? options : options.settleSeconds;
  };

  test("is the option's, or else the environment's", () => {
    expect(settled(["--settle", "5"], { VERIFY_SETTLE: "7" })).toBe(5);
    expect(settled([], { VERIFY_SETTLE: "7" })).toBe(7);
    expect(settled([], {})).toBeUndefined();
  });

  test("from the environment is validated", () => {
    expect(() => settled([], { VERIFY_SETTLE: "long" })).toThrow('VERIFY_SETTLE "long" is not');
  });
});

/** The command itself, as npm and the engine run it. */
function cli(args: string[], stdin = "", env: NodeJS.ProcessEnv = {}) {
  const argv = ["--import", "tsx", "verify/cli.ts", ...args];
  return runToEnd(process.execPath, argv, { env: { ...process.env, ...env }, stdin });
}

const config = JSON.stringify({
  apiVersion: "v1",
  kind: "Config",
  "current-context": "c",
  contexts: [{ name: "c", context: { cluster: "c", user: "u" } }],
  clusters: [{ name: "c", cluster: { server: "https://127.0.0.1:1" } }],
  users: [{ name: "u", user: { token: "planted-token" } }],
});
const input = {
  target: "stack dev",
  stage: "mesh",
  namespace: "default",
  v2Percent: 10,
  workers: 1,
  kubeconfig: `# as text\n${config}`,
};

describe("the command", () => {
  test("reports a mistake on stderr, without a stack trace, and exits with 2", async () => {
    const { code, stdout, stderr } = await cli(["--stage", "l5"]);
    expect([code, stdout]).toEqual([2, ""]);
    expect(stderr).toMatch(/^There is no stage "l5"[^\n]*\n$/);
  });

  test("says how to install a missing pulumi, and exits with 1", async () => {
    const { code, stderr } = await cli(["--stack", "nowhere"], "", { PATH: "/nowhere" });
    expect(code).toBe(1);
    expect(stderr).toMatch(/^Verifying stack nowhere …\npulumi is not on PATH\. Install it/);
  });

  test("is not silent in a log while Pulumi takes its time", async () => {
    const PATH = simulatedPulumi('config*) sleep 6; echo "error: no answer" >&2; exit 255;;');
    const { stderr } = await cli(["--stack", "nowhere", "--destroyed"], "", { PATH });
    expect(stderr).toMatch(/^Checking .* stack nowhere …\n(… \d+ s, checking\n)+.*no answer\n$/);
  });

  test("in the graph does not fail if the API server is unreachable, and shows no secret", async () => {
    const { code, stdout, stderr } = await cli(
      ["--from-stdin", "--settle", "0"],
      JSON.stringify(input),
    );
    expect([code, stderr]).toEqual([0, ""]);
    expect(stdout).toMatch(/^not checked \(workers; [^]*ECONNREFUSED/m);
    expect(stdout).not.toContain("planted-token");
  });

  test("in the graph shows nothing of an encrypted kubeconfig", async () => {
    const stdin = JSON.stringify({ ...input, isSecret: true });
    const { code, stdout } = await cli(["--from-stdin", "--settle", "0"], stdin);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^not checked \(workers; [^]*ECONNREFUSED \[secret\]/m);
    expect(stdout).not.toContain("127.0.0.1");
  });

  test("shows no encrypted setting, neither in an error nor in a report", async () => {
    const folder = mkdtempSync(join(tmpdir(), "verify-secret-"));
    const verified = async (existing: Record<string, string>, ...args: string[]) => {
      const entries = JSON.stringify({
        "oke-ambient-mesh:cluster": { value: "existing" },
        "oke-ambient-mesh:existing": { value: JSON.stringify(existing), secret: true },
      });
      writeFileSync(join(folder, "entries"), entries);
      const answers = `config*) cat '${join(folder, "entries")}';; "stack output"*) echo '{"stage":"mesh"}';;`;
      const argv = ["--stack", "dev", ...args];
      const { stdout, stderr } = await cli(argv, "", { PATH: simulatedPulumi(answers) });
      return stdout + stderr;
    };
    try {
      writeFileSync(join(folder, "config"), config);
      const missing = { kubeconfig: join(folder, "config"), context: "kind-7" };
      const error = await verified(missing);
      expect(error).toContain("existing.context = [secret]: the kubeconfig has no such context");
      const file = join(folder, "rows.xml");
      const report = await verified({ kubeconfig: config }, "--settle", "0", "--junit", file);
      const left = await verified({ kubeconfig: config }, "--destroyed", "--json");
      for (const text of [error, report, left, readFileSync(file, "utf8")]) {
        expect(text).not.toMatch(/kind-7|127\.0\.0\.1:1\b|planted-token/);
      }
      expect(report + left).toMatch(/not checked[^]*\[secret\][^]*\[secret\]/);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test("writes the rows as JUnit XML, or says that it can't", async () => {
    const folder = mkdtempSync(join(tmpdir(), "verify-junit-"));
    try {
      const file = join(folder, "rows.xml");
      const argv = ["--stack", "dev", "--settle", "0", "--junit"];
      const KUBECONFIG = join(folder, "config");
      writeFileSync(KUBECONFIG, config);
      const entries = JSON.stringify({ "oke-ambient-mesh:cluster": { value: "existing" } });
      const answers = `config*) echo '${entries}';; "stack output"*) echo '{"stage":"mesh"}';;`;
      const env = { KUBECONFIG, PATH: simulatedPulumi(answers) };
      // No row could be checked.
      expect((await cli([...argv, file], "", env)).code).toBe(3);
      expect(readFileSync(file, "utf8")).toMatch(/<testsuite .*<testcase [^]*<skipped/s);
      const nowhere = join(folder, "no", "rows.xml");
      const { code, stderr } = await cli([...argv, nowhere], "", env);
      expect([code, stderr]).toEqual([
        1,
        expect.stringContaining(`--junit ${nowhere} cannot be written: ENOENT`),
      ]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
