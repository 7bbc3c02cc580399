import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";

import { endOrphans } from "../../../tools/sandbox/recovery/engine-processes.js";
import { Engine } from "../../../tools/automation/engine.js";
import { root, stateDir } from "../../../tools/paths.js";
import { startedAt } from "../../../emulator/processes/table.js";
import { exportLines } from "../../../tools/sandbox/summary.js";

describe("a passphrase in the environment", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "engine-"));
    mkdirSync(join(folder, "bin"));
    const script = '#!/bin/sh\nif [ "$1" = version ]; then echo v3.248.0; else env; fi\n';
    writeFileSync(join(folder, "bin", "pulumi"), script, { mode: 0o755 });
    process.env["PULUMI_CONFIG_PASSPHRASE"] = "";
  });
  afterEach(() => {
    delete process.env["PULUMI_CONFIG_PASSPHRASE"];
    rmSync(folder, { recursive: true });
  });

  async function seen(env: Record<string, string>): Promise<string[]> {
    const { command } = await Engine.open(join(folder, "bin", "pulumi"));
    // What the Automation API calls; not in its types.
    const { run } = command as unknown as {
      run(args: string[], cwd: string, env: Record<string, string>): Promise<{ stdout: string }>;
    };
    const { stdout } = await run(["stack"], folder, env);
    return stdout.split("\n").filter((line) => line.startsWith("PULUMI_CONFIG_PASSPHRASE"));
  }

  test("does not reach an engine whose stack has a passphrase file", async () => {
    expect(await seen({ PULUMI_CONFIG_PASSPHRASE_FILE: "/f" })).toEqual([
      "PULUMI_CONFIG_PASSPHRASE_FILE=/f",
    ]);
  });

  test("reaches the engine of any other stack", async () => {
    expect(await seen({})).toEqual(["PULUMI_CONFIG_PASSPHRASE="]);
  });

  test("is unset by a sandbox's exports", () => {
    expect(exportLines({ A: "it's" })).toBe("unset PULUMI_CONFIG_PASSPHRASE\nexport A='it'\\''s'");
  });
});

describe("a process that an engine started", () => {
  const names = [`unit-a-${process.pid}`, `unit-b-${process.pid}`] as const;
  const [name, other] = names;
  afterEach(() => {
    for (const one of names) rmSync(stateDir(one), { recursive: true, force: true });
  });

  /** A driver with an engine's child, in a process group of its own as a plugin is. */
  async function drive(sandbox: string) {
    const script = `
      import { spawn } from "node:child_process";
      import { engineEnvironment } from "${join(root, "tools", "sandbox", "recovery", "engine-processes.ts")}";
      const env = { ...process.env, ...engineEnvironment("${sandbox}") };
      const idle = ["-e", "process.on('SIGINT', () => {}); setInterval(() => {}, 1000)"];
      console.log(spawn(process.execPath, idle, { env, detached: true, stdio: "ignore" }).pid);
      setInterval(() => {}, 1000);`;
    const argv = ["--import", "tsx", "--input-type=module", "-e", script];
    const driver = spawn(process.execPath, argv, {
      cwd: root,
      stdio: ["ignore", "pipe", "inherit"],
    });
    const [line] = (await once(driver.stdout, "data")) as [Buffer];
    return { driver, pid: Number(line.toString()) };
  }

  test("is ended once the engine's driver is gone, unless it belongs to another sandbox", async () => {
    const mine = await drive(name);
    const theirs = await drive(other);
    const file = join(stateDir(name), "tmp", "helm-x");
    writeFileSync(file, "a token");
    mkdirSync(join(stateDir(name), "tmp", "tsx-0"));
    try {
      expect(await endOrphans(name)).toEqual([]);
      expect([startedAt(mine.pid), existsSync(file)]).toEqual([expect.anything(), true]);

      for (const { driver } of [mine, theirs]) {
        driver.kill("SIGKILL");
        await once(driver, "exit");
      }
      expect(await endOrphans(name)).toEqual([
        expect.stringMatching(new RegExp(`^process ${mine.pid} \\(.*node`)),
      ]);
      expect([startedAt(mine.pid), startedAt(theirs.pid)]).toEqual([undefined, expect.anything()]);
      expect(readdirSync(join(stateDir(name), "tmp"))).toEqual(["tsx-0"]);
      expect(await endOrphans(name)).toEqual([]);
    } finally {
      await endOrphans(other);
      for (const { driver } of [mine, theirs]) driver.kill("SIGKILL");
    }
  });
});
