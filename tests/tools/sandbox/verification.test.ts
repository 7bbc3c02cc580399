import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { afterEach, beforeEach, expect, jest, test } from "@jest/globals";

import { writeRecord } from "../../../emulator/processes/record.js";
import { startedAt } from "../../../emulator/processes/table.js";
import type { Progress } from "../../../tools/automation/progress.js";
import { stateDir } from "../../../tools/paths.js";
import { RedError } from "../../../tools/sandbox/commands.js";
import { forgetReport, reportEnvironment, verified } from "../../../tools/sandbox/verification.js";
import { stackFile } from "../../../tools/stacks/settings-file.js";
import type { Report } from "../../../tools/verify/report.js";

jest.setTimeout(120_000);

const name = `unit-verified-${process.pid}`;
const kubeconfig = JSON.stringify({
  apiVersion: "v1",
  kind: "Config",
  "current-context": "c",
  contexts: [{ name: "c", context: { cluster: "c", user: "u" } }],
  clusters: [{ name: "c", cluster: { server: "https://127.0.0.1:1" } }],
  users: [{ name: "u", user: { token: "t" } }],
});

beforeEach(() => {
  mkdirSync(join(stateDir(name), "control-plane"), { recursive: true });
  writeFileSync(join(stateDir(name), "control-plane", "kubeconfig"), kubeconfig);
  writeFileSync(join(stateDir(name), "ports.json"), JSON.stringify({ oci: 1 }));
  const self = { pid: process.pid, started: startedAt(process.pid) ?? "", command: [], ports: [] };
  writeRecord(stateDir(name), { ...self, name: "apiserver" });
  settings("");
});
afterEach(() => {
  rmSync(stateDir(name), { recursive: true });
  rmSync(stackFile(name), { force: true });
});

function settings(more: string): void {
  const config = [
    "oke-ambient-mesh:cluster: existing",
    'oke-ambient-mesh:existing: { kubeconfig: "x" }',
    "oke-ambient-mesh:stage: mesh",
    "oke-ambient-mesh:verifySettleSeconds: 1",
    ...(more ? [more] : []),
  ];
  writeFileSync(stackFile(name), `config:\n${config.map((line) => `  ${line}\n`).join("")}`);
}

/** A progress display that records its lines. */
function listener() {
  const lines: string[] = [];
  const progress = {
    report: ({ step, detail }: { step: string; detail?: string }) =>
      lines.push(`${step}: ${detail}`),
    done: (title: string) => lines.push(`${title} done`),
    fail: (title: string, detail: string) => lines.push(`${title} failed: ${detail}`),
  };
  return { lines, progress: progress as unknown as Progress };
}

const left = (report: object) =>
  writeFileSync(Object.values(reportEnvironment(name))[0] ?? "", JSON.stringify(report));

test("an up ends with the report of the graph's verification", async () => {
  left({ verdict: "green", rows: [] });
  const { lines, progress } = listener();
  expect(await verified(name, progress)).toEqual({ verdict: "green", rows: [] });
  expect(lines).toEqual([]);
  forgetReport(name);
});

test("a deferred one is run again, which the step Verification shows", async () => {
  left({ verdict: "deferred", rows: [] });
  const { lines, progress } = listener();
  const report = await verified(name, progress);
  expect(report).toMatchObject({ verdict: "not checked", stage: "mesh" });
  expect(report?.rows[0]?.seen).toContain("ECONNREFUSED");
  expect(lines).toEqual(["Verification: checking the expected results", "Verification done"]);
});

test("none is run where the settings turn it off", async () => {
  settings("oke-ambient-mesh:verify: false");
  expect(await verified(name, listener().progress)).toBeUndefined();
});

test("one that does not run says why, and how to run it", async () => {
  settings("oke-ambient-mesh:nodes: 4");
  const { lines, progress } = listener();
  await expect(verified(name, progress)).rejects.toThrow(
    new RegExp(
      `^The verification did not run: Stack sandbox-${name}: [^]*\nContinue with: npm run -s verify -- --name ${name}$`,
    ),
  );
  expect(lines.at(-1)).toBe("Verification failed: did not run");
});

test("the error of a red one names the command that heals", () => {
  const remedies = [{ why: "Changed:", command: "npm run -s sandbox -- up --refresh" }];
  const report = { verdict: "red", rows: [], remedies } as unknown as Report;
  const error = new RedError("sandbox", report, ["network-vcn: refused"]);
  expect(error.message).toMatch(
    /^network-vcn: refused\n\nThe sandbox is up, but it failed verification; see the red rows\.\nLogs are in .+\. Continue with: npm run -s sandbox -- up --refresh$/,
  );
  expect(error.verification).toBe(report);
});
