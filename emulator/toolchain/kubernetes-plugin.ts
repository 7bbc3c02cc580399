import { readFileSync } from "node:fs";
import { join } from "node:path";

import { root } from "../host/files.js";
import { type GoBuild, type Step, buildFiles, goBuild } from "./build.js";
import { type BuildInputs, cacheKey, cached } from "./cache.js";
import { compilerFlags } from "./standard-library.js";

/** Pulumi's Kubernetes provider plugin. */
export interface KubernetesPlugin {
  /** The executable, named as the engine looks for it. */
  path: string;
  /** Without `v`. */
  version: string;
}

/** The Go module that pins the plugin. */
export const pluginModule = join(root, "emulator", "kubernetes-plugin");
const command = join("cmd", "pulumi-resource-kubernetes");

const build: GoBuild = { module: pluginModule, packages: [`./${command}`] };

/** The version that is built if none is found. */
export function pinnedKubernetesPlugin(): string {
  const main = join(pluginModule, command, "main.go");
  const version = /^const version = "(.+)"$/m.exec(readFileSync(main, "utf8"))?.[1];
  if (!version) throw new Error(`${main} has no constant named version`);
  return version;
}

/** The inputs of the plugin's build. */
export function kubernetesPluginInputs(): BuildInputs {
  const files = buildFiles(pluginModule, command, "kubernetes-sdk");
  return {
    files: files.map((file) => join(pluginModule, file)),
    settings: [compilerFlags, build.packages, files],
  };
}

/**
 * Returns the plugin built from its Go module, from the cache or built now.
 *
 * @throws EmulatorError that says what to do: Go missing or too old, no network, a full disk.
 */
export async function ensureKubernetesPlugin(
  cacheDir: string,
  step: Step,
): Promise<KubernetesPlugin> {
  const folder = await cached(
    cacheDir,
    `kubernetes-plugin-${cacheKey(kubernetesPluginInputs())}`,
    (unfinished) => goBuild(build, unfinished, step),
    (holder) => step(`waiting for the build by ${holder}`, 0),
  );
  step("ready", 1);
  return { path: join(folder, "pulumi-resource-kubernetes"), version: pinnedKubernetesPlugin() };
}
