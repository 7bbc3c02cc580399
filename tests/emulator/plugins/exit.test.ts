import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { afterEach, beforeEach, expect, test } from "@jest/globals";

import { root } from "../../../emulator/paths.js";
import { startedAt } from "../../../emulator/processes/table.js";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "exit-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Starts a plugin that runs helm with a kubeconfig and a command; waits until both are at work. */
async function startPlugin() {
  const started = (what: string) => `echo $$ > ${join(folder, what)}; exec sleep 60`;
  writeFileSync(join(folder, "helm"), `#!/bin/sh\n${started("helm-pid")}\n`, { mode: 0o755 });
  const from = (file: string) => `from "${join(root, "emulator", "plugins", file)}"`;
  const script = `
    import { serve } ${from("server.ts")};
    import { helm } ${from("kubernetes/helm.ts")};
    import { run } ${from("command/run.ts")};
    const done = () => undefined;
    helm(["list"], { connection: { kubeconfig: async () => "a token" } }).catch(done);
    run(${JSON.stringify(started("command-pid"))}, {}, "").catch(done);
    serve({ name: "test", version: "0" });`;
  const argv = ["--import", "tsx", "--input-type=module", "-e", script];
  const plugin = spawn(process.execPath, argv, {
    cwd: root,
    env: { ...process.env, PATH: [folder, process.env["PATH"]].join(delimiter), TMPDIR: folder },
    stdio: ["pipe", "ignore", "inherit"],
  });
  const pids: number[] = [];
  for (const file of ["helm-pid", "command-pid"].map((what) => join(folder, what))) {
    while (!existsSync(file) || !readFileSync(file, "utf8")) await sleep(20);
    pids.push(Number(readFileSync(file, "utf8")));
  }
  return { plugin, pids };
}

const kubeconfigs = () =>
  readdirSync(folder).filter((file) => existsSync(join(folder, file, "kubeconfig")));

test.each(["SIGINT", "SIGTERM", "the engine's end"] as const)(
  "a plugin that goes by %s leaves neither what it runs nor a kubeconfig",
  async (how) => {
    const { plugin, pids } = await startPlugin();
    expect(kubeconfigs()).toHaveLength(1);
    const ended = once(plugin, "exit");
    if (how === "the engine's end") plugin.stdin.end();
    else plugin.kill(how);
    await ended;
    expect(kubeconfigs()).toEqual([]);
    const end = Date.now() + 5_000;
    while (pids.some((pid) => startedAt(pid)) && Date.now() < end) await sleep(20);
    expect(pids.map(startedAt)).toEqual([undefined, undefined]);
  },
);
