import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";

import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { parse } from "yaml";

import { istioSupports } from "../../components/mesh/compatibility.js";
import { expectations } from "../../components/verification/expectations.js";
import { block, duration, table } from "../kind/journal.js";
import { sabotages } from "../kind/sabotages.js";
import { read, root } from "./pages.js";

// Runs the kind workflow's script with simulated commands instead of a cluster.
let folder: string;
const stack = "sandbox-kind-unit";
const settings = join(root, `Pulumi.${stack}.yaml`);

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "kind-"));
  writeFileSync(join(folder, "kubeconfig"), "");
  program("pulumi-language-nodejs", "");
  program("kubectl", 'echo "$4" > "$HERE/broken"');
  program(
    "pulumi",
    `case "$*" in
up*) rm -f "$HERE/broken";;
"stack rm"*) rm Pulumi.${stack}.yaml;;
esac`,
  );
  program(
    "npm",
    `case "$*" in
*--destroyed*) echo "nothing is left.";;
*verify*) if [ -f "$HERE/broken" ]; then cat "$HERE/$(cat "$HERE/broken").json"; exit 1; fi
  cat "$HERE/green.json";;
esac`,
  );
  report("green", []);
  for (const { by, red } of sabotages) report(by[1] ?? "", red);
});
afterEach(() => {
  rmSync(folder, { recursive: true });
  rmSync(settings, { force: true });
});

/** Puts a program on the PATH that records its calls. */
function program(name: string, body: string): void {
  const file = join(folder, name);
  writeFileSync(file, `#!/bin/sh\nHERE=${folder}\necho "${name} $*" >> "$HERE/calls"\n${body}\n`);
  chmodSync(file, 0o755);
}

/** Writes a report of `verify --json` in which these rows are red. */
function report(name: string, red: string[]): void {
  const rows = expectations.map(({ id, from }) => ({
    id,
    stage: from,
    what: id,
    expected: "a|b",
    seen: red.includes(id) ? "something else" : "a|b",
    verdict: red.includes(id) ? "red" : "green",
  }));
  const text = { verdict: red.length > 0 ? "red" : "green", rows, notes: ["Real: nothing."] };
  writeFileSync(join(folder, `${name}.json`), JSON.stringify(text));
}

function run(...more: string[]) {
  const argv = ["--import", "tsx", "tests/kind/run.ts", ...more];
  const env = {
    ...process.env,
    PATH: [folder, "/usr/bin", "/bin"].join(delimiter),
    TMPDIR: folder,
  };
  const { status, stdout, stderr } = spawnSync(process.execPath, argv, {
    cwd: root,
    env,
    encoding: "utf8",
  });
  const calls = join(folder, "calls");
  const summary = join(folder, "report", "summary.md");
  return {
    status,
    stdout,
    stderr,
    calls: existsSync(calls) ? readFileSync(calls, "utf8") : "",
    summary: existsSync(summary) ? readFileSync(summary, "utf8") : "",
  };
}
const whole = (...more: string[]) =>
  run(
    ...["--stack", stack, "--kubeconfig", join(folder, "kubeconfig")],
    ...["--report", join(folder, "report"), ...more],
  );

