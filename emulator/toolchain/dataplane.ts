import { join } from "node:path";

import { type GoBuild, type Step, buildFiles, goBuild } from "./build.js";
import { type BuildInputs, cacheKey, cached } from "./cache.js";
import { clusterModule } from "./cluster.js";
import { compilerFlags } from "./standard-library.js";

const build: GoBuild = {
  module: clusterModule,
  packages: ["./cmd/dataplane"],
  // The control plane's flags, so that common packages are compiled once.
  tags: ["vtprotobuf", "disable_pgv"],
};

/**
 * The inputs of the data plane's build: its sources and pins, as paths relative to the module. Equal checkouts have
 * equal keys, because `-trimpath` leaves no path in the executable.
 *
 * @param module folder of the Go module.
 */
export function dataPlaneInputs(module = clusterModule): BuildInputs {
  const { packages, tags } = build;
  const files = buildFiles(module, join("cmd", "dataplane"));
  return {
    files: files.map((file) => join(module, file)),
    settings: [compilerFlags, packages, tags, files],
  };
}

/**
 * Returns the path of the data plane's executable, from the cache or built now.
 *
 * @throws EmulatorError that says what to do: Go missing or too old, no network, a full disk.
 */
export async function ensureDataPlane(cacheDir: string, step: Step): Promise<string> {
  const folder = await cached(
    cacheDir,
    `dataplane-${cacheKey(dataPlaneInputs())}`,
    (unfinished) => goBuild(build, unfinished, step),
    (holder) => step(`waiting for the build by ${holder}`, 0),
  );
  return join(folder, "dataplane");
}
