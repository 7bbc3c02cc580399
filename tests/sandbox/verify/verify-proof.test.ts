import { execFile } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, describe, expect, test } from "@jest/globals";

import { stackTag } from "../../../components/oke/oci/tags.js";
import type { OperationReport } from "../../../tools/sandbox/commands.js";
import { root, stateDir } from "../../../tools/paths.js";
import { readPorts } from "../../../emulator/processes/ports.js";
import type { Report } from "../../../tools/verify/report.js";
import type { Inventory } from "../../../tools/verify/teardown/leftovers.js";
import { SandboxOci } from "../endpoint.js";
import { TestSandbox } from "../harness.js";
import type { Ran } from "../harness.js";

// The proof on a whole sandbox: by hand, in the graph, and after teardowns that had to go without an API server.
const minutes = 60_000;
/** Each case may have to go the whole way to where it begins. */
const long = 10 * minutes;
const sandbox = new TestSandbox("test-proof");
const oci = new SandboxOci(sandbox.name);
/** Long enough for istiod and the data plane, short enough for a test. */
const settle = "10";

afterAll(async () => {
  await sandbox.try("destroy");
}, 4 * minutes);

/** `npm run -s verify -- --sandbox proof …` */
const verify = (...args: string[]) => verifyOf(sandbox.name, ...args);

function verifyOf(name: string, ...args: string[]): Promise<Ran> {
  const argv = ["--import", "tsx", join(root, "verify", "cli.ts"), "--sandbox", name];
  return new Promise((resolve) => {
    execFile(process.execPath, [...argv, ...args], { cwd: root }, (error, stdout, stderr) =>
      resolve({ code: Number(error?.code ?? 0), stdout, stderr }),
    );
  });
}

/** Of what never was there is nothing to prove. */
async function goneByNow(): Promise<void> {
  if (!existsSync(stateDir(sandbox.name))) await sandbox.at("cluster");
  await sandbox.gone();
}

async function pidOf(part: string): Promise<number> {
  const { processes } = await sandbox.status();
  const found = processes.find(({ name }) => name === part);
  if (!found) throw new Error(`${part} does not run`);
  return found.pid;
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
      await sandbox.at("l4");
      const { code, stdout } = await verify("--json", "--settle", settle);
      const report = JSON.parse(stdout) as Report;
      expect(report.rows.filter(({ verdict }) => verdict !== "green")).toEqual([]);
      expect([code, report.verdict, report.stage]).toEqual([0, "green", "l4"]);
      expect(report.notes).toEqual([expect.stringMatching(/^Real: .*istiod.* Simulated: OCI/)]);
    },
    long,
  );

  test(
    "a policy of somebody else is red where it shows, and is named",
    async () => {
      await sandbox.at("l4");
      const folder = mkdtempSync(join(tmpdir(), "verify-proof-"));
      const file = join(folder, "policy.json");
      writeFileSync(file, JSON.stringify(stranger));
      await sandbox.kubectl("apply", "-f", file);
      const { code, stdout } = await verify("--json", "--settle", settle);
      await sandbox.kubectl("delete", "-f", file);
      rmSync(folder, { recursive: true });
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
    long,
  );
});

describe("in the graph", () => {
  test(
    "a red row fails the up with its table, once, and the next up mends it",
    async () => {
      await sandbox.at("l4");
      await sandbox.kubectl("scale", "deployment", "notsleep", "--replicas=0");
      process.env["VERIFY_SETTLE"] = "3";
      const { code, stdout, stderr } = await sandbox.try("up", "--stage", "l7");
      delete process.env["VERIFY_SETTLE"];
      expect(code).toBe(1);
      expect(stdout.split("no Pod with app=notsleep")).toHaveLength(2);
      expect(stdout).toMatch(/✖ +Pods of the clients +2 ready +1 of 2/);
      expect(stderr).toMatch(
        /failed verification; see the red rows\.\nLogs are in .* Continue with: .* up --refresh --name test-proof\n$/,
      );

      await sandbox.kubectl("scale", "deployment", "notsleep", "--replicas=1");
      const mended = await sandbox.try("up", "--stage", "l7");
      expect([mended.code, mended.stdout + mended.stderr]).toEqual([
        0,
        expect.stringMatching(/\d+ green, 0 red, 0 not checked/),
      ]);
    },
    long,
  );

  test(
    "on the way back it is deferred, and the up ends with the table of the stage it comes to",
    async () => {
      await sandbox.at("l7");
      const { code, stdout, stderr } = await sandbox.try("up", "--stage", "l4");
      expect(code).toBe(0);
      expect(stdout + stderr).toMatch(
        /stage l4, namespace default\n[^]*\d+ green, 0 red, 0 not checked/,
      );
    },
    long,
  );

  test(
    "what could not be checked is said and fails no up, which has nothing else to do",
    async () => {
      await sandbox.at("l4");
      const dataPlane = await pidOf("dataplane");
      process.kill(dataPlane, "SIGSTOP");
      process.env["VERIFY_SETTLE"] = "0";
      const { code, stdout, stderr } = await sandbox.try("up", "--json");
      delete process.env["VERIFY_SETTLE"];
      process.kill(dataPlane, "SIGCONT");
      expect([code, stderr]).toEqual([0, expect.stringMatching(/ 0 red, [1-9]\d* not checked/)]);
      const { changes, verification } = JSON.parse(stdout) as OperationReport;
      expect(changes).toMatchObject({ create: 0, update: 0, replace: 0, delete: 0 });
      expect(verification?.rows.length).toBeGreaterThan(10);
    },
    long,
  );
});

