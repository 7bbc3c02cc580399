import { mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { describe, expect, test } from "@jest/globals";

import { diff } from "../../../emulator/plugins/command/diff.js";
import { run } from "../../../emulator/plugins/command/run.js";

const urn = "urn:pulumi:test::test::command:local:Command::greeting";

describe("a command", () => {
  test("returns its output without the last line break", async () => {
    expect(await run("echo out; echo err >&2", {}, urn)).toEqual({ stdout: "out", stderr: "err" });
    expect(await run("printf 'a\\n\\n'", {}, urn)).toEqual({ stdout: "a\n", stderr: "" });
  });

  test("runs with its environment, stdin and folder", async () => {
    const dir = realpathSync(mkdtempSync(join(tmpdir(), "command-")));
    const inputs = { dir, stdin: "a secret", environment: { GREETING: "hello" } };
    const { stdout } = await run('echo "$GREETING $(cat) in $(pwd)"', inputs, urn);
    expect(stdout).toBe(`hello a secret in ${dir}`);
    rmSync(dir, { recursive: true });
  });

  test("runs in the given interpreter", async () => {
    const interpreter = [process.execPath, "-e"];
    expect(await run("console.log(6 * 7)", { interpreter }, urn)).toMatchObject({ stdout: "42" });
  });

  test("gets the last run's output, unless that is disabled", async () => {
    const command = 'echo "${PULUMI_COMMAND_STDOUT-nothing} ${PULUMI_COMMAND_STDERR-nothing}"';
    const last = { stdout: "out", stderr: "err" };
    expect((await run(command, {}, urn, last)).stdout).toBe("out err");
    const inputs = { addPreviousOutputInEnv: false };
    expect((await run(command, inputs, urn, last)).stdout).toBe("nothing nothing");
  });

  test("reports its exit status and all its output when it fails", async () => {
    await expect(run("echo before; echo why >&2; exit 3", {}, urn)).rejects.toThrow(
      /^exit status 3: running "echo before; echo why >&2; exit 3":\n(before\nwhy|why\nbefore)\n$/,
    );
    await expect(run("kill -9 $$", {}, urn)).rejects.toThrow(/^signal: SIGKILL/);
    await expect(run("x", { interpreter: ["/nowhere/sh"] }, urn)).rejects.toThrow(/ENOENT/);
  });

  test("may leave stdin unread", async () => {
    const stdin = "x".repeat(1 << 20);
    expect(await run("exec <&-; echo done", { stdin }, urn)).toMatchObject({ stdout: "done" });
  });
});

describe("a change of a command", () => {
  const sweep = { delete: "sweep", environment: { SUBNET: "a" } };

  test("is an update, even if it removes `create`", () => {
    expect(diff({ ...sweep, create: "true" }, sweep)).toEqual({ changes: { create: "delete" } });
    expect(diff(sweep, { ...sweep, environment: { SUBNET: "b" } })).toEqual({
      changes: { environment: "update" },
    });
  });

  test("of its triggers replaces the resource", () => {
    expect(diff({ triggers: [1] }, { triggers: [2] })).toEqual({
      changes: { triggers: "update-replace" },
    });
  });

  test("is empty when nothing changes", () => {
    expect(diff(sweep, structuredClone(sweep))).toEqual({ changes: {} });
  });
});
