import { mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";

import { go } from "./go.js";

/** Executables of one Go module that are built together. */
export interface GoBuild {
  /** The module's folder, with go.mod. */
  module: string;
  packages: string[];
  tags?: string[];
  /** Values linked in, by the variable's full name. */
  variables?: Record<string, string>;
}

/** How far a build is: a few words, and the share that is done, 0 to 1. */
export type Step = (detail: string, fraction: number) => void;

// Of the time a first build takes. Fetching depends on the network; it is rarely more.
const share = { fetch: 0.1, compile: 0.8 };

/** Builds executables into `output`. */
export async function goBuild(build: GoBuild, output: string, step: Step): Promise<void> {
  const { module: cwd, packages, tags = [], variables = {} } = build;
  const modules = readFileSync(join(cwd, "go.mod"), "utf8").match(/^\t\S+ v\S+/gm)?.length ?? 1;
  const common = [`-tags=${tags.join(",")}`, "-trimpath", "-buildvcs=false"];
  let fetched = 0;
  step("looking for modules", 0);
  const listed = await go({
    cwd,
    args: ["list", "-deps", ...common.slice(0, 1), ...packages],
    onLine(line) {
      const found = /^go: downloading (\S+)/.exec(line);
      if (!found) return;
      fetched++;
      step(`fetching ${found[1]}`, share.fetch * Math.min(fetched / modules, 1));
    },
  });
  const total = listed.trim().split("\n").length;

  const work = `${output}.work`;
  mkdirSync(work, { recursive: true });
  mkdirSync(output, { recursive: true });
  let compiled = 0;
  let latest = "";
  const say = () => {
    const linked = readdirSync(output).length;
    step(
      `compiled ${compiled} of ${total} packages${linked ? `, linked ${linked} of ${packages.length}` : ""}${latest && `: ${latest}`}`,
      share.fetch +
        share.compile * Math.min(compiled / total, 1) +
        (1 - share.fetch - share.compile) * (linked / packages.length),
    );
  };
  const tick = setInterval(say, 1_000);
  try {
    const flags = Object.entries(variables).map(([name, value]) => `-X=${name}=${value}`);
    await go({
      cwd,
      // Its temporary files beside the result: /tmp is small on many machines.
      env: { GOTMPDIR: work },
      args: [
        "build",
        "-v",
        ...common,
        `-ldflags=${["-s", "-w", ...flags].join(" ")}`,
        `-o=${output}/`,
        ...packages,
      ],
      onLine(line) {
        if (line.startsWith("go: ") || line.includes(" ")) return;
        compiled++;
        latest = line;
      },
    });
  } finally {
    clearInterval(tick);
    rmSync(work, { recursive: true, force: true });
  }
}
