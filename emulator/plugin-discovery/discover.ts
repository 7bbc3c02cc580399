import { mkdirSync, rmSync, symlinkSync } from "node:fs";
import { delimiter, join, resolve } from "node:path";

import { EmulatorError } from "../errors.js";
import type { KubernetesPlugin } from "../toolchain/kubernetes-plugin.js";
import {
  canDownload,
  download,
  executable,
  findOnMachine,
  isOnMachine,
  type Folders,
  type PluginName,
  type PluginVersion,
  sdkVersionOf,
} from "./search.js";
import { writeShim } from "./stand-in.js";

const names = ["oci", "kubernetes", "command"] as const satisfies PluginName[];

/** A plugin that the engine runs. */
export interface PluginInUse extends PluginVersion {
  /** `stand-in`: the emulator's own, for a plugin that cannot be built from source. */
  kind: "real" | "stand-in";
}

export type PluginsInUse = Record<PluginName, PluginInUse>;

/** The plugins, and the environment in which the engine finds them. */
export interface Plugins {
  inUse: PluginsInUse;
  environment: Record<string, string>;
}

/** How to get the plugins that are not on this machine. */
export interface PluginSources {
  /** Path of the Pulumi CLI, which downloads plugins. */
  pulumi: string;
  /** Builds the kubernetes plugin, unless it is built already. */
  build: () => Promise<KubernetesPlugin>;
  /** Called with the name and version of a plugin that is about to be downloaded. */
  onDownload?: (plugin: string) => void;
}

/**
 * The provider's option `enablePatchForce` for a kubernetes plugin without that option: 4.25 reads only this variable, and
 * otherwise fails to correct manual changes ("field conflict").
 * https://github.com/pulumi/pulumi-kubernetes/blob/v4.25.0/provider/pkg/await/await.go
 */
export const forcePatches = { PULUMI_K8S_ENABLE_PATCH_FORCE: "true" };

/** Whether the kubernetes plugin must be built: it is not on this machine and cannot be downloaded. */
export async function mustBuildKubernetes(folders: Folders): Promise<boolean> {
  return !isOnMachine("kubernetes", folders) && !(await canDownload("kubernetes", folders));
}

/**
 * Finds each plugin: on PATH, installed at the SDK's version, or downloaded at that version. Otherwise kubernetes is built
 * from its Go module, and oci and command are stand-ins. `SANDBOX_PLUGINS` applies to oci and command: `auto` (the
 * default), `real` (fail without the real ones) or `stand-in` (do not look for them).
 *
 * @throws EmulatorError for another value of `SANDBOX_PLUGINS`, and if `real` plugins are missing.
 */
export async function discoverPlugins(options: PluginSources & Folders): Promise<Plugins> {
  const wanted = process.env["SANDBOX_PLUGINS"] ?? "auto";
  if (!["auto", "real", "stand-in"].includes(wanted)) {
    throw new EmulatorError(`SANDBOX_PLUGINS is "${wanted}". Use auto, real or stand-in.`);
  }
  const shims = join(resolve(options.stateDir), "plugins");
  mkdirSync(shims, { recursive: true });

  async function find(plugin: PluginName): Promise<[PluginName, PluginInUse]> {
    if (plugin === "kubernetes") return [plugin, await provideKubernetes(shims, options)];
    const required = wanted === "real";
    const real = wanted !== "stand-in" && (await findReal(plugin, options, required));
    rmSync(join(shims, executable(plugin)), { force: true });
    if (real) return [plugin, { kind: "real", ...real }];
    if (required) throw missing(plugin);
    await writeShim(plugin, shims);
    return [plugin, { kind: "stand-in" }];
  }

  const inUse = Object.fromEntries(await Promise.all(names.map(find))) as PluginsInUse;
  const path = `${shims}${delimiter}${process.env["PATH"] ?? ""}`;
  return { inUse, environment: { PATH: path, ...forcePatches } };
}

/** Finds or builds the kubernetes plugin; a built one is linked into `folder`, which must be on the engine's PATH. */
export async function provideKubernetes(
  folder: string,
  options: PluginSources & Folders,
): Promise<PluginInUse> {
  const real = await findReal("kubernetes", options);
  const link = join(folder, executable("kubernetes"));
  rmSync(link, { force: true });
  if (real) return { kind: "real", ...real };
  const { path, version } = await options.build();
  symlinkSync(path, link);
  return { kind: "real", version };
}

async function findReal(
  plugin: PluginName,
  options: PluginSources & Folders,
  required = false,
): Promise<PluginVersion | undefined> {
  const found = await findOnMachine(plugin, options);
  if (found || !(required || (await canDownload(plugin, options)))) return found;
  options.onDownload?.(`${plugin} ${sdkVersionOf(plugin)}`);
  return download(plugin, options.pulumi, options);
}

function missing(plugin: PluginName): EmulatorError {
  const version = sdkVersionOf(plugin);
  return new EmulatorError(
    `The ${plugin} plugin ${version} is not installed and cannot be downloaded.\n` +
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