describe("a run on a cluster", () => {
  test("deploys to an empty cluster and leaves it empty", () => {
    const { status, calls, summary } = whole();
    expect([status, summary]).toEqual([0, expect.stringMatching(/^## .*: passed, \d+ s\n/)]);
    const order = [
      /^pulumi login file:\/\//,
      /^pulumi stack init sandbox-kind-unit/,
      /^pulumi config set --path existing\.kubeconfig .*kubeconfig --stack/,
      /^npm run -s walk -- --stack sandbox-kind-unit --auto/,
      /^npm run -s verify -- --stack sandbox-kind-unit --json$/,
      /^pulumi up .*--expect-no-changes/,
      /^kubectl .* delete authorizationpolicy productpage-waypoint/,
      /^pulumi up .*--refresh/,
      /^kubectl .* label service productpage .*istio\.io\/ingress-use-waypoint-/,
      /^pulumi up .*--refresh/,
      /^pulumi config set stage l4/,
      /^pulumi config set stage traffic/,
      /^pulumi destroy --yes/,
      /^npm run -s verify -- --stack sandbox-kind-unit --destroyed/,
      /^pulumi stack rm/,
    ];
    const lines = calls.split("\n");
    let next = 0;
    for (const call of order) {
      const found = lines.findIndex((line, index) => index >= next && call.test(line));
      expect([call, found]).toEqual([call, Math.max(found, next)]);
      next = found + 1;
    }
    expect(summary).toContain("- Real: nothing.\n");
    expect(summary).toContain("expected results: red</summary>");
    expect(existsSync(join(folder, "report", "verify.json"))).toBe(true);
    expect(existsSync(settings)).toBe(false);
  });

  test("walks only the last stage and tries one sabotage with --brief", () => {
    const { status, calls } = whole("--brief");
    const set = [...calls.matchAll(/^pulumi config set stage (\S+)/gm)].map(([, stage]) => stage);
    expect([status, set, calls.match(/^kubectl/gm)?.length]).toEqual([0, ["l7"], 1]);
    expect(calls).toMatch(/config set stage l7[^]*pulumi up[^]*walk[^]*pulumi destroy/);
  });

  test("stops at the first unmet expectation, and still destroys", () => {
    report("green", ["reviews-split"]);
    const { status, calls, summary } = whole();
    expect(status).toBe(1);
    expect(summary).toMatch(/: failed at “Every expected result holds”/);
    expect(summary).toMatch(/\| ✖ \| traffic \| reviews-split \| a\\\|b \| something else \|/);
    expect(calls).not.toContain("kubectl");
    expect(calls).toMatch(/pulumi destroy[^]*--destroyed[^]*pulumi stack rm/);
  });

  test("keeps the state if the destroy fails, and prints its path", () => {
    program("pulumi", 'case "$*" in destroy*) echo "error: no route to host" >&2; exit 255;; esac');
    const { status, stdout, calls, summary } = whole();
    expect(status).toBe(1);
    expect(stdout).toMatch(/^The state is kept in .*kind-run-/m);
    expect(summary).toMatch(/255 is the exit status of:[^]*error: no route to host/);
    expect(calls).not.toContain("stack rm");
    expect(existsSync(settings)).toBe(false);
  });

  test.each([
    [["--stack", "mesh"], "--kubeconfig and --stack are required."],
    [["--stack", "dev", "--kubeconfig", "README.md"], "Pulumi.dev.yaml exists."],
    [["--stack", "a/b", "--kubeconfig", "README.md"], '"a/b" is not a stack\'s name.'],
    [["--stack", "mesh", "--kubeconfig", "nowhere"], "nowhere does not exist."],
    [["--stak", "mesh"], "Unknown option '--stak'"],
  ])("refuses %j", (args, message) => {
    const { status, stderr, calls } = run(...args);
    expect([status, stderr, calls]).toEqual([2, expect.stringContaining(message), ""]);
  });
});

test("every sabotage names existing rows", () => {
  const ids = expectations.map(({ id }) => id);
  expect(sabotages.flatMap(({ red }) => red).filter((id) => !ids.includes(id))).toEqual([]);
});

test("the cluster's image is pinned by digest and has a Kubernetes that Istio supports", () => {
  const { nodes } = parse(read("tests/kind/cluster.yaml")) as { nodes: { image: string }[] };
  const [, kubernetes = ""] =
    /^kindest\/node:(v[\d.]+)@sha256:[0-9a-f]{64}$/.exec(nodes[0]?.image ?? "") ?? [];
  const [, istio = ""] = /version of Istio \(([\d.]+)\)/.exec(read("Pulumi.yaml")) ?? [];
  expect([nodes.length, istioSupports(istio, kubernetes)]).toEqual([1, true]);
});

describe("the summary", () => {
  test("escapes separators and line breaks in a table's cells", () => {
    expect(table(["a"], [["x|y\nz"]])).toBe("| a |\n| --- |\n| x\\|y z |");
  });
  test("fences output that contains a fence", () => {
    expect(block("a\n```\nb\n")).toBe("````\na\n```\nb\n````");
  });
  test.each([
    [0.4, "0 s"],
    [59.6, "1 min 0 s"],
    [754, "12 min 34 s"],
  ])("shows %d seconds as %s", (seconds, shown) => expect(duration(seconds)).toBe(shown));
});
