import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import type { Stack } from "@pulumi/pulumi/automation/index.js";
import { stringify } from "yaml";

import type { Metadata } from "../../../components/existing/lists.js";
import { clusterWideKinds, releaseObjects } from "../../../components/existing/releases.js";
import { root } from "../../../tools/paths.js";
import { Guest } from "../guest.js";
import { TestSandbox } from "../harness.js";
import { earlierIstio, narrow, others } from "./others.js";
import { type Config, type Outcome, run } from "../oke.js";

const minutes = 60_000;
const sandbox = new TestSandbox("test-existing");
const stackName = "sandbox-test-existing-guest";
const folder = mkdtempSync(join(tmpdir(), "existing-"));
let guest: Guest;
let environment: Record<string, string>;
let stack: Stack;
let settings: Config;

beforeAll(async () => {
  guest = await Guest.open(sandbox, stackName);
  ({ environment, stack, settings } = guest);
  await sandbox.kubectl("apply", "-f", fileOf("others.yaml", others));
  await sandbox.kubectl("label", "namespace", "default", "team=theirs");
}, 30 * minutes);

afterAll(async () => {
  await sandbox.try("destroy");
  guest?.close();
  rmSync(folder, { recursive: true, force: true });
}, 4 * minutes);

interface Held {
  kind: string;
  metadata: Record<string, unknown> & { name: string; namespace?: string; uid: string };
}

/** Everything in the cluster, with a digest of what others would miss; without what tells the time. */
async function inventory(): Promise<string[]> {
  const listed = await sandbox.kubectl("api-resources", "--verbs=list", "-o", "name");
  const kinds = listed.split("\n").filter((kind) => kind && !/^(events|leases)\b/.test(kind));
  const { items } = await sandbox.get<{ items: Held[] }>(kinds.join(), "-A");
  const lines = items.map((object) => {
    const { name, namespace = "", uid, labels, annotations, finalizers } = object.metadata;
    const kept = { ...object, status: undefined, metadata: { labels, annotations, finalizers } };
    const digest = createHash("sha256").update(JSON.stringify(kept)).digest("hex").slice(0, 12);
    return `${object.kind} ${namespace}/${name} ${uid} ${digest}`;
  });
  return [...new Set(lines)].sort();
}

/** The cluster as it was; what the API server takes away by itself may take it a moment. */
async function expectAsBefore(before: string[]): Promise<void> {
  let now = await inventory();
  for (let tries = 0; tries < 30 && now.join() !== before.join(); tries++) {
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    now = await inventory();
  }
  expect(now).toEqual(before);
}

function fileOf(name: string, objects: object[]): string {
  const file = join(folder, name);
  writeFileSync(file, objects.map((object) => stringify(object)).join("---\n"));
  return file;
}

/** Whether the guest is there with all it has. */
let isThere = false;

const up = async (more: Config = {}): Promise<Outcome> => {
  guest.configure(more);
  const outcome = await run((options) => stack.up({ ...options, parallel: 64 }));
  isThere = outcome.error === undefined;
  return outcome;
};

async function destroy(): Promise<void> {
  expect((await run((options) => stack.destroy({ ...options, parallel: 64 }))).error).toBe(
    undefined,
  );
  isThere = false;
}

/** Where a case begins, whichever ran before it. */
async function there(): Promise<void> {
  if (!isThere) expect((await up()).error).toBeUndefined();
}
async function gone(): Promise<void> {
  if (isThere) await destroy();
}

/** `npm run -s verify -- --stack … --destroyed` */
function proof(): Promise<{ code: number; stdout: string }> {
  const argv = ["--import", "tsx", "verify/cli.ts", "--stack", stackName, "--destroyed"];
  const env = { ...process.env, ...environment };
  return new Promise((resolve) => {
    execFile(process.execPath, argv, { cwd: root, env }, (error, stdout) =>
      resolve({ code: Number(error?.code ?? 0), stdout }),
    );
  });
}

