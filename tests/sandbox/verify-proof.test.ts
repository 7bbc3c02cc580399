import { execFile } from "node:child_process";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";

import { root } from "../../sandbox/paths.js";
import type { Report } from "../../verify/report.js";
import { TestSandbox } from "./harness.js";
import type { Ran } from "./harness.js";

// The proof on a whole sandbox: by hand, in the graph, and after a teardown that had to go without an API server.
const minutes = 60_000;
const sandbox = new TestSandbox("proof");
/** Long enough for istiod and the data plane, short enough for a test. */
const settle = "10";

beforeAll(async () => {
  await sandbox.run("up", "--stage", "l4");
}, 30 * minutes);
afterAll(async () => {
  await sandbox.try("destroy");
}, 4 * minutes);

/** `npm run -s verify -- --sandbox proof …` */
function verify(...args: string[]): Promise<Ran> {
  const argv = ["--import", "tsx", join(root, "verify", "cli.ts"), "--sandbox", sandbox.name];
  return new Promise((resolve) => {
    execFile(process.execPath, [...argv, ...args], { cwd: root }, (error, stdout, stderr) =>
      resolve({ code: Number(error?.code ?? 0), stdout, stderr }),
    );
  });
}

/** A policy of somebody else, who has something against sleep. */
const stranger = {
  apiVersion: "security.istio.io/v1",
  kind: "AuthorizationPolicy",
  metadata: { name: "stranger", namespace: "default" },
  spec: {
    selector: { matchLabels: { app: "productpage" } },
    action: "DENY",
    rules: [{ from: [{ source: { principals: ["cluster.local/ns/default/sa/sleep"] } }] }],
  },
};

describe("by hand", () => {
  test(
    "all is green, as JSON alone on stdout",
    async () => {
      const { code, stdout } = await verify("--json", "--settle", settle);
      const report = JSON.parse(stdout) as Report;
      expect(report.rows.filter(({ verdict }) => verdict !== "green")).toEqual([]);
      expect([code, report.verdict, report.stage]).toEqual([0, "green", "l4"]);
      expect(report.notes).toEqual([expect.stringMatching(/^Real: .*istiod.* Stood in for: OCI/)]);
    },
    2 * minutes,
  );

  test(
    "a policy of somebody else is red where it shows, and is named",
    async () => {
      const file = join(mkdtempSync(join(tmpdir(), "verify-proof-")), "policy.json");
      writeFileSync(file, JSON.stringify(stranger));
      await sandbox.kubectl("apply", "-f", file);
      const { code, stdout } = await verify("--json", "--settle", settle);
      await sandbox.kubectl("delete", "-f", file);
      const { rows } = JSON.parse(stdout) as Report;
      const reds = rows.filter(({ verdict }) => verdict === "red");
      expect([code, reds.map(({ id, seen, cause }) => [id, seen, cause])]).toEqual([
        1,
        [
          [
            "sleep-direct-get",
            "curl exit 56, reset ×5",
            "there is another policy, AuthorizationPolicy default/stranger (DENY)",
          ],
        ],
      ]);
    },
    2 * minutes,
  );
});

describe("in the graph", () => {
  test(
    "a red row fails the up with its table, once, and the next up mends it",
    async () => {
      await sandbox.kubectl("scale", "deployment", "notsleep", "--replicas=0");
      process.env["VERIFY_SETTLE"] = "3";
      const { code, stderr } = await sandbox.try("up", "--stage", "l7");
      delete process.env["VERIFY_SETTLE"];
      expect(code).toBe(1);
      expect(stderr.split("no Pod with app=notsleep")).toHaveLength(2);
      expect(stderr).toMatch(/✖ +Pods of the clients +2 ready +1 of 2/);

      await sandbox.kubectl("scale", "deployment", "notsleep", "--replicas=1");
      const mended = await sandbox.try("up");
      expect([mended.code, mended.stdout + mended.stderr]).toEqual([
        0,
        expect.stringMatching(/\d+ green, 0 red, 0 not checked/),
      ]);
    },
    5 * minutes,
  );

  test(
    "on the way back it is deferred, and the up ends with the table of the stage it comes to",
    async () => {
      const { code, stdout, stderr } = await sandbox.try("up", "--stage", "l4");
      expect(code).toBe(0);
      expect(stdout + stderr).toMatch(
        /stage l4, namespace default\n[^]*\d+ green, 0 red, 0 not checked/,
      );
      const again = await sandbox.run("up");
      expect(again.changes).toMatchObject({ create: 0, update: 0, replace: 0, delete: 0 });
    },
    5 * minutes,
  );
});

describe("after a teardown", () => {
  test(
    "what stands is named as long as it stands",
    async () => {
      const { code, stdout } = await verify("--destroyed");
      expect(code).toBe(1);
      expect(stdout).toContain(
        "oci lb load-balancer delete --load-balancer-id ocid1.loadbalancer.",
      );
    },
    2 * minutes,
  );

  test(
    "an API server that is away keeps nothing from going, and nothing is left",
    async () => {
      const { processes } = await sandbox.status();
      const { pid = 0 } = processes.find(({ name }) => name === "kube-apiserver") ?? {};
      process.kill(pid, "SIGKILL");
      const { code, stderr } = await sandbox.try("destroy", "--json");
      expect([code, stderr]).toEqual([0, expect.stringContaining("cannot be reached")]);
      expect(await verify("--destroyed")).toEqual({
        code: 0,
        stdout: "sandbox proof: nothing is left.\n",
        stderr: "",
      });
    },
    4 * minutes,
  );
});
