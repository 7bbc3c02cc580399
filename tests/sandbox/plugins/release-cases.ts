import { gunzipSync, gzipSync } from "node:zlib";

import type { InterruptedRelease } from "../../../tools/sandbox/recovery/releases.js";
import { release, tinyChart } from "./plugin-cases.js";
import type { PluginBench, Program, TestStack } from "./plugin-stack.js";

/** A release in a state that its provider rejects until it is cleaned up. */
export interface SpoiledRelease {
  what: string;
  /** The program deployed before. */
  before?: Program;
  spoil(bench: PluginBench): Promise<unknown>;
  attempt(stack: TestStack): Promise<unknown>;
  /** The error of Helm 3 or 4. */
  refused: RegExp;
  /** The interrupted operation. */
  operation: InterruptedRelease["operation"];
  /** The command that `releaseAdvice` recommends, without the release's name; undefined if it has no advice. */
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
    what: "whose upgrade was interrupted",
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
    what: "that is already uninstalled",
    before: release(folder, 1, spoiled),
    spoil: (bench) => bench.run("helm", "uninstall", spoiled),
    attempt: (stack) => stack.destroy(),
    refused: /release: not found/,
    operation: "deleting",
  },
];

/** Sets the status of a revision to that of a running helm. */
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
