import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

import * as programs from "./plugin-cases.js";
import type { PluginBench, Program } from "./plugin-stack.js";

/** The whole life of one kind of resource. */
export interface Life {
  what: string;
  /** Its programs: the first one, a change in place, and a change that requires a replacement. */
  first: Program;
  changed: Program;
  immutable: Program;
  /** Number of resources that `first` registers, without the provider and the stack. */
  resources: number;
  /** Its state outside Pulumi; undefined after its deletion. */
  seen(bench: PluginBench): Promise<unknown>;
  /** The values of `seen` after `first`, `changed`, `immutable` and the destroy. */
  expected: [first: unknown, changed: unknown, immutable: unknown, gone: unknown];
  /** Changes it by hand; the next `up` with `changed` reverts that. A command has no state to change. */
  drift?(bench: PluginBench): Promise<unknown>;
}

interface Live {
  metadata: { name: string; labels?: Record<string, string> };
  spec: Record<string, unknown> & { replicas?: number; template?: { metadata: Live["metadata"] } };
}

/** @param folder for the chart and the command's files */
export const lives = (folder: string): Life[] => [
  {
    what: "a typed resource",
    first: programs.deployment(),
    changed: programs.deployment({ replicas: 2 }),
    immutable: programs.deployment({ app: "b", replicas: 2 }),
    resources: 1,
    async seen(bench) {
      const live = await bench.object<Live>("deployment", "typed");
      return live && [live.spec.template?.metadata.labels?.["app"], live.spec.replicas];
    },
    expected: [["a", 1], ["a", 2], ["b", 2], undefined],
    drift: (bench) => bench.kubectl("scale", "deployment", "typed", "--replicas=5"),
  },
  {
    what: "a custom resource",
    first: programs.custom(90),
    changed: programs.custom(80),
    immutable: programs.custom(80, { name: "other" }),
    resources: 2,
    async seen(bench) {
      const definition = await bench.object("crd", "splits.plugins.example");
      if (!definition) return undefined;
      const { items = [] } = (await bench.object<{ items: Live[] }>("splits")) ?? {};
      return items.map(({ metadata, spec }) => [metadata.name, spec["weight"]]);
    },
    expected: [[["custom", 90]], [["custom", 80]], [["other", 80]], undefined],
    drift: (bench) =>
      bench.kubectl("patch", "split", "custom", "--type=merge", "-p", '{"spec":{"weight":1}}'),
  },
  {
    what: "a patch",
    first: programs.patch("on"),
    changed: programs.patch("off"),
    immutable: programs.patch("off", "kube-node-lease"),
    resources: 1,
    async seen(bench) {
      const names = ["kube-public", "kube-node-lease"];
      const found = await Promise.all(names.map((name) => bench.object<Live>("namespace", name)));
      return found.map((live) => live?.metadata.labels?.[programs.mode]);
    },
    expected: [
      ["on", undefined],
      ["off", undefined],
      [undefined, "off"],
      [undefined, undefined],
    ],
    drift: (bench) => bench.kubectl("label", "namespace", "kube-public", `${programs.mode}-`),
  },
  {
    what: "a release",
    first: programs.release(folder, 1),
    changed: programs.release(folder, 2),
    immutable: programs.release(folder, 2, "other"),
    resources: 1,
    async seen(bench) {
      const names = ["tiny", "other"];
      const maps = await Promise.all(
        names.map((name) => bench.object<{ data: { size: string } }>("configmap", name)),
      );
      return maps.map((map) => map?.data.size);
    },
    expected: [
      ["1", undefined],
      ["2", undefined],
      [undefined, "2"],
      [undefined, undefined],
    ],
    drift: (bench) =>
      bench.run("helm", "upgrade", "tiny", programs.tinyChart(folder), "--set", "size=9"),
  },
  {
    what: "a command",
    first: programs.command(folder, "one"),
    changed: programs.command(folder, "two"),
    immutable: programs.command(folder, "two", 2),
    resources: 1,
    async seen() {
      const files = [1, 2].map((trigger) => join(folder, `written-${trigger}`));
      return files.map((file) => (existsSync(file) ? readFileSync(file, "utf8") : undefined));
    },
    expected: [
      ["one", undefined],
      ["two", undefined],
      [undefined, "two"],
      [undefined, undefined],
    ],
  },
];
