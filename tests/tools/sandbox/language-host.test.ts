import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";

import { afterAll, expect, test } from "@jest/globals";

import { daemonName } from "../../../emulator/daemon/client.js";
import { writeRecord } from "../../../emulator/processes/record.js";
import { startedAt } from "../../../emulator/processes/table.js";
import { stateDir } from "../../../tools/paths.js";
import { languageHostNote } from "../../../tools/sandbox/language-host.js";
import { runToEnd } from "../run-to-end.js";

const folder = mkdtempSync(join(tmpdir(), "language-host-"));
afterAll(() => rmSync(folder, { recursive: true }));

test("a PATH without the Node language host gets a note that says how to get one", () => {
  expect(languageHostNote(`/nowhere${delimiter}${folder}`).join(" ")).toMatch(
    /pulumi-language-nodejs, which is not on the PATH\. Install Pulumi to get it: https:/,
  );
  writeFileSync(join(folder, "pulumi-language-nodejs"), "");
  expect(languageHostNote(`/nowhere${delimiter}${folder}`)).toEqual([]);
});

test("env tells a person, and not the shell that evaluates its output", async () => {
  const name = `unit-env-${process.pid}`;
  const started = startedAt(process.pid) ?? "";
  writeRecord(stateDir(name), {
    ...{ name: daemonName, pid: process.pid, started },
    command: [],
    ports: [],
  });
  writeFileSync(join(stateDir(name), "ports.json"), JSON.stringify({ oci: 1 }));
  mkdirSync(join(stateDir(name), "control-plane"));
  writeFileSync(join(stateDir(name), "control-plane", "kubeconfig"), "");
  try {
    const argv = ["--import", "tsx", "tools/sandbox/cli.ts", "env", "--name", name];
    const env = { ...process.env, PATH: "/nowhere" };
    const { stdout, stderr } = await runToEnd(process.execPath, argv, { env });
    expect(stderr).toContain("pulumi-language-nodejs, which is not on the PATH.");
    const lines = stdout.trimEnd().split("\n");
    expect(lines).toContainEqual(expect.stringMatching(/^export PATH=.*\/nowhere/));
    expect(lines.filter((line) => !/^(export|unset) \w+/.test(line))).toEqual([]);
  } finally {
    rmSync(stateDir(name), { recursive: true });
  }
});
