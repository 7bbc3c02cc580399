import { join } from "node:path";

import { cacheDir } from "../paths.js";
import { type GoBuild, type Step, buildFiles, goBuild } from "./build.js";
import { type BuildInputs, cacheKey, cached } from "./cache.js";
import { clusterModule } from "./cluster.js";
import { compilerFlags } from "./standard-library.js";

const build: GoBuild = {
  module: clusterModule,
  packages: ["./cmd/dataplane"],
  // As the control plane: what both are made of is compiled once.
  tags: ["vtprotobuf", "disable_pgv"],
};

/**
 * What the data plane's folder in the cache is keyed by: its sources and its pins, wherever they lie. Every checkout of
 * the same has the same: `-trimpath` leaves no path in what is built.
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
 * The data plane's executable: the one in the cache, or a new one.
 *
 * @throws EmulatorError that says what to do: Go missing or too old, no network, a full disk.
 */
export async function ensureDataPlane(step: Step): Promise<string> {
  const folder = await cached(
    cacheDir,
    `dataplane-${cacheKey(dataPlaneInputs())}`,
    (unfinished) => goBuild(build, unfinished, step),
    (holder) => step(`waiting for ${holder}, which builds it`, 0),
  );
  return join(folder, "dataplane");
}
