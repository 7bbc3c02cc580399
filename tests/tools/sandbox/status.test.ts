import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";

import { setDefaults } from "../../../tools/sandbox/overrides.js";
import { statusText } from "../../../tools/sandbox/summary.js";
import { backendFiles } from "../../../tools/stacks/sandbox-backend.js";
import { SettingsFile, stackFile, stackName } from "../../../tools/stacks/settings-file.js";
import { stateDir } from "../../../tools/paths.js";
import { kubeconfig, status } from "../../../tools/stacks/sandbox-status.js";
import { targetOf, verifyInputOf } from "../../../tools/verify/target.js";
import { daemonName } from "../../../emulator/daemon/client.js";
import { dataPlaneName } from "../../../emulator/dataplane/status.js";
import { writeRecord } from "../../../emulator/processes/record.js";
import { startedAt } from "../../../emulator/processes/table.js";

const name = `unit-status-${process.pid}`;
const { folder, state } = backendFiles(name);
const history = join(folder, "history", "oke-ambient-mesh", stackName(name));
const page = "http://127.21.105.1:8080/productpage";

beforeEach(() => {
  mkdirSync(dirname(state), { recursive: true });
  mkdirSync(history, { recursive: true });
});
afterEach(() => {
  rmSync(stateDir(name), { recursive: true });
  rmSync(stackFile(name), { force: true });
});

/** An `up` to a stage, at a time in nanoseconds. */
function update(at: number, stage: string, result: string): void {
  const config = { "oke-ambient-mesh:stage": stage };
  const file = join(history, `${stackName(name)}-17959036${at}.history.json`);
  writeFileSync(file, JSON.stringify({ kind: "update", result, config }));
}
function settingsAt(stage: string): void {
  const settings = SettingsFile.read(name);
  setDefaults(settings);
  settings.set([["stage"], stage]);
  settings.save();
}
/** The stage that a verification of the running sandbox would check. */
async function verifiedStage(): Promise<string> {
  const self = { pid: process.pid, started: startedAt(process.pid) ?? "", command: [], ports: [] };
  writeRecord(stateDir(name), { ...self, name: daemonName });
  writeFileSync(join(stateDir(name), "ports.json"), JSON.stringify({ oci: 1 }));
  mkdirSync(join(stateDir(name), "control-plane"), { recursive: true });
  writeFileSync(join(stateDir(name), "control-plane", "kubeconfig"), "");
  const from = { sandbox: name };
  const input = await verifyInputOf(await targetOf(from), { from, destroyed: false, json: false });
  return input.stage;
}

describe("the status of a sandbox", () => {
  test("names the stage that holds, not the one that was begun, and so does its verification", async () => {
    update(10, "ambient", "succeeded");
    update(20, "l4", "succeeded");
    settingsAt("l7");
    // Killed: the engine wrote no history.
    expect(status(name)).toMatchObject({ stage: "l4", unreached: "l7" });
    expect(await verifiedStage()).toBe("l4");
    update(30, "l7", "failed");
    expect(status(name)).toMatchObject({ stage: "l4", unreached: "l7" });
    update(40, "l7", "succeeded");
    expect(status(name)).toMatchObject({ stage: "l7" });
    expect(await verifiedStage()).toBe("l7");
    expect(status(name)).not.toHaveProperty("unreached");
  });

  test("names the stage of its settings before the first up has succeeded", () => {
    settingsAt("mesh");
    expect(status(name)).toMatchObject({ stage: "mesh", unreached: "mesh" });
  });

  test("tells that the endpoint has ended while other processes run", () => {
    const self = {
      pid: process.pid,
      started: startedAt(process.pid) ?? "",
      command: [],
      ports: [],
    };
    writeRecord(stateDir(name), { ...self, name: "apiserver" });
    const text = statusText(name, status(name));
    expect(text).toContain(
      `\nIts OCI endpoint has ended, so updates fail and nothing restarts the other processes. Start it with: npm run -s sandbox -- up --name ${name}\n`,
    );
    writeRecord(stateDir(name), { ...self, name: daemonName });
    expect(status(name)).not.toHaveProperty("problem");
  });

  test("tells why a Pod's Prometheus does not run", () => {
    const self = {
      ...{ pid: process.pid, started: startedAt(process.pid) ?? "" },
      ...{ command: [], ports: [] },
    };
    for (const part of [daemonName, dataPlaneName]) {
      writeRecord(stateDir(name), { ...self, name: part });
    }
    const prometheus = [
      { pod: "istio-system/prometheus-1", address: "", problem: "exit status 2" },
    ];
    mkdirSync(join(stateDir(name), dataPlaneName), { recursive: true });
    writeFileSync(
      join(stateDir(name), dataPlaneName, "status.json"),
      JSON.stringify({ prometheus }),
    );
    expect(statusText(name, status(name))).toContain(
      "\nPrometheus of Pod istio-system/prometheus-1 has a problem: exit status 2\n",
    );
  });

  test("of a sandbox that does not exist lists those that do", () => {
    settingsAt("mesh");
    const never = "unit-never-was";
    expect(statusText(never, status(never))).toMatch(
      new RegExp(
        `^There is no sandbox "${never}"\\. Existing sandboxes: .*\\b${name}\\b.*\\. Create it with: npm run -s sandbox -- up --name ${never}$`,
      ),
    );
    expect(() => kubeconfig(never)).toThrow(`There is no sandbox "${never}". Existing sandboxes:`);
  });

  test("as text holds the page and an update that did not complete", () => {
    const now = { running: true, resources: 3, processes: [] };
    expect(statusText("mine", { ...now, stage: "l4", page })).toBe(
      `The sandbox "mine" is running at stage l4 with 3 resources.\npage: ${page}`,
    );
    expect(statusText("mine", { ...now, stage: "l4", unreached: "l7" })).toBe(
      'The sandbox "mine" is running at stage l4 with 3 resources. Its settings name stage l7, which no update has completed.',
    );
    expect(statusText("mine", { ...now, stage: "l7", unreached: "l7" })).toBe(
      'The sandbox "mine" is running with 3 resources. Its settings name stage l7, which no update has completed.',
    );
  });
});
