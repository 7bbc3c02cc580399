import { afterAll, describe, expect, jest, test } from "@jest/globals";
import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { personsHome } from "../../../emulator/toolchain/pulumi-home.js";
import { stackFile, stackName } from "../../../tools/stacks/settings-file.js";
import { stateDir } from "../../../tools/paths.js";
import { isPortFree } from "../../../emulator/processes/ports.js";
import { TestSandbox } from "../harness.js";

interface Condition {
  type: string;
  status: string;
}
interface Conditions {
  status?: { conditions?: Condition[] };
}
interface Pod {
  metadata: { name: string };
  spec: { nodeName?: string };
  status: { conditions?: Condition[] };
}

const sandbox = new TestSandbox("test-first-up");
const minutes = 60_000;
jest.setTimeout(10 * minutes);

/** PID, start time and command line of the processes that run. */
function processLines(processes: { pid: number }[]): string[] {
  const pids = processes.map(({ pid }) => pid).join(",");
  const { stdout } = spawnSync("ps", ["-o", "pid=,lstart=,args=", "-p", pids], {
    encoding: "utf8",
  });
  return stdout.split("\n");
}

async function holds(type: string, ...object: string[]): Promise<boolean> {
  const { status } = await sandbox.get<Conditions>(...object);
  return status?.conditions?.some((c) => c.type === type && c.status === "True") ?? false;
}

afterAll(async () => {
  await sandbox.try("destroy");
}, 5 * minutes);

describe("a new sandbox", () => {
  test(
    "creates every resource and changes nothing else",
    async () => {
      await sandbox.gone();
      const { changes, outputs, plugins } = await sandbox.run("up");
      expect(changes).toMatchObject({ update: 0, replace: 0, delete: 0, same: 0 });
      expect(changes.create).toBeGreaterThan(60);
      expect(outputs).toMatchObject({ stage: "traffic" });
      expect(outputs["productpageUrl"]).toMatch(/^http:\/\/127\.\d+\.\d+\.\d+\/productpage$/);
      expect(outputs).not.toHaveProperty("kubeconfig");
      expect(Object.keys(plugins).sort()).toEqual(["command", "kubernetes", "oci"]);
    },
    10 * minutes,
  );

  test(
    "changes nothing on a second up",
    async () => {
      await sandbox.at("traffic");
      const { changes } = await sandbox.run("up");
      expect(changes).toMatchObject({ create: 0, update: 0, replace: 0, delete: 0 });
      expect(changes.same).toBeGreaterThan(60);
    },
    10 * minutes,
  );

  test("leaves no log of the Pulumi CLI in a person's home", async () => {
    await sandbox.at("traffic");
    const logs = join(personsHome(), "logs");
    const own = (existsSync(logs) ? readdirSync(logs) : []).filter((file) =>
      file.includes(stackName("test-first-up")),
    );
    expect(own).toEqual([]);
  });

  test("completes an operation whose output is closed", async () => {
    await sandbox.at("traffic");
    const preview = sandbox.start("preview");
    const ended = once(preview, "exit");
    preview.stdout?.destroy();
    preview.stderr?.destroy();
    expect(await ended).toEqual([0, null]);
  });

  test("has every Pod ready on its only worker", async () => {
    await sandbox.at("traffic");
    const { items } = await sandbox.get<{ items: Pod[] }>("pods", "-A");
    const nodes = await sandbox.get<{ items: unknown[] }>("nodes");
    expect(nodes.items).toHaveLength(1);
    expect(items.length).toBeGreaterThanOrEqual(14);
    for (const { metadata, spec, status } of items) {
      const ready = status.conditions?.some((c) => c.type === "Ready" && c.status === "True");
      expect([metadata.name, Boolean(spec.nodeName), ready]).toEqual([metadata.name, true, true]);
    }
  });

  test("has the DaemonSets and Deployments of the mesh step", async () => {
    await sandbox.at("traffic");
    for (const object of ["daemonset/istio-cni-node", "daemonset/ztunnel"]) {
      const { status } = await sandbox.get<{ status: { numberReady: number } }>(
        object,
        "-n",
        "istio-system",
      );
      expect([object, status.numberReady]).toEqual([object, 1]);
    }
    for (const object of ["deployment/istiod", "deployment/istio-ingressgateway"]) {
      expect([object, await holds("Available", object, "-n", "istio-system")]).toEqual([
        object,
        true,
      ]);
    }
  });

  test.each([
    ["gateway/productpage-waypoint", "Programmed"],
    ["gateway/reviews-waypoint", "Programmed"],
    ["service/productpage", "istio.io/WaypointBound"],
    ["service/reviews", "istio.io/WaypointBound"],
    ["authorizationpolicy/productpage-viewer", "ZtunnelAccepted"],
    ["authorizationpolicy/productpage-waypoint", "WaypointAccepted"],
  ])("istiod reports on %s the condition %s", async (object, condition) => {
    await sandbox.at("traffic");
    const gateway = object.replace("gateway/", "gateways.gateway.networking.k8s.io/");
    expect(await holds(condition, gateway, "-n", "default")).toBe(true);
  });
});

describe("destroy", () => {
  test(
    "leaves no resource, process, port or stack file",
    async () => {
      await sandbox.at("traffic");
      const before = await sandbox.status();
      const ports = JSON.parse(
        readFileSync(join(stateDir(sandbox.name), "ports.json"), "utf8"),
      ) as Record<string, number>;
      const running = processLines(before.processes);
      const { changes } = await sandbox.run("destroy");
      expect(changes.delete).toBeGreaterThan(60);
      expect(before).toMatchObject({ running: true, stage: "traffic" });
      expect(await sandbox.status()).toMatchObject({ running: false, resources: 0, processes: [] });
      expect(running.filter((line) => line !== "")).toHaveLength(before.processes.length);
      // Compare start times and command lines too: a busy machine reuses PIDs quickly.
      const left = new Set(processLines(before.processes));
      expect(running.filter((line) => line && left.has(line))).toEqual([]);
      for (const port of Object.values(ports)) expect(await isPortFree(port)).toBe(true);
      expect(existsSync(stackFile(sandbox.name))).toBe(false);
    },
    10 * minutes,
  );
});
