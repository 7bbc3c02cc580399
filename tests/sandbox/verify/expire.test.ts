import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";

import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";

import { stackName } from "../../../tools/stacks/settings-file.js";
import { root } from "../../../tools/paths.js";
import { TestSandbox, unverified, type Ran } from "../harness.js";

const minutes = 60_000;
const over = "2020-01-01T00:00:00Z";
const later = "2999-01-01T00:00:00Z";
const sandboxes = {
  expired: new TestSandbox("test-expired"),
  lasting: new TestSandbox("test-lasting"),
};
const folder = mkdtempSync(join(tmpdir(), "expire-"));

beforeAll(async () => {
  const up = (sandbox: TestSandbox, expiresAt: string) =>
    sandbox.run("up", "--stage", "cluster", "--config", `expiresAt=${expiresAt}`, ...unverified);
  await up(sandboxes.expired, over);
  await up(sandboxes.lasting, later);
}, 10 * minutes);
afterAll(async () => {
  for (const sandbox of Object.values(sandboxes)) await sandbox.try("destroy");
  rmSync(folder, { recursive: true });
}, 10 * minutes);

/** Runs `npm run expire -- --yes` where the sandbox's stack is. @param shift milliseconds by which the clock is wrong. */
async function expire(sandbox: TestSandbox, shift = 0): Promise<Ran> {
  const wrong = join(folder, "clock.mjs");
  writeFileSync(wrong, `const now = Date.now; Date.now = () => now() + ${shift};\n`);
  const argv = ["--import", "tsx", "--import", pathToFileURL(wrong).href];
  const env = { ...process.env, ...(await sandbox.own()) };
  const command = [...argv, join(root, "tools", "expire", "cli.ts"), "--yes"];
  try {
    return { code: 0, ...(await promisify(execFile)("node", command, { cwd: root, env })) };
  } catch (error) {
    return error as Ran;
  }
}

const resources = async (sandbox: TestSandbox) =>
  (await sandbox.run("preview", "--stage", "cluster", ...unverified)).resources;
const nothing = { create: [], update: [], replace: [], delete: [] };
const year = 365 * 24 * 60 * minutes;

describe("expire", () => {
  test.each([
    ["expired", "behind", -10 * year, /^A clock is wrong: .* was updated at/m],
    ["lasting", "ahead", 990 * year, /^A clock is wrong: .* the API server of .* says/m],
  ] as const)(
    "destroys nothing, the %s stack neither, by a clock that is %s",
    async (name, _, shift, message) => {
      const sandbox = sandboxes[name];
      const { code, stderr, stdout } = await expire(sandbox, shift);
      expect([code, stdout]).toEqual([1, expect.not.stringContaining("pulumi destroy")]);
      expect(stderr).toMatch(message);
      expect(await resources(sandbox)).toEqual(nothing);
    },
    5 * minutes,
  );

  test(
    "leaves a stack that has not expired",
    async () => {
      const { code, stdout } = await expire(sandboxes.lasting);
      expect([code, stdout]).toEqual([0, expect.stringContaining("None has expired.")]);
      expect(await resources(sandboxes.lasting)).toEqual(nothing);
    },
    5 * minutes,
  );

  test(
    "destroys a stack that has expired, and proves that nothing is left",
    async () => {
      const { code, stdout, stderr } = await expire(sandboxes.expired);
      expect(code).toBe(0);
      // Progress alone.
      expect(
        stderr
          .trim()
          .split("\n")
          .filter((line) => !line.endsWith("…")),
      ).toEqual([]);
      const stack = stackName(sandboxes.expired.name);
      expect(stdout).toContain(`$ pulumi destroy --yes --stack ${stack}`);
      expect(stdout).toContain(`stack ${stack}: nothing is left`);
      expect((await resources(sandboxes.expired)).create).toContain("cluster-cluster");
    },
    5 * minutes,
  );
});
