import { execFile } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, join } from "node:path";

import { SandboxError } from "../errors.js";
import { isExecutable, searchPath } from "../host/on-path.js";
import { cacheDir, root, stateDir } from "../paths.js";
import type { Report } from "../host/report.js";
import { quoted } from "../host/shell.js";
import type { Tools } from "../toolchain/index.js";

/** The resource plugins that the program needs. */
const names = ["oci", "kubernetes", "command"] as const;

type Name = (typeof names)[number];
export type PluginKind = "real" | "stand-in";
export type PluginKinds = Record<Name, PluginKind>;

/** What was found, and the environment in which the engine finds the same. */
export interface Plugins {
  kinds: PluginKinds;
  environment: Record<string, string>;
}

/** A failed download is not tried again for so long: offline stays offline for a while. */
const forgetAfterMs = 6 * 3_600_000;
const downloadMs = 300_000;

/**
 * The real plugins where they are installed or can be downloaded, stand-ins otherwise. `SANDBOX_PLUGINS`: `auto`
 * (the default), `stand-in` for all of them, `real`, which fails where one can't be had.
 *
 * @throws SandboxError for another value, and where `real` plugins are missing.
 */
export async function discoverPlugins({
  name,
  tools,
  report,
}: {
  name: string;
  tools: Pick<Tools, "pulumi">;
  report: Report;
}): Promise<Plugins> {
  const wanted = process.env["SANDBOX_PLUGINS"] ?? "auto";
  if (!["auto", "real", "stand-in"].includes(wanted)) {
    throw new SandboxError(`SANDBOX_PLUGINS is ${wanted}; it takes: auto, real, stand-in.`);
  }
  const shims = join(stateDir(name), "plugins");
  mkdirSync(shims, { recursive: true });
  const kinds = Object.fromEntries(names.map((plugin) => [plugin, "stand-in"])) as PluginKinds;
  const find = async (plugin: Name): Promise<void> => {
    const version = versionOf(plugin);
    const isReal =
      wanted !== "stand-in" &&
      (isInstalled(plugin, version) ||
        isOnPath(plugin, shims) ||
        (await download(plugin, version, tools.pulumi, wanted === "real", report)));
    if (!isReal && wanted === "real") {
      throw new SandboxError(
        `The ${plugin} plugin ${version} is neither installed nor can it be downloaded.\n` +
          `Install it: pulumi plugin install resource ${plugin} ${version}\n` +
          "or go on with stand-ins: unset SANDBOX_PLUGINS",
      );
    }
    kinds[plugin] = isReal ? "real" : "stand-in";
    if (isReal) rmSync(join(shims, executable(plugin)), { force: true });
    else writeShim(plugin, shims);
  };
  await Promise.all(names.map(find));
  return { kinds, environment: { PATH: `${shims}${delimiter}${process.env["PATH"] ?? ""}` } };
}

const executable = (plugin: Name) => `pulumi-resource-${plugin}`;

/** The version that belongs to the SDK which the program uses. */
function versionOf(plugin: Name): string {
  const file = join(root, "node_modules", "@pulumi", plugin, "package.json");
  const { version } = JSON.parse(readFileSync(file, "utf8")) as { version: string };
  return version.replace(/^v/, "");
}

function isInstalled(plugin: Name, version: string): boolean {
  const home = process.env["PULUMI_HOME"] ?? join(homedir(), ".pulumi");
  return existsSync(join(home, "plugins", `resource-${plugin}-v${version}`, executable(plugin)));
}

/** On PATH, other than as a shim of a sandbox. */
function isOnPath(plugin: Name, shims: string): boolean {
  const sandboxes = join(root, ".sandbox");
  return searchPath()
    .filter((folder) => folder !== shims && !folder.startsWith(sandboxes))
    .some((folder) => isExecutable(join(folder, executable(plugin))));
}

async function download(
  plugin: Name,
  version: string,
  pulumi: string,
  again: boolean,
  report: Report,
): Promise<boolean> {
  const failed = join(cacheDir, "plugins", `${plugin}-${version}.failed`);
  if (!again && existsSync(failed) && Date.now() - Number(readFileSync(failed)) < forgetAfterMs) {
    return false;
  }
  report({ step: "Plugins", detail: `downloading ${plugin} ${version}` });
  const args = ["plugin", "install", "resource", plugin, version];
  const done = await new Promise<boolean>((resolve) => {
    const env = { ...process.env, PULUMI_SKIP_UPDATE_CHECK: "true" };
    execFile(pulumi, args, { timeout: downloadMs, env }, (error) => resolve(!error));
  });
  if (done && isInstalled(plugin, version)) {
    rmSync(failed, { force: true });
    return true;
  }
  mkdirSync(join(cacheDir, "plugins"), { recursive: true });
  writeFileSync(failed, String(Date.now()));
  return false;
}

/** Writes an executable by the plugin's name that runs the stand-in with this Node and this checkout. */
export function writeShim(plugin: Name, folder: string): void {
  const file = join(folder, executable(plugin));
  const main = join(root, "emulator", "plugins", plugin, "main.ts");
  const command = [process.execPath, "--import", import.meta.resolve("tsx"), main].map(quoted);
  writeFileSync(file, `#!/bin/sh\nexec ${command.join(" ")} "$@"\n`);
  chmodSync(file, 0o755);
}
