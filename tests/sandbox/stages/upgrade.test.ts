import { afterAll, describe, expect, test } from "@jest/globals";

import type { OperationReport } from "../../../tools/sandbox/commands.js";
import { TestSandbox } from "../harness.js";

// Changes Istio's version under a running application. The charts are in a local folder, and istiod's process is the
// same for every version: only the image tags change, and with them Releases, Deployments and DaemonSets.
const sandbox = new TestSandbox("test-upgrade");
const minutes = 60_000;

interface Release {
  name: string;
  revision: string;
  status: string;
}
interface Workloads {
  items: {
    metadata: { name: string };
    spec: { template: { spec: { containers: { image: string }[] } } };
  }[];
}
interface Pods {
  items: { metadata: { name: string; uid: string } }[];
}

/** istio-system's Releases by name. */
async function releases(): Promise<Record<string, Release>> {
  const list = JSON.parse(await sandbox.tool("helm", "list", "-n", "istio-system", "-o", "json"));
  return Object.fromEntries((list as Release[]).map((release) => [release.name, release]));
}

/** The tags of the images that the control plane, the CNI agent and ztunnel run. */
async function tags(): Promise<Record<string, string | undefined>> {
  const { items } = await sandbox.get<Workloads>("deployments,daemonsets", "-n", "istio-system");
  return Object.fromEntries(
    items.map(({ metadata, spec }) => [
      metadata.name,
      // The charts choose the variant of their images.
      /:([\d.]+)(-distroless)?$/.exec(spec.template.spec.containers[0]?.image ?? "")?.[1],
    ]),
  );
}

const uids = async () =>
  (await sandbox.get<Pods>("pods", "-n", "default")).items
    .map(({ metadata }) => metadata.uid)
    .sort();

const none = { create: [], update: [], replace: [], delete: [] };
const both = ["istio-cni", "istio-ztunnel"];

/** Expects updates of istiod, its agents and the verification, in that order, and nothing else. */
function expectMesh({ resources }: OperationReport): void {
  const [first, second = "", third = "", ...rest] = resources.update;
  const update = [first, [second, third].sort(), rest];
  expect({ ...resources, update }).toEqual({
    ...none,
    update: ["istio-istiod", both, ["verification-command"]],
  });
}

let onOld = false;

/** Deploys the older version unless it is deployed, so that no test depends on another one. */
async function atOld(): Promise<void> {
  if (onOld) return;
  await sandbox.gone();
  await sandbox.run("up", "--stage", "ambient", "--config", "mesh.version=1.30.2");
  onOld = true;
}

afterAll(async () => {
  await sandbox.try("destroy");
}, 5 * minutes);

describe("a newer Istio", () => {
  test.each([
    ["a patch", "1.30.3"],
    ["a minor", "1.31.1"],
  ])(
    "of %s is previewed as in-place updates of the mesh only",
    async (_kind, version) => {
      await atOld();
      expectMesh(await sandbox.run("preview", "--config", `mesh.version=${version}`));
    },
    12 * minutes,
  );

  test(
    "is installed with istiod first, and restarts no Pod of the application",
    async () => {
      await atOld();
      onOld = false;
      const [before, pods] = [await releases(), await uids()];
      expectMesh(await sandbox.run("up", "--config", "mesh.version=1.31.1"));

      const moved = Object.values(await releases()).map(({ name, revision, status }) => [
        name,
        [Number(revision) - Number(before[name]?.revision), status],
      ]);
      expect(Object.fromEntries(moved)).toEqual({
        "istio-base": [0, "deployed"],
        istiod: [1, "deployed"],
        "istio-cni": [1, "deployed"],
        ztunnel: [1, "deployed"],
        "istio-ingressgateway": [0, "deployed"],
      });
      expect(await tags()).toMatchObject({
        istiod: "1.31.1",
        "istio-cni-node": "1.31.1",
        ztunnel: "1.31.1",
      });
      expect(await uids()).toEqual(pods);
      expect((await sandbox.run("preview")).resources).toMatchObject(none);
    },
    12 * minutes,
  );

  test(
    "is rejected before any change if it does not support the cluster's Kubernetes",
    async () => {
      await sandbox.at("ambient");
      const before = await tags();
      const { code, stderr } = await sandbox.try("up", "--config", "mesh.version=1.28.1", "--json");
      expect(code).toBe(1);
      expect(stderr).toContain("mesh.version = 1.28.1: it supports Kubernetes 1.30 to 1.34");
      expect(await tags()).toEqual(before);
    },
    12 * minutes,
  );
});
