import { execFile, spawn } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, resolve, sep } from "node:path";
import { createInterface } from "node:readline";

import { isExecutable, searchPath } from "../host/programs.js";
import { isReachable } from "../host/reach.js";
import { personsHome } from "../toolchain/pulumi-home.js";

/** A resource plugin that a program on OKE needs. */
export type PluginName = "oci" | "kubernetes" | "command";

/** A plugin's version, without `v`; undefined if the plugin does not report one. */
export interface PluginVersion {
  version?: string;
}

/** An emulator's folders. */
export interface Folders {
  /** The state folder. Plugins on PATH in this folder or a sibling are an emulator's own, and ignored. */
  stateDir: string;
  /** The folder of builds and downloads, which emulators share. */
  cacheDir: string;
}

/** Delay between a failed download and the next attempt: the machine is probably still offline. */
const retryDownloadMs = 6 * 3_600_000;
const downloadMs = 300_000;
const reachMs = 3_000;
const resolveModule = createRequire(import.meta.url).resolve;

export const executable = (plugin: PluginName) => `pulumi-resource-${plugin}`;

/** The version of the installed SDK, which is also the version of its plugin. */
export function sdkVersionOf(plugin: PluginName): string {
  const file = resolveModule(`@pulumi/${plugin}/package.json`);
  const { version } = JSON.parse(readFileSync(file, "utf8")) as { version: string };
  return version.replace(/^v/, "");
}

/**
 * The real plugin on this machine, in the order in which the engine looks: on PATH, then installed at the SDK's version.
 * https://www.pulumi.com/docs/iac/concepts/plugins/
 */
export async function findOnMachine(
  plugin: PluginName,
  folders: Pick<Folders, "stateDir">,
): Promise<PluginVersion | undefined> {
  const path = onPath(plugin, folders);
  if (path) return { version: await askVersion(path) };
  const version = sdkVersionOf(plugin);
  return isInstalled(plugin, version) ? { version } : undefined;
}

/** Whether {@link findOnMachine} finds the plugin, without starting it to ask for its version. */
export const isOnMachine = (plugin: PluginName, folders: Pick<Folders, "stateDir">): boolean =>
  onPath(plugin, folders) !== undefined || isInstalled(plugin, sdkVersionOf(plugin));

/** Whether a download is worth an attempt: none has failed recently, and Pulumi's server responds. */
export async function canDownload(plugin: PluginName, folders: Folders): Promise<boolean> {
  const failed = failureFile(plugin, folders);
  if (existsSync(failed) && Date.now() - Number(readFileSync(failed)) < retryDownloadMs) {
    return false;
  }
  if (await isReachable("https://get.pulumi.com/releases/plugins/", reachMs)) return true;
  recordFailure(plugin, folders);
  return false;
}

/**
 * Downloads the plugin at the SDK's version.
 *
 * @param pulumi the Pulumi CLI.
 * @returns undefined if it fails; the failure is recorded for {@link canDownload}.
 */
export async function download(
  plugin: PluginName,
  pulumi: string,
  folders: Folders,
): Promise<PluginVersion | undefined> {
  const version = sdkVersionOf(plugin);
  const args = ["plugin", "install", "resource", plugin, version];
  const done = await new Promise<boolean>((resolve) => {
    const env = { ...process.env, PULUMI_SKIP_UPDATE_CHECK: "true" };
    execFile(pulumi, args, { timeout: downloadMs, env }, (error) => resolve(!error));
  });
  if (done && isInstalled(plugin, version)) {
    rmSync(failureFile(plugin, folders), { force: true });
    return { version };
  }
  recordFailure(plugin, folders);
  return undefined;
}

const failureFile = (plugin: PluginName, { cacheDir }: Folders) =>
  join(cacheDir, "plugins", `${plugin}-${sdkVersionOf(plugin)}.failed`);

function recordFailure(plugin: PluginName, folders: Folders): void {
  const file = failureFile(plugin, folders);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, String(Date.now()));
}

function isInstalled(plugin: PluginName, version: string): boolean {
  return existsSync(
    join(personsHome(), "plugins", `resource-${plugin}-v${version}`, executable(plugin)),
  );
}

function onPath(plugin: PluginName, { stateDir }: Pick<Folders, "stateDir">): string | undefined {
  const emulators = `${dirname(resolve(stateDir))}${sep}`;
  return searchPath()
    .filter((folder) => !folder.startsWith(emulators))
    .map((folder) => join(folder, executable(plugin)))
    .find(isExecutable);
}

/** Starts a plugin as the engine does, and calls `GetPluginInfo` on the port that it prints. */
export async function askVersion(path: string): Promise<string | undefined> {
  const plugin = spawn(path, [], { stdio: ["ignore", "pipe", "ignore"] });
  plugin.on("error", () => undefined);
  const timer = setTimeout(() => plugin.kill(), 10_000);
  try {
    // Loaded here, so that gRPC is not loaded if no plugin is on PATH.
    const { Client, credentials } = await import("@grpc/grpc-js");
    const { service } = await import("../plugins/protocol.js");
    const port = await firstLine(plugin.stdout);
    if (!port) return undefined;
    const client = new Client(`127.0.0.1:${port}`, credentials.createInsecure());
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