describe("on a cluster of others", () => {
  let before: string[];
  beforeAll(async () => {
    before = await inventory();
  }, minutes);
  afterAll(gone, 5 * minutes);

  test(
    "everything comes up, is proven, and is the same again",
    async () => {
      await gone();
      const first = await up();
      expect(first.error).toBeUndefined();
      expect(first.said).toMatch(/\d+ green, 0 red, 0 not/);
      expect([...new Set(Object.values(first.steps))]).toEqual(["create"]);
      for (const refresh of [false, true]) {
        const preview = await run((options) => stack.preview({ ...options, refresh }));
        expect([preview.error, preview.steps]).toEqual([undefined, {}]);
      }
      const again = await up();
      expect([again.error, again.steps]).toEqual([undefined, {}]);
    },
    15 * minutes,
  );

  test(
    "what is the program's there is named, each with the command that removes it",
    async () => {
      await there();
      const { code, stdout } = await proof();
      expect(code).toBe(1);
      const kubectl = `kubectl --kubeconfig ${environment["KUBECONFIG"]} --context sandbox`;
      for (const line of [
        "label namespace default istio.io/dataplane-mode-",
        "delete configmap istio-ca-root-cert -n default",
        "delete Deployment.apps productpage-v1 -n default",
        "delete MutatingWebhookConfiguration istio-sidecar-injector",
        "delete Gateway.gateway.networking.k8s.io productpage-waypoint -n default",
        "delete GatewayClass istio-waypoint",
        "delete CustomResourceDefinition virtualservices.networking.istio.io",
        "delete CustomResourceDefinition gateways.gateway.networking.k8s.io",
        "delete namespace istio-system",
      ]) {
        expect(stdout).toContain(`\n    ${kubectl} ${line}\n`);
      }
      expect(stdout).not.toMatch(/theirs|example\.com/);
    },
    2 * minutes,
  );

  test(
    "the list of leftovers has every cluster-wide object of the releases",
    async () => {
      await there();
      for (const kind of Object.keys(clusterWideKinds) as (keyof typeof clusterWideKinds)[]) {
        const { items } = await sandbox.get<{ items: { metadata: Metadata }[] }>(kind);
        const metadata = items.map((object) => object.metadata);
        const helms = metadata.filter(
          ({ annotations }) => annotations?.["meta.helm.sh/release-namespace"] === "istio-system",
        );
        expect(helms).not.toEqual([]);
        const known = releaseObjects(kind, metadata);
        expect(known.filter(({ isReleases }) => !isReleases)).toEqual([]);
        expect(known.map(({ name }) => name).sort()).toEqual(helms.map(({ name }) => name).sort());
      }
    },
    2 * minutes,
  );

  test(
    "destroy leaves nothing of its own and touches nothing of theirs",
    async () => {
      await there();
      await destroy();
      expect(await proof()).toEqual({
        code: 0,
        stdout: `stack ${stackName}: nothing is left.\n`,
      });
      await expectAsBefore(before);
      expect(before).toContainEqual(expect.stringMatching(/^CustomResourceDefinition \/widgets/));
    },
    6 * minutes,
  );
});

describe("where the Gateway API is there already", () => {
  const bundle = () => (settings["mesh"] as { gatewayApi: string }).gatewayApi.split("#")[0] ?? "";
  beforeAll(async () => {
    await sandbox.kubectl("apply", "--server-side", "-f", bundle());
  }, minutes);
  afterAll(async () => {
    await sandbox.kubectl("delete", "-f", bundle());
  }, minutes);

  test(
    "it is not taken over, nor what an earlier Istio left: the preview says what to do",
    async () => {
      const file = fileOf("earlier.yaml", earlierIstio);
      await sandbox.kubectl("apply", "-f", file);
      guest.configure({});
      const { said, steps } = await run((options) => stack.preview(options));
      await sandbox.kubectl("delete", "-f", file);
      expect(Object.keys(steps)).toEqual([`oke-ambient-mesh-${stackName}`]);
      for (const sentence of [
        /already has Gateway API CRDs, v1\.6\.0.*pulumi config set --path mesh\.gatewayApi existing/,
        /1 CRDs of an earlier Istio, such as sidecars\.networking\.istio\.io/,
        /kubectl --kubeconfig \S+ delete namespace istio-system/,
        /kubectl --kubeconfig \S+ delete configmap istio-ca-root-cert -n default/,
        /kubectl --kubeconfig \S+ delete gatewayclass istio-waypoint/,
        /ClusterRole istiod-clusterrole-istio-system\. .*kubectl --kubeconfig \S+ delete clusterrole\/istiod-/,
        /ServiceAccount sleep\. .*kubectl --kubeconfig \S+ delete -n default serviceaccount\/sleep/,
      ]) {
        expect(said).toMatch(sentence);
      }
    },
    2 * minutes,
  );

  test(
    "a namespace without room for Bookinfo is named before anything is made",
    async () => {
      const file = fileOf("narrow.yaml", narrow);
      await sandbox.kubectl("apply", "-f", file);
      await sandbox.kubectl(
        "wait",
        "--for=jsonpath={.status.hard.pods}=3",
        "resourcequota/narrow",
        "-n",
        "default",
      );
      guest.configure({ mesh: { ...(settings["mesh"] as object), gatewayApi: "existing" } });
      const { said, steps } = await run((options) => stack.preview(options));
      await sandbox.kubectl("delete", "-f", file);
      expect(Object.keys(steps)).toEqual([`oke-ambient-mesh-${stackName}`]);
      expect(said).toMatch(
        /ResourceQuota narrow in namespace default .*: pods \(10 needed, 3 left\)/,
      );
      expect(said).toMatch(
        /refuse the Pods of reviews-v1, reviews-v2, reviews-v3 in namespace default: .*"100m": must be less than or equal to cpu limit of 60m/,
      );
      expect(said).toMatch(
        /refuse the Pods of productpage-waypoint, reviews-waypoint in .*: maximum cpu usage per Container is 60m, but limit is 2\./,
      );
    },
    2 * minutes,
  );

  test(
    "it is used and outlives the stack",
    async () => {
      const before = await inventory();
      const mesh = { ...(settings["mesh"] as object), gatewayApi: "existing" };
      const { steps, error } = await up({ mesh, stage: "mesh" });
      expect(error).toBeUndefined();
      expect(Object.keys(steps).filter((name) => name.startsWith("gateway-api"))).toEqual([]);
      await destroy();
      expect((await proof()).code).toBe(0);
      await expectAsBefore(before);
    },
    6 * minutes,
  );
});
