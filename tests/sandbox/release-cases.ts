import { gunzipSync, gzipSync } from "node:zlib";

import type { InterruptedRelease } from "../../tools/sandbox/recovery/releases.js";
import { release, tinyChart } from "./plugin-cases.js";
import type { PluginBench, Program, TestStack } from "./plugin-stack.js";

/** A release that is not as its provider expects it: refused, until what is left of it is cleared. */
export interface SpoiledRelease {
  what: string;
  /** What stands before. */
  before?: Program;
  spoil(bench: PluginBench): Promise<unknown>;
  attempt(stack: TestStack): Promise<unknown>;
  /** In Helm's words, 3's or 4's. */
  refused: RegExp;
  /** What was cut off. */
  operation: InterruptedRelease["operation"];
  /** What `releaseAdvice` has a person run, without the release's name; undefined where it says nothing. */
  byHand?: "uninstall" | "rollback";
  /** The size in its ConfigMap in the end. */
  size?: string;
}

/** The name of each row's release, in the namespace "default". */
export const spoiled = "spoiled";

/** @param folder for the chart. */
export const spoiledReleases = (folder: string): SpoiledRelease[] => [
  {
    what: "whose name is in use",
    spoil: (bench) => bench.run("helm", "install", spoiled, tinyChart(folder)),
    attempt: (stack) => stack.up(release(folder, 2, spoiled)),
    refused: /cannot re-?use a name that is still in use/,
    operation: "creating",
    byHand: "uninstall",
    size: "2",
  },
  {
    what: "whose upgrade was cut off",
    before: release(folder, 1, spoiled),
    async spoil(bench) {
      await bench.run("helm", "upgrade", spoiled, tinyChart(folder), "--set", "size=9");
      await rewrite(bench, 1, "deployed");
      await rewrite(bench, 2, "pending-upgrade");
    },
    attempt: (stack) => stack.up(release(folder, 2, spoiled)),
    refused: /another operation \(install\/upgrade\/rollback\) is in progress/,
    operation: "updating",
    byHand: "rollback",
    size: "2",
  },
  {
    what: "that was uninstalled already",
    before: release(folder, 1, spoiled),
    spoil: (bench) => bench.run("helm", "uninstall", spoiled),
    attempt: (stack) => stack.destroy(),
    refused: /release: not found/,
    operation: "deleting",
  },
];

/** Gives a revision the status that it has while helm is at work. */
async function rewrite(bench: PluginBench, revision: number, status: string): Promise<void> {
  const name = `sh.helm.release.v1.${spoiled}.v${revision}`;
  const stored = await bench.object<{ data: { release: string } }>("secret", name);
  // base64 of base64 of gzipped JSON: https://github.com/helm/helm/blob/main/pkg/storage/driver/util.go
  const packed = Buffer.from(stored?.data.release ?? "", "base64").toString();
  const content = JSON.parse(gunzipSync(Buffer.from(packed, "base64")).toString()) as {
    info: { status: string };
  };
  content.info.status = status;
  const text = gzipSync(JSON.stringify(content)).toString("base64");
  const patch = {
    metadata: { labels: { status } },
    data: { release: Buffer.from(text).toString("base64") },
  };
  await bench.kubectl("patch", "secret", name, "--patch", JSON.stringify(patch));
}