describe("what a teardown leaves", () => {
  test(
    "is named as long as it stands",
    async () => {
      await sandbox.at("l4");
      const { code, stdout } = await verify("--destroyed");
      expect(code).toBe(1);
      expect(stdout).toMatch(
        /^✖ load balancer .*: has the tag oke-ambient-mesh-stack=sandbox-test-proof$/m,
      );
      // They would go to the real OCI.
      expect(stdout).not.toMatch(/^ +oci /m);
      expect(stdout).toMatch(
        /\nThe sandbox is still running\. Destroy it with: npm run -s sandbox -- destroy --name test-proof\n$/,
      );
    },
    long,
  );

  test(
    "is what OCI keeps and what nobody knew of, nothing for want of an API server, and no hindrance to the next up",
    async () => {
      await sandbox.at("l4");
      await oci.part("apiserver", false);
      expect((await verify("--settle", "0")).code).toBe(3);
      const planted = await oci.loadBalancer("forgotten", { [stackTag]: "sandbox-test-proof" });
      const refusal = { status: 400, code: "InvalidParameter", message: "not today" };
      await oci.plant({ method: "DELETE", path: "/vcns/", ...refusal });
      const { code, stderr } = await sandbox.try("destroy", "--json");
      expect([code, stderr]).toEqual([
        1,
        expect.stringMatching(/cluster is unreachable[^]*not today/),
      ]);

      const proof = await verify("--destroyed", "--json");
      const { leftovers } = JSON.parse(proof.stdout) as Inventory;
      expect([proof.code, leftovers.map(({ kind, name }) => `${kind} ${name}`)]).toEqual([
        1,
        ["load balancer forgotten", "VCN oke-ambient-mesh-sandbox-test-proof"],
      ]);
      expect(leftovers[0]).toEqual({
        kind: "load balancer",
        name: "forgotten",
        why: `has the tag ${stackTag}=sandbox-test-proof`,
        going: false,
      });
      await oci.remove("/20170115/loadBalancers", planted);

      const { changes } = await sandbox.run("up", "--stage", "mesh");
      expect(changes).toMatchObject({ update: 0, replace: 0, delete: 0 });
      expect(changes.create).toBeGreaterThan(30);
    },
    long,
  );

  test(
    "is nothing where the cluster was deleted by hand, with its load balancer left",
    async () => {
      await sandbox.at("mesh");
      const [cluster] = await oci.live("cluster");
      await oci.remove("/20180222/clusters", cluster?.id ?? "");
      expect(await oci.live("loadbalancer")).toHaveLength(1);
      const { left } = await sandbox.run("destroy");
      expect(left).toEqual({ leftovers: [], unchecked: [] });
    },
    long,
  );

  test(
    "is nothing that a second destroy would find",
    async () => {
      await goneByNow();
      const { changes } = await sandbox.run("destroy");
      expect(changes).toEqual({ create: 0, update: 0, replace: 0, delete: 0, same: 0 });
      expect(await verify("--destroyed")).toEqual({
        code: 0,
        stdout: "sandbox test-proof is gone, and its OCI with it: nothing is left.\n",
        stderr: 'Checking that nothing is left of the sandbox "test-proof" …\n',
      });
    },
    long,
  );

  test(
    "is a process on one of its ports, and is not known of a sandbox that never was",
    async () => {
      await goneByNow();
      const { oci: port } = readPorts(stateDir(sandbox.name));
      const server = createServer().listen(port, "127.0.0.1");
      const { code, stdout } = await verify("--destroyed");
      server.close();
      expect(code).toBe(1);
      expect(stdout).toContain(`listens on 127.0.0.1:${port}, the sandbox's port for oci`);
      expect(stdout).toContain(`\n    kill ${process.pid}\n`);
      expect(await verifyOf("never-was", "--destroyed")).toMatchObject({ code: 1, stdout: "" });
    },
    long,
  );
});
