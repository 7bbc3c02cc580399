import { chmodSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";

import { SandboxError } from "../errors.js";
import { quoted } from "../host/shell.js";
import { root, stateDir } from "../paths.js";
import type { KubernetesPlugin } from "../toolchain/kubernetes-plugin.js";
import {
  canDownload,
  download,
  executable,
  findOnMachine,
  type PluginName,
  type PluginVersion,
  sdkVersionOf,
} from "./search.js";

const names = ["oci", "kubernetes", "command"] as const satisfies PluginName[];

/** A plugin that the engine runs. */
export interface PluginInUse extends PluginVersion {
  /** `stand-in`: the one in `emulator/plugins/`, for a plugin that no registry of source code has. */
  kind: "real" | "stand-in";
}

export type PluginsInUse = Record<PluginName, PluginInUse>;

/** What was found, and the environment in which the engine finds the same. */
export interface Plugins {
  inUse: PluginsInUse;
  environment: Record<string, string>;
}

/** Where plugins come from that are not on this machine. */
export interface PluginSources {
  /** The Pulumi CLI, which downloads. */
  pulumi: string;
  /** Builds the kubernetes plugin, or returns the one that is built. */
  build: () => Promise<KubernetesPlugin>;
  /** Called with the name and version of a plugin that is about to be downloaded. */
  onDownload?: (plugin: string) => void;
}

/** Whether the kubernetes plugin has to be built: it is not on this machine, and can't be downloaded. */
export async function mustBuildKubernetes(): Promise<boolean> {
  return !(await findOnMachine("kubernetes")) && !(await canDownload("kubernetes"));
}

/**
 * Finds each plugin: on PATH, installed at the SDK's version, downloaded at that version. Where none of that is to be
 * had, kubernetes is built from its Go module, and oci and command are stand-ins. `SANDBOX_PLUGINS` says of oci and
 * command: `auto` (the default), `real` (fail without the real one) or `stand-in` (never look for it).
 *
 * @param name the sandbox.
 * @throws SandboxError for another value of `SANDBOX_PLUGINS`, and where `real` plugins are missing.
 */
export async function discoverPlugins({
  name,
  ...sources
}: PluginSources & { name: string }): Promise<Plugins> {
  const wanted = process.env["SANDBOX_PLUGINS"] ?? "auto";
  if (!["auto", "real", "stand-in"].includes(wanted)) {
    throw new SandboxError(`SANDBOX_PLUGINS is "${wanted}". Use auto, real or stand-in.`);
  }
  const shims = join(stateDir(name), "plugins");
  mkdirSync(shims, { recursive: true });

  async function find(plugin: PluginName): Promise<[PluginName, PluginInUse]> {
    if (plugin === "kubernetes") return [plugin, await provideKubernetes(shims, sources)];
    const insists = wanted === "real";
    const real = wanted !== "stand-in" && (await findReal(plugin, sources, insists));
    rmSync(join(shims, executable(plugin)), { force: true });
    if (real) return [plugin, { kind: "real", ...real }];
    if (insists) throw missing(plugin);
    writeShim(plugin, shims);
    return [plugin, { kind: "stand-in" }];
  }

  const inUse = Object.fromEntries(await Promise.all(names.map(find))) as PluginsInUse;
  return { inUse, environment: { PATH: `${shims}${delimiter}${process.env["PATH"] ?? ""}` } };
}

/** Provides the kubernetes plugin; one that is built here is linked into `folder`, which belongs on the engine's PATH. */
export async function provideKubernetes(
  folder: string,
  sources: PluginSources,
): Promise<PluginInUse> {
  const real = await findReal("kubernetes", sources);
  const link = join(folder, executable("kubernetes"));
  rmSync(link, { force: true });
  if (real) return { kind: "real", ...real };
  const { path, version } = await sources.build();
  symlinkSync(path, link);
  return { kind: "real", version };
}

async function findReal(
  plugin: PluginName,
  { pulumi, onDownload }: PluginSources,
  insists = false,
): Promise<PluginVersion | undefined> {
  const found = await findOnMachine(plugin);
  if (found || !(insists || (await canDownload(plugin)))) return found;
  onDownload?.(`${plugin} ${sdkVersionOf(plugin)}`);
  return download(plugin, pulumi);
}

function missing(plugin: PluginName): SandboxError {
  const version = sdkVersionOf(plugin);
  return new SandboxError(
    `The ${plugin} plugin ${version} is not installed and can't be downloaded.\n` +
      `Install it: pulumi plugin install resource ${plugin} ${version}\n` +
      "Or use the stand-ins: unset SANDBOX_PLUGINS",
  );
}

/** `oci, stand-in; kubernetes 4.25.0, real; command, stand-in` */
export function describePlugins(inUse: PluginsInUse): string {
  return Object.entries(inUse)
    .map(([plugin, { kind, version }]) => `${[plugin, version].filter(Boolean).join(" ")}, ${kind}`)
    .join("; ");
}

/** Writes an executable by the plugin's name that runs the stand-in with this Node and this checkout. */
export function writeShim(plugin: "oci" | "command", folder: string): void {
  const file = join(folder, executable(plugin));
  const main = join(root, "emulator", "plugins", plugin, "main.ts");
  const command = [process.execPath, "--import", import.meta.resolve("tsx"), main].map(quoted);
  writeFileSync(file, `#!/bin/sh\nexec ${command.join(" ")} "$@"\n`);
  chmodSync(file, 0o755);
}
