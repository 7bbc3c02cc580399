import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { afterEach, beforeEach, expect, test } from "@jest/globals";

import { root } from "../../../emulator/host/files.js";
import { startedAt } from "../../../emulator/processes/table.js";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "exit-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Starts a plugin that runs a command; waits until the command runs. */
async function startPlugin() {
  const started = (what: string) => `echo $$ > ${join(folder, what)}; exec sleep 60`;
  const from = (file: string) => `from "${join(root, "emulator", "plugins", file)}"`;
  const script = `
    import { serve } ${from("server.ts")};
    import { run } ${from("command/run.ts")};
    const done = () => undefined;
    serve({ name: "test", version: "0" });
    run(${JSON.stringify(started("command-pid"))}, {}, "").catch(done);`;
  const argv = ["--import", "tsx", "--input-type=module", "-e", script];
  const plugin = spawn(process.execPath, argv, {
    cwd: root,
    stdio: ["pipe", "ignore", "inherit"],
  });
  const file = join(folder, "command-pid");
  while (!existsSync(file) || !readFileSync(file, "utf8")) await sleep(20);
  return { plugin, pid: Number(readFileSync(file, "utf8")) };
}

test.each(["SIGINT", "SIGTERM", "the engine's end"] as const)(
  "a plugin ended by %s leaves no command running",
  async (how) => {
    const { plugin, pid } = await startPlugin();
    const ended = once(plugin, "exit");
    if (how === "the engine's end") plugin.stdin.end();
    else plugin.kill(how);
    await ended;
    const end = Date.now() + 5_000;
    while (startedAt(pid) && Date.now() < end) await sleep(20);
    expect(startedAt(pid)).toBeUndefined();
  },
);
