import { spawn } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";

import { backendFiles } from "../../../../tools/stacks/sandbox-backend.js";
import { stateDir } from "../../../../tools/paths.js";
import { readPorts } from "../../../../emulator/processes/ports.js";
import { listProcesses } from "../../../../emulator/processes/process.js";
import { findInterruption, readPending } from "../../../../tools/sandbox/recovery/interruption.js";
import { interruptedReleases } from "../../../../tools/sandbox/recovery/releases.js";
import { status } from "../../../../tools/stacks/sandbox-status.js";
import { saveUnfinished, readInterrupted } from "../../../../tools/sandbox/recovery/unfinished.js";

const name = `unit-${process.pid}`;
const { state, locks } = backendFiles(name);
const urn = "urn:pulumi:sandbox::oke-ambient-mesh::oci:Core/vcn:Vcn::network-vcn";
const checkpoint = JSON.stringify({
  checkpoint: { latest: { pending_operations: [{ type: "creating", resource: { urn } }] } },
});

beforeEach(() => {
  mkdirSync(dirname(state), { recursive: true });
  mkdirSync(locks, { recursive: true });
  writeFileSync(state, checkpoint);
});
afterEach(() => rmSync(stateDir(name), { recursive: true }));

function lock(pid: number): void {
  writeFileSync(join(locks, "one.json"), JSON.stringify({ pid, timestamp: "then" }));
  writeFileSync(join(locks, "one.json.attrs"), "{}");
}

describe("the traces of a killed engine", () => {
  test("include a lock, which is removed, and pending operations, which are reported", () => {
    lock(999_999_999);
    expect(findInterruption(name)).toEqual({
      lock: { pid: 999_999_999, timestamp: "then" },
      pending: [{ name: "network-vcn", operation: "creating" }],
    });
    expect(existsSync(locks)).toBe(false);
    expect(findInterruption(name).lock).toBeUndefined();
  });

  test("include half-written attributes, which are removed", () => {
    writeFileSync(`${state}.attrs`, "");
    writeFileSync(`${state}.bak.attrs`, '{"user.md5": "x"}');
    writeFileSync(`${state}.18ead.tmp`, "{");
    findInterruption(name);
    const files = readdirSync(dirname(state)).filter((file) => !file.endsWith(".json"));
    expect(files).toEqual([expect.stringMatching(/\.bak\.attrs$/)]);
  });

  test("include a damaged state, which the backup replaces", () => {
    writeFileSync(state, checkpoint.slice(0, 20));
    writeFileSync(`${state}.bak`, checkpoint);
    // Asked before it is mended: a status must not fail for it.
    expect(status(name).resources).toBe(0);
    expect(readPending(name)).toHaveLength(1);
    expect(findInterruption(name).pending).toHaveLength(1);
  });

  test("include a half-written lock, which does not count", () => {
    writeFileSync(join(locks, "one.json"), '{"pid": 1');
    expect(findInterruption(name).lock).toBeUndefined();
    expect(existsSync(locks)).toBe(false);
  });

  test("include half-written records and ports, which do not count", () => {
    mkdirSync(join(stateDir(name), "processes"), { recursive: true });
    writeFileSync(join(stateDir(name), "processes", "etcd.json"), '{"name": "etc');
    writeFileSync(join(stateDir(name), "ports.json"), "");
    expect(listProcesses(stateDir(name))).toEqual([]);
    expect(readPorts(stateDir(name))).toEqual({});
  });
});

describe("an unfinished operation", () => {
  const type = "kubernetes:helm.sh/v3:Release";
  const resource = {
    ...{ urn: `urn:pulumi:sandbox::oke-ambient-mesh::${type}::istio-istiod`, type, custom: true },
    inputs: { namespace: "istio-system", name: "istiod", values: { long: true } },
  };
  const recorded = (...pending_operations: object[]) =>
    writeFileSync(
      state,
      JSON.stringify({ checkpoint: { latest: { resources: [resource], pending_operations } } }),
    );

  test("is reported and finished by the next operation, even if the state no longer has it", () => {
    recorded();
    saveUnfinished(name, [{ type: "deleting", resource }]);
    expect(findInterruption(name).pending).toEqual([
      { name: "istio-istiod", operation: "deleting" },
    ]);
    expect(interruptedReleases(readInterrupted(name))).toEqual([
      { urn: resource.urn, operation: "deleting", namespace: "istio-system", name: "istiod" },
    ]);
    saveUnfinished(name, []);
    expect(findInterruption(name).pending).toEqual([]);
  });

  test("is reported once if the state has it too, and not at all if its resource is gone", () => {
    saveUnfinished(name, [{ type: "deleting", resource }]);
    recorded({ type: "updating", resource });
    expect(findInterruption(name).pending).toEqual([
      { name: "istio-istiod", operation: "updating" },
    ]);
    writeFileSync(state, JSON.stringify({ checkpoint: { latest: { resources: [] } } }));
    expect(findInterruption(name).pending).toEqual([]);
  });
});

describe("an engine that is still running", () => {
  test("keeps its lock, and the message says how to stop it", async () => {
    const folder = mkdtempSync(join(tmpdir(), "engine-"));
    symlinkSync(process.execPath, join(folder, "pulumi"));
    const waits = ["-e", "setTimeout(() => undefined, 60_000)"];
    const engine = spawn(join(folder, "pulumi"), waits, { stdio: "ignore" });
    try {
      lock(engine.pid as number);
      expect(() => findInterruption(name)).toThrow(`stop it with: kill -INT ${engine.pid}`);
      expect(readdirSync(locks)).toHaveLength(2);
      engine.kill("SIGKILL");
      // Also as a zombie.
      while (engine.exitCode === null && engine.signalCode === null) {
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      expect(findInterruption(name).lock).toMatchObject({ pid: engine.pid });
    } finally {
      engine.kill("SIGKILL");
      rmSync(folder, { recursive: true });
    }
  });

  test("is not another program that reuses its process number", () => {
    lock(process.pid);
    expect(findInterruption(name).lock).toMatchObject({ pid: process.pid });
  });
});
