import { chmodSync, existsSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import type { BuildOptions } from "esbuild";

import { readJson, replaceFile, root } from "../host/files.js";
import { quoted } from "../host/programs.js";
import { cacheKey } from "../toolchain/cache.js";
import { executable } from "./search.js";

/** A plugin that the emulator can stand in for. */
export type StandIn = "oci" | "command";

/** Folders of the stand-ins' sources, all of them: a test compares them with what a bundle holds. */
export const sourceFolders = ["plugins", "oci"].map((folder) => join(root, "emulator", folder));

/** Writes an executable with the plugin's name that runs the stand-in with this Node. */
export async function writeShim(plugin: StandIn, folder: string): Promise<void> {
  const file = join(folder, executable(plugin));
  const command = [process.execPath, await bundle(plugin)].map(quoted);
  writeFileSync(file, `#!/bin/sh\nexec ${command.join(" ")} "$@"\n`);
  chmodSync(file, 0o755);
}

/**
 * Returns the stand-in as one JavaScript file, written now unless its sources are unchanged: each operation starts both
 * stand-ins, and starting TypeScript takes twice as long as all else they do until they listen.
 *
 * The file is in the folder from which Node finds the packages that it imports.
 */
export async function bundle(plugin: StandIn): Promise<string> {
  const key = cacheKey({
    files: sourceFolders.flatMap(typescriptIn).sort(),
    settings: [options, readJson(join(modules, "esbuild", "package.json"))],
  });
  const file = join(modules, ".cache", "oke-ambient-mesh", `${plugin}-${key}.mjs`);
  if (existsSync(file)) return file;
  const { outputFiles } = await compile(plugin);
  replaceFile(file, outputFiles[0]!.text);
  return file;
}

/** Compiles the stand-in, without writing a file. */
export async function compile(plugin: StandIn) {
  // Only here: loading it takes longer than the file's key.
  const { build } = await import("esbuild");
  const entry = join(root, "emulator", "plugins", plugin, "main.ts");
  return build({ ...options, entryPoints: [entry], absWorkingDir: root });
}

const options = {
  bundle: true,
  packages: "external",
  platform: "node",
  target: "node20",
  format: "esm",
  metafile: true,
  write: false,
} as const satisfies BuildOptions;

const modules = join(root, "node_modules");

function typescriptIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts"))
    .map((name) => join(folder, name));
}
