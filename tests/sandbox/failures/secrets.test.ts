import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { readdirSync } from "node:fs";
import { join } from "node:path";

import { afterAll, beforeAll, expect, test } from "@jest/globals";

import { stackName } from "../../../tools/stacks/settings-file.js";
import { ociFolder } from "../../../emulator/daemon/client.js";
import { apiKey } from "../../../emulator/oci/tenancy/identity.js";
import { root, stateDir } from "../../../tools/paths.js";
import { TestSandbox, unverified } from "../harness.js";
import { ProcessWatch } from "./process-watch.js";
import * as secrets from "./secrets.js";

// One whole life of a sandbox, with additional secrets set by a user. Afterwards, everything that it has left, printed
// and started is searched for these secrets and for its own.
const minutes = 60_000;
/** In the environment of every command. */
const planted: Record<string, string> = {};
const setting = randomBytes(24).toString("hex");
const sandbox = new TestSandbox("test-secrets", planted);
let watch: ProcessWatch;
let known: secrets.Secret[];
let kept: Record<string, string>;
let open: string[];
let written: Record<string, string>;
let kubeconfig: unknown;
/** Kubeconfigs that plugins have left in their engine's temporary folder. */
let leftByEngine: string[];

beforeAll(async () => {
  await sandbox.gone();
  watch = new ProcessWatch(sandbox.name);
  // The sandbox's key exists from the first operation on.
  await sandbox.at("cluster");
  planted["TF_VAR_private_key"] = apiKey(ociFolder(stateDir(sandbox.name))).privateKey;
  planted["TF_VAR_private_key_password"] = randomBytes(24).toString("hex");
  planted["PULUMI_ACCESS_TOKEN"] = `pul-${randomBytes(20).toString("hex")}`;
  await setSecret("mesh.helmValues.istiod.env.PLANTED", setting);

  const up = await sandbox.run("up", "--stage", "traffic");
  await sandbox.run("preview", "--config", "reviews.v2Percent=50");
  await sandbox.run("refresh");
  leftByEngine = kubeconfigsIn(join(stateDir(sandbox.name), "tmp"));
  const bad = "mesh.helmValues.istiod.replicaCount=-1";
  const failed = await sandbox.try("up", "--config", bad, ...unverified);
  expect([failed.code, failed.stderr]).toEqual([1, expect.stringContaining("istio-istiod")]);

  known = [
    ...secrets.keptSecrets(sandbox.name),
    ...secrets.tokenSecrets(watch.tokens, new Set([String(up.outputs["clusterId"])])),
    ...Object.entries({ ...planted, setting }).map(([name, text]) => secrets.secretOf(name, text)),
  ];
  kept = secrets.keptFiles(sandbox.name);
  open = secrets.openFiles(sandbox.name);
  written = secrets.writtenFiles(sandbox.name);
  const argv = ["stack", "export", "--stack", stackName(sandbox.name)];
  const state = JSON.parse(await sandbox.tool("pulumi", ...argv)) as {
    deployment: { resources: { outputs?: Record<string, unknown> }[] };
  };
  kubeconfig = state.deployment.resources[0]?.outputs?.["kubeconfig"];
  await sandbox.run("destroy");
  watch.stop();
}, 30 * minutes);

afterAll(async () => {
  watch?.stop();
  await sandbox.try("destroy");
}, 5 * minutes);

/** Sets a secret on standard input, which does not appear in process lists. */
async function setSecret(path: string, value: string): Promise<void> {
  const args = ["config", "set", "--secret", "--path", path, "--stack", stackName(sandbox.name)];
  const options = { cwd: root, env: { ...process.env, ...(await sandbox.own()) } };
  await new Promise<void>((resolve, reject) => {
    execFile("pulumi", args, options, (error, _, stderr) =>
      error ? reject(new Error(stderr)) : resolve(),
    ).stdin?.end(value);
  });
}

test("the engine's temporary folder contains no kubeconfig, although each kubernetes plugin writes one", () => {
  expect(leftByEngine).toEqual([]);
});

test("secrets are only in files that only their owner can read", () => {
  const key = join("control-plane", "keys", "admin.key");
  const names = known.map(({ name }) => name);
  expect(names).toEqual(expect.arrayContaining(["passphrase", "oci/key.pem", key, "OKE token"]));
  const found = secrets.findSecrets(known, kept);
  expect(found).toEqual(expect.arrayContaining([`${key} in control-plane/kubeconfig`]));
  expect(open).toEqual([]);
});

test("state, history, settings and logs contain secrets only encrypted", () => {
  expect(kubeconfig).toHaveProperty("ciphertext");
  expect(written["the stack's settings"]).toMatch(/PLANTED:\s+secure: v1:/);
  expect(Object.keys(written).join("\n")).toMatch(/\.checkpoint\.json$/m);
  expect(Object.keys(written)).toEqual(
    expect.arrayContaining(["logs/istiod.log", "logs/kube-apiserver.log", "oci/state.json"]),
  );
  expect(secrets.findSecrets(known, written)).toEqual([]);
});

test("output and command lines contain no secrets, until the end of the destroy", () => {
  // Processes that could pass secrets on: a plugin, the token helper, the verification.
  const own = [...watch.own].join("\n");
  const parts = ["pulumi-resource-kubernetes", "token/cli", "verify/cli"];
  for (const part of parts) expect(own).toContain(part);
  const commands = [...watch.commands].join("\n");
  expect(commands).toContain("pulumi up");
  const printed = sandbox.printed.join("\n");
  expect(secrets.findSecrets(known, { printed, commands })).toEqual([]);
});

function kubeconfigsIn(folder: string): string[] {
  return readdirSync(folder).filter((file) => file.startsWith("kubeconfig"));
}
