import { writeFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { join } from "node:path";

import { afterAll, beforeAll, beforeEach, describe, expect, jest, test } from "@jest/globals";

import type { KubeObject } from "../../../emulator/control-plane/api.js";
import { logFile } from "../../../emulator/processes/process.js";
import { isPortFree } from "../../../emulator/processes/ports.js";
import { loggedMeshConfig } from "../../../tools/verify/checks/mesh-config.js";
import { Snapshot } from "../../../tools/verify/cluster/snapshot.js";
import type { Finding } from "../../../tools/verify/finding.js";
import { OwnControlPlane, until, worker } from "../own-control-plane.js";

jest.setTimeout(180_000);

let own: OwnControlPlane;
let isInstalled = false;

const webhook = (path: string) => `https://localhost:${own.ports.istiodWebhook}/${path}`;
const chart = (name: string) => [
  ...["install", name, join(own.tools.charts, name), "--create-namespace"],
  ...["--set", `base.validationURL=${webhook("validate")}`],
];

interface Pod extends KubeObject {
  status: { conditions?: { type: string; status: string }[] };
}

async function isReady(): Promise<boolean> {
  const list = JSON.parse(
    await own.kubectl("get", "pods", "-n", "istio-system", "-l", "app=istiod", "-o", "json"),
  ) as { items: Pod[] };
  return list.items.some(({ status }) =>
    status.conditions?.some(({ type, status: is }) => type === "Ready" && is === "True"),
  );
}

beforeAll(async () => {
  own = await OwnControlPlane.open();
  await own.plane.start(own.request());
  await own.plane.addNode(worker);
  await own.kubectl("apply", "--server-side", "-f", own.tools.gatewayApi);
  await own.helm(...chart("base"));
  expect(own.pidOf("istiod")).toBeUndefined();
}, 1_200_000);
afterAll(() => own?.close());

/** Every test starts with istiod installed and ready. */
beforeEach(async () => {
  if (!isInstalled) {
    const injection = `istiodRemote.injectionURL=${webhook("inject")}`;
    await own.helm(...chart("istiod"), "--set", "profile=ambient", "--set", injection);
    isInstalled = true;
  }
  await until(isReady, 120);
});

describe("istiod", () => {
  test("runs when its Pod is scheduled, and serves when the Pod is ready", async () => {
    expect(own.pidOf("istiod")).toBeGreaterThan(0);
    const waypoint = JSON.stringify({
      apiVersion: "gateway.networking.k8s.io/v1",
      kind: "Gateway",
      metadata: { name: "waypoint" },
      spec: {
        gatewayClassName: "istio-waypoint",
        listeners: [{ name: "mesh", port: 15008, protocol: "HBONE" }],
      },
    });
    writeFileSync(join(own.stateDir, "waypoint.json"), waypoint);
    await own.kubectl("apply", "-f", join(own.stateDir, "waypoint.json"));
    await own.kubectl("wait", "gateway/waypoint", "--for=condition=Programmed", "--timeout=60s");
  });

  test("logs why it ignores its mesh configuration, as the verification reads it", async () => {
    const inSystem = ["-n", "istio-system"];
    const list = async <T>(...what: string[]) =>
      (JSON.parse(await own.kubectl("get", ...what, ...inSystem, "-o", "json")) as { items: T[] })
        .items;
    const patch = (mesh: string) =>
      own.kubectl(
        ...["patch", "configmap", "istio", ...inSystem, "--type=merge"],
        ...["-p", JSON.stringify({ data: { mesh } })],
      );
    const configMaps = () =>
      list<{ data: { mesh: string } }>("configmap", "--field-selector=metadata.name=istio");
    const [before] = await configMaps();
    await patch("connectTimeout: 0s");
    const lists = { meshConfigs: await configMaps(), systemPods: await list<KubeObject>("pods") };
    const snapshot = new Snapshot(lists as unknown as ConstructorParameters<typeof Snapshot>[0]);
    // No kubelet serves the Pods' logs here.
    const log = logFile(own.stateDir, "istiod");
    let found: Finding | undefined;
    await until(async () => {
      found = await loggedMeshConfig(snapshot, () => readFile(log, "utf8"));
      return found !== undefined;
    }, 60);
    expect(found?.cause).toMatch(/^istiod ignores all of ConfigMap istio-system\/istio: .*timeout/);
    await patch(before?.data.mesh ?? "");
  });

  test("is restarted when it dies, and its Pod is not ready in between", async () => {
    const before = own.pidOf("istiod") ?? 0;
    process.kill(before, "SIGKILL");
    await until(async () => !(await isReady()));
    await until(isReady);
    expect(own.pidOf("istiod")).not.toBe(before);
  });

  test("stays stopped until it is started, and reports a taken port in an Event of its Pod", async () => {
    await own.plane.stopPart("istiod");
    expect(own.pidOf("istiod")).toBeUndefined();
    await until(async () => !(await isReady()));
    const thief = createServer();
    await new Promise<void>((up) => thief.listen(own.ports.istiodWebhook, "127.0.0.1", up));
    await own.plane.startPart("istiod");
    const problem = () => own.plane.status().find(({ name }) => name === "istiod")?.problem;
    await until(async () => problem() !== undefined);
    expect(problem()).toMatch(/^Port \d+ .*which istiod needs \(webhooks\), is taken by process/);
    expect(await own.kubectl("get", "events", "-n", "istio-system")).toContain(
      "which istiod needs",
    );
    await new Promise((closed) => thief.close(closed));
    await until(isReady, 60);
    expect(problem()).toBeUndefined();
  });

  test("ends with its Deployment", async () => {
    isInstalled = false;
    await own.helm("uninstall", "istiod");
    await until(async () => own.pidOf("istiod") === undefined);
    expect(await isPortFree(own.ports.istiodWebhook)).toBe(true);
  });
});
