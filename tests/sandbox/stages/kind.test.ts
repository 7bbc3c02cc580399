import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { parse, stringify } from "yaml";

import { root } from "../../../tools/paths.js";
import { stackFile } from "../../../tools/stacks/settings-file.js";
import { TestSandbox } from "../harness.js";
import type { Config } from "../oke.js";

// The script of the kind workflow, on the control plane of a sandbox that has nothing but its cluster.
const minutes = 60_000;
const sandbox = new TestSandbox("test-kind");
const stack = "sandbox-test-kind-guest";
const folder = mkdtempSync(join(tmpdir(), "kind-"));
let environment: Record<string, string>;

beforeAll(async () => {
  await sandbox.gone();
  await sandbox.at("cluster");
  environment = await sandbox.own();
}, 30 * minutes);

afterAll(async () => {
  await sandbox.try("destroy");
  rmSync(join(root, `Pulumi.${stack}.yaml`), { force: true });
  rmSync(folder, { recursive: true, force: true });
}, 4 * minutes);

test(
  "the run of the kind workflow passes on an existing cluster",
  async () => {
    const { config } = parse(readFileSync(stackFile(sandbox.name), "utf8")) as { config: Config };
    const settings = {
      "oke-ambient-mesh:cluster": "existing",
      "oke-ambient-mesh:gateway": { serviceType: "ClusterIP" },
      // Charts, definitions and where the webhooks answer are this machine's.
      "oke-ambient-mesh:mesh": config["oke-ambient-mesh:mesh"],
    };
    const file = join(folder, "settings.yaml");
    writeFileSync(file, stringify({ config: settings }));
    const { code, output } = await run(
      ...["--stack", stack, "--kubeconfig", environment["KUBECONFIG"] ?? ""],
      ...["--settings", file, "--report", folder, "--brief"],
    );
    expect([code, code === 0 ? "" : output]).toEqual([0, ""]);
    const summary = readFileSync(join(folder, "summary.md"), "utf8");
    expect(summary).toMatch(/^## The walk-through on stack sandbox-test-kind-guest: passed, /);
    expect(summary).toMatch(/^- Real: .* Simulated: /m);
    const results = [...summary.matchAll(/^\| (\d+) \| .* \| (.) \| .* s \|$/gm)];
    expect(results.map(([, , result]) => result)).toEqual(Array<string>(11).fill("✔"));
  },
  25 * minutes,
);

function run(...args: string[]): Promise<{ code: number | null; output: string }> {
  const argv = ["--import", "tsx", "tests/kind/run.ts", ...args];
  const child = spawn(process.execPath, argv, {
    cwd: root,
    env: { ...process.env, ...environment },
    // A group of its own, to be ended with all that it has started.
    detached: true,
  });
  const limit = setTimeout(() => child.pid && process.kill(-child.pid, "SIGKILL"), 20 * minutes);
  let output = "";
  const hear = (text: string) => void (output += text);
  child.stdout.setEncoding("utf8").on("data", hear);
  child.stderr.setEncoding("utf8").on("data", hear);
  return new Promise((resolve) => {
    child.once("close", (code) => {
      clearTimeout(limit);
      resolve({ code, output });
    });
  });
}
