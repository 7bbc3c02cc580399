import { readdirSync } from "node:fs";
import { join } from "node:path";

import { cacheDir } from "../paths.js";
import { type GoBuild, type Step, goBuild } from "../tools/build.js";
import { type BuildInputs, cacheKey, cached } from "../tools/cache.js";
import { clusterModule } from "../tools/cluster.js";

const sources = join(clusterModule, "cmd", "dataplane");

const build: GoBuild = {
  module: clusterModule,
  packages: ["./cmd/dataplane"],
  // As the control plane: what both are made of is compiled once.
  tags: ["vtprotobuf", "disable_pgv"],
};

/** What the data plane's folder in the cache is keyed by: its sources and its pins. */
export function dataPlaneInputs(): BuildInputs {
  const files = readdirSync(sources, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((file) => !/_test\.go$|\/testdata\//.test(file))
    .sort();
  return {
    files: [...["go.mod", "go.sum"].map((name) => join(clusterModule, name)), ...files],
    settings: build,
  };
}

/**
 * The data plane's executable: the one in the cache, or a new one.
 *
 * @throws SandboxError that says what to do: Go missing or too old, no network, a full disk.
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
