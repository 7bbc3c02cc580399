import { spawnSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";

import { onPath } from "../host/programs.js";
import { root } from "../host/files.js";
import { type Step, goBuild } from "./build.js";
import type { BuildInputs } from "./cache.js";
import { readPins } from "./pins.js";
import { compilerFlags } from "./standard-library.js";

/** The Go module that pins the CLI. */
const cliModule = join(root, "emulator", "pulumi-cli");

/** The oldest CLI that this package's SDK and tests are known to work with. */
export const oldestPulumi = "3.243.0";

/** A Pulumi CLI. */
export interface PulumiCli {
  path: string;
  /** Without `v`. */
  version: string;
}

/** The version that is built if none is found. */
export function pinnedPulumi(): string {
  return readPins(join(cliModule, "go.mod"))("github.com/pulumi/pulumi/pkg/v3").slice(1);
}

/**
 * The first `pulumi` on PATH, if it is new enough.
 *
 * @param memory file that caches executables' versions: running one takes 0.2 s.
 */
export function findPulumi(memory: string): PulumiCli | undefined {
  const path = onPath(process.platform === "win32" ? "pulumi.exe" : "pulumi");
  if (!path) return undefined;
  const version = versionOf(realpathSync(path), memory);
  return version && !isOlder(version, oldestPulumi) ? { path, version } : undefined;
}

/** Whether a version is older than another by major, minor and patch. */
export function isOlder(version: string, than: string): boolean {
  const numbers = (text: string) => text.split(/[.+-]/, 3).map(Number);
  const [a, b] = [numbers(version), numbers(than)];
  const first = [0, 1, 2].find((index) => a[index] !== b[index]);
  return first !== undefined && (a[first] ?? 0) < (b[first] ?? 0);
}

/** The inputs of the CLI's build. */
export function pulumiInputs(): BuildInputs {
  return {
    files: ["go.mod", "go.sum"].map((name) => join(cliModule, name)),
    settings: compilerFlags,
  };
}

/** Builds the CLI as `folder`/bin/pulumi. */
export async function buildPulumi(folder: string, step: Step): Promise<void> {
  await goBuild(
    {
      module: cliModule,
      packages: ["github.com/pulumi/pulumi/pkg/v3/cmd/pulumi"],
      variables: {
        // Without it the CLI reports no version, and the Automation API rejects it.
        "github.com/pulumi/pulumi/sdk/v3/go/common/version.Version": `v${pinnedPulumi()}`,
      },
    },
    join(folder, "bin"),
    step,
  );
}

/**
 * Installs the CLI with Pulumi's installer; returns undefined if its server is unreachable.
 *
 * @param folder of the installation; it exists only when the installation is complete.
 * @see https://www.pulumi.com/docs/iac/automation-api/
 */
export async function installPulumi(folder: string, step: Step): Promise<PulumiCli | undefined> {
  const path = join(folder, "bin", "pulumi");
  const version = sdkVersion();
  if (existsSync(path)) return { path, version };
  step("asking Pulumi's server", 0);
  const archive = `https://get.pulumi.com/releases/sdk/pulumi-v${version}-${platform()}.tar.gz`;
  try {
    const answer = await fetch(archive, { method: "HEAD", signal: AbortSignal.timeout(5_000) });
    if (!answer.ok) return undefined;
  } catch {
    return undefined;
  }
  const unfinished = `${folder}.unfinished`;
  rmSync(unfinished, { recursive: true, force: true });
  mkdirSync(unfinished, { recursive: true });
  step(`downloading ${archive}`, 0.1);
  try {
    const { PulumiCommand } = await import("@pulumi/pulumi/automation/cmd.js");
    await PulumiCommand.install({ root: unfinished });
    renameSync(unfinished, folder);
    return { path, version };
  } catch {
    return undefined;
  } finally {
    rmSync(unfinished, { recursive: true, force: true });
  }
}

/** The installer's version is that of the SDK. */
export function sdkVersion(): string {
  const file = join(root, "node_modules", "@pulumi", "pulumi", "package.json");
  return (JSON.parse(readFileSync(file, "utf8")) as { version: string }).version;
}

function platform(): string {
  const system = process.platform === "win32" ? "windows" : process.platform;
  return `${system}-${process.arch === "x64" ? "x64" : "arm64"}`;
}

type Memory = Record<string, { modified: number; version: string }>;

function versionOf(path: string, memory: string): string | undefined {
  const known: Memory = existsSync(memory)
    ? (JSON.parse(readFileSync(memory, "utf8")) as Memory)
    : {};
  const modified = statSync(path).mtimeMs;
  const found = known[path];
  if (found?.modified === modified) return found.version;
  const { stdout } = spawnSync(path, ["version"], {
    encoding: "utf8",
    env: { ...process.env, PULUMI_SKIP_UPDATE_CHECK: "true" },
  });
  const version = /^v?(\d+\.\d+\.\d+\S*)/.exec(stdout ?? "")?.[1];
  if (!version) return undefined;
  writeFileSync(memory, JSON.stringify({ ...known, [path]: { modified, version } }));
  return version;
}
