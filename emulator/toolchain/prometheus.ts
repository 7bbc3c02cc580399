import { copyFileSync, existsSync, mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";

import { root } from "../host/files.js";
import { type Step, buildFiles, goBuild } from "./build.js";
import { type BuildInputs, cacheKey, cached } from "./cache.js";
import { go } from "./go.js";
import { readPins } from "./pins.js";
import { compilerFlags } from "./standard-library.js";

/** The Go module that pins Prometheus. */
export const prometheusModule = join(root, "emulator", "prometheus");
const module = "github.com/prometheus/prometheus";

// Of the service discoveries only that of Kubernetes, which halves the build.
const tags = ["remove_all_sd", "enable_kubernetes_sd"];

/** The version of the built Prometheus, without `v`: its module v0.310.0 is release 3.10.0. */
export function pinnedPrometheus(): string {
  const [, minor = "", patch = ""] = readPins(join(prometheusModule, "go.mod"))(module).split(".");
  return `${minor.slice(0, -2)}.${Number(minor.slice(-2))}.${patch}`;
}

/** The inputs of Prometheus's build. */
export function prometheusInputs(): BuildInputs {
  return {
    files: sources().map((file) => join(prometheusModule, file)),
    settings: [compilerFlags, tags],
  };
}

const sources = () => [...buildFiles(prometheusModule), "pod.go"];

/**
 * Returns the path of Prometheus, from the cache or built now.
 *
 * @throws EmulatorError that says what to do: Go missing or too old, no network, a full disk.
 */
export async function ensurePrometheus(cacheDir: string, step: Step): Promise<string> {
  const folder = await cached(
    cacheDir,
    folderName(),
    (unfinished) => build(unfinished, step),
    (holder) => step(`waiting for the build by ${holder}`, 0),
  );
  step("ready", 1);
  return executable(folder);
}

/** The path of Prometheus if an earlier run has built it. */
export function builtPrometheus(cacheDir: string): string | undefined {
  const path = executable(join(cacheDir, folderName()));
  return existsSync(path) ? path : undefined;
}

const executable = (folder: string) => join(folder, "bin", "prometheus");
const folderName = () => `prometheus-${cacheKey(prometheusInputs())}`;

/** Its main package cannot be imported, so its file is copied from the module, beside the one that is added to it. */
async function build(folder: string, step: Step): Promise<void> {
  const source = join(folder, "source");
  mkdirSync(source);
  for (const file of sources()) copyFileSync(join(prometheusModule, file), join(source, file));
  step("fetching Prometheus", 0);
  const downloaded = await go({ cwd: source, args: ["mod", "download", "-json", module] });
  const { Dir } = JSON.parse(downloaded) as { Dir: string };
  copyFileSync(join(Dir, "cmd", "prometheus", "main.go"), join(source, "main.go"));
  const version = pinnedPrometheus();
  const variables = { "github.com/prometheus/common/version.Version": version };
  await goBuild({ module: source, packages: ["."], tags, variables }, join(folder, "bin"), step);
  rmSync(source, { recursive: true, force: true });
}
