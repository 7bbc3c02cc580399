import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { cancelled } from "../server.js";
import type { Connection } from "./kubeconfig.js";

export interface HelmOptions {
  /** Whose cluster it talks to; without it helm only reads charts. */
  connection?: Connection;
  namespace?: string;
  /** Sent on stdin: values may hold secrets, which arguments must not. */
  values?: unknown;
}

const running = new Set<ChildProcess>();
const folders = new Set<string>();
process.on("exit", () => {
  for (const child of running) child.kill("SIGTERM");
  folders.forEach(remove);
});

const remove = (folder: string) => {
  rmSync(folder, { recursive: true, force: true });
  folders.delete(folder);
};

/**
 * Runs the `helm` on PATH.
 *
 * @returns what it printed
 * @throws Error with helm's own reason
 */
export async function helm(args: string[], options: HelmOptions = {}): Promise<string> {
  const { connection, namespace, values } = options;
  const all = [...args, ...(namespace ? ["--namespace", namespace] : [])];
  if (values !== undefined) all.push("--values", "-");
  if (!connection) return run(all, "/dev/null", values);
  const kubeconfig = await connection.kubeconfig();
  // From here on at once: what is there is known to be taken away.
  const folder = mkdtempSync(join(tmpdir(), "helm-"));
  folders.add(folder);
  try {
    const file = join(folder, "kubeconfig");
    writeFileSync(file, kubeconfig, { mode: 0o600 });
    return await run(all, file, values);
  } finally {
    remove(folder);
  }
}

function run(args: string[], kubeconfig: string, values: unknown) {
  return new Promise<string>((done, fail) => {
    const child = spawn("helm", args, { env: { ...process.env, KUBECONFIG: kubeconfig } });
    const stop = () => void child.kill("SIGTERM");
    running.add(child);
    cancelled.addEventListener("abort", stop);
    let output = "";
    let errors = "";
    child.stdout.on("data", (chunk: Buffer) => (output += chunk.toString()));
    child.stderr.on("data", (chunk: Buffer) => (errors += chunk.toString()));
    child.stdin.on("error", () => undefined);
    child.stdin.end(values === undefined ? "" : JSON.stringify(values));
    const over = () => (running.delete(child), cancelled.removeEventListener("abort", stop));
    child.on("error", (error: NodeJS.ErrnoException) => {
      over();
      const why = error.code === "ENOENT" ? "helm is not on PATH" : error.message;
      fail(new Error(`a Release needs the helm command: ${why}`));
    });
    child.on("close", (code) => {
      over();
      if (code === 0) done(output);
      else fail(new Error(reason(errors) || `helm ${args[0]} ended with status ${code}`));
    });
  });
}

// Helm logs its progress to stderr, too; the reason is in the lines that say so.
function reason(errors: string): string {
  const lines = errors.trim().split("\n");
  const start = lines.findIndex((line) => /^Error: /.test(line));
  return (start < 0 ? lines.slice(-3) : lines.slice(start)).join("\n").replace(/^Error: /, "");
}

let version: Promise<number> | undefined;

/** Helm's major version: 4 renamed some of the options of 3. */
export function helmMajor(): Promise<number> {
  version ??= helm(["version", "--template", "{{.Version}}"]).then((text) =>
    Number(/v(\d+)/.exec(text)?.[1] ?? 3),
  );
  return version;
}
