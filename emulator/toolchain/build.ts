import { mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join, relative } from "node:path";

import { go } from "./go.js";
import { compileStandardLibrary, compilerFlags } from "./standard-library.js";

/** Executables of one Go module that are built together. */
export interface GoBuild {
  /** The module's folder, with go.mod. */
  module: string;
  packages: string[];
  tags?: string[];
  /** Values linked in, by the variable's full name. */
  variables?: Record<string, string>;
}

/** Receives a build's progress: a short description, and the completed fraction, 0 to 1. */
export type Step = (detail: string, fraction: number) => void;

// Fractions of a first build's time. Fetching depends on the network, and rarely takes longer.
const share = { fetch: 0.1, compile: 0.8, link: 0.1 };

/** Builds executables into `output`. */
export async function goBuild(build: GoBuild, output: string, step: Step): Promise<void> {
  const { module: cwd, packages, tags = [], variables = {} } = build;
  const modules = readFileSync(join(cwd, "go.mod"), "utf8").match(/^\t\S+ v\S+/gm)?.length ?? 1;
  const tagged = `-tags=${tags.join(",")}`;
  const work = `${output}.work`;
  mkdirSync(work, { recursive: true });
  mkdirSync(output, { recursive: true });

  const count = { fetched: 0, compiled: 0, total: 0 };
  let latest = "";
  const say = () => {
    if (count.total === 0) {
      const detail = latest ? `fetching ${latest}` : "looking for modules";
      step(detail, share.fetch * Math.min(count.fetched / modules, 1));
      return;
    }
    const linked = readdirSync(output).length;
    step(
      [
        `compiled ${count.compiled} of ${count.total} packages`,
        ...(linked ? [`linked ${linked} of ${packages.length}`] : []),
        ...(latest ? [latest] : []),
      ].join(", "),
      share.fetch +
        share.compile * Math.min(count.compiled / count.total, 1) +
        share.link * (linked / packages.length),
    );
  };
  const tick = setInterval(say, 1_000);
  try {
    say();
    const list = go({
      cwd,
      args: ["list", "-deps", "-f={{if not .Standard}}{{.ImportPath}}{{end}}", tagged, ...packages],
      onLine(line) {
        const module = /^go: downloading (\S+)/.exec(line)?.[1];
        if (!module) return;
        count.fetched++;
        latest = module;
      },
    });
    // One needs the network, the other the processor.
    const [listed] = await Promise.all([list, compileStandardLibrary(cwd)]);
    latest = "";
    count.total = listed.trim().split("\n").length;
    const flags = Object.entries(variables).map(([name, value]) => `-X=${name}=${value}`);
    await go({
      cwd,
      // Temporary files go beside the result: /tmp is small on many machines.
      env: { GOTMPDIR: work },
      args: [
        "build",
        "-v",
        tagged,
        ...compilerFlags,
        `-ldflags=${["-s", "-w", ...flags].join(" ")}`,
        `-o=${output}/`,
        ...packages,
      ],
      onLine(line) {
        if (line.startsWith("go: ") || line.includes(" ")) return;
        count.compiled++;
        latest = line;
      },
    });
  } finally {
    clearInterval(tick);
    rmSync(work, { recursive: true, force: true });
  }
}

/**
 * The files that determine a build of a Go module: its pins, and the sources in the given folders, without tests. Paths
 * are relative to the module.
 */
export function buildFiles(module: string, ...folders: string[]): string[] {
  const sources = folders.flatMap((folder) =>
    readdirSync(join(module, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => relative(module, join(entry.parentPath, entry.name)))
      .filter((file) => !/_test\.go$|\/testdata\//.test(file)),
  );
  return ["go.mod", "go.sum", ...sources.sort()];
}
