import { execFile, spawn } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";

import grpc from "@grpc/grpc-js";

import { isExecutable, searchPath } from "../host/on-path.js";
import { cacheDir, root } from "../paths.js";
import { service } from "../plugins/protocol.js";

/** A resource plugin that the program needs. */
export type PluginName = "oci" | "kubernetes" | "command";

/** Without `v`; undefined where the plugin does not say. */
export interface PluginVersion {
  version?: string;
}

/** After a failed download the next attempt waits this long: a machine that is offline stays so for a while. */
const retryDownloadMs = 6 * 3_600_000;
const downloadMs = 300_000;
const reachMs = 3_000;

export const executable = (plugin: PluginName) => `pulumi-resource-${plugin}`;

/** The version of the SDK that the program uses, which is the version of the plugin that belongs to it. */
export function sdkVersionOf(plugin: PluginName): string {
  const file = join(root, "node_modules", "@pulumi", plugin, "package.json");
  const { version } = JSON.parse(readFileSync(file, "utf8")) as { version: string };
  return version.replace(/^v/, "");
}

/**
 * The real plugin on this machine, in the order in which the engine looks: on PATH, then installed at the SDK's version.
 * https://www.pulumi.com/docs/iac/concepts/plugins/
 */
export async function findOnMachine(plugin: PluginName): Promise<PluginVersion | undefined> {
  const path = onPath(plugin);
  if (path) return { version: await askVersion(path) };
  const version = sdkVersionOf(plugin);
  return isInstalled(plugin, version) ? { version } : undefined;
}

/** Whether a download is worth an attempt: none has failed lately, and Pulumi's server answers. */
export async function canDownload(plugin: PluginName): Promise<boolean> {
  const failed = failureFile(plugin);
  if (existsSync(failed) && Date.now() - Number(readFileSync(failed)) < retryDownloadMs) {
    return false;
  }
  try {
    const signal = AbortSignal.timeout(reachMs);
    await fetch("https://get.pulumi.com/releases/plugins/", { method: "HEAD", signal });
    return true;
  } catch {
    noteFailure(plugin);
    return false;
  }
}

/**
 * Downloads the plugin at the SDK's version.
 *
 * @param pulumi the Pulumi CLI.
 * @returns undefined where it can't be had; the failure is remembered.
 */
export async function download(
  plugin: PluginName,
  pulumi: string,
): Promise<PluginVersion | undefined> {
  const version = sdkVersionOf(plugin);
  const args = ["plugin", "install", "resource", plugin, version];
  const done = await new Promise<boolean>((resolve) => {
    const env = { ...process.env, PULUMI_SKIP_UPDATE_CHECK: "true" };
    execFile(pulumi, args, { timeout: downloadMs, env }, (error) => resolve(!error));
  });
  if (done && isInstalled(plugin, version)) {
    rmSync(failureFile(plugin), { force: true });
    return { version };
  }
  noteFailure(plugin);
  return undefined;
}

const failureFile = (plugin: PluginName) =>
  join(cacheDir, "plugins", `${plugin}-${sdkVersionOf(plugin)}.failed`);

function noteFailure(plugin: PluginName): void {
  mkdirSync(join(cacheDir, "plugins"), { recursive: true });
  writeFileSync(failureFile(plugin), String(Date.now()));
}

function isInstalled(plugin: PluginName, version: string): boolean {
  const home = process.env["PULUMI_HOME"] ?? join(homedir(), ".pulumi");
  return existsSync(join(home, "plugins", `resource-${plugin}-v${version}`, executable(plugin)));
}

/** Shims of a sandbox don't count: a shell that `sandbox env` has set up finds them on its PATH. */
function onPath(plugin: PluginName): string | undefined {
  const sandboxes = join(root, ".sandbox");
  return searchPath()
    .filter((folder) => !folder.startsWith(sandboxes))
    .map((folder) => join(folder, executable(plugin)))
    .find(isExecutable);
}

/** Asks a plugin as the engine does: it prints its port, and answers `GetPluginInfo` there. */
export async function askVersion(path: string): Promise<string | undefined> {
  const plugin = spawn(path, [], { stdio: ["ignore", "pipe", "ignore"] });
  plugin.on("error", () => undefined);
  const timer = setTimeout(() => plugin.kill(), 10_000);
  try {
    const port = await firstLine(plugin.stdout);
    if (!port) return undefined;
    const client = new grpc.Client(`127.0.0.1:${port}`, grpc.credentials.createInsecure());
    const { path: method, requestSerialize, responseDeserialize } = service["GetPluginInfo"]!;
    const info = await new Promise<PluginVersion>((resolve) =>
      client.makeUnaryRequest(method, requestSerialize, responseDeserialize, {}, (_, answer) =>
        resolve((answer as PluginVersion | undefined) ?? {}),
      ),
    );
    client.close();
    return info.version?.replace(/^v/, "") || undefined;
  } finally {
    clearTimeout(timer);
    plugin.kill();
  }
}

async function firstLine(stream: NodeJS.ReadableStream): Promise<string | undefined> {
  for await (const line of createInterface({ input: stream })) return line;
  return undefined;
}
