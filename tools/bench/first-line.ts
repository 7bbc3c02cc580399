import { spawn } from "node:child_process";
import { once } from "node:events";

import { root } from "../paths.js";

/** Command lines that say something at once, and change nothing until then. */
const commands = (name: string): string[][] => [
  ["sandbox", "up", "--name", name],
  ["sandbox", "preview", "--name", name],
  ["verify", "--name", name],
  ["walk", "--auto", "--name", name],
  ["plan", "--check"],
  ["doctor", "--stack", "dev"],
  ["expire"],
];

/** Until the slowest of the commands shows its first line, in milliseconds. Each is ended then. */
export async function firstLine(name: string): Promise<number> {
  let slowest = 0;
  for (const [command, ...args] of commands(name)) {
    slowest = Math.max(slowest, await untilOutput(`tools/${command}/cli.ts`, ...args));
  }
  return slowest;
}

/** A script without a line: what Node and tsx take for themselves, in milliseconds. */
export const emptyScript = (): Promise<number> => untilOutput("-e", "process.stdout.write('.')");

async function untilOutput(...args: string[]): Promise<number> {
  const start = performance.now();
  const child = spawn(process.execPath, ["--import", "tsx", ...args], {
    cwd: root,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const end = once(child, "close");
  await Promise.race([once(child.stdout, "data"), once(child.stderr, "data"), end]);
  const took = performance.now() - start;
  child.kill("SIGKILL");
  await end;
  return took;
}
