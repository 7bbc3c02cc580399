import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { local } from "@pulumi/command";
import * as k8s from "@pulumi/kubernetes";

import type { PluginBench, Program } from "./plugin-stack.js";

/** One kind of resource, taken through its whole life. */
export interface Case {
  what: string;
  /** Its programs: as it is made, changed where it may be, changed where it may not. */
  first: Program;
  changed: Program;
  immutable: Program;
  /** Resources that `first` registers, the provider and the stack not counted. */
  resources: number;
  /** What can be seen of it from outside; undefined once it is gone. */
  seen(bench: PluginBench): Promise<unknown>;
  /** The same after `first`, after `changed` and after `immutable`. */
  expected: [first: unknown, changed: unknown, immutable: unknown, gone: unknown];
  /** Changes it by hand; the next `up` with `changed` mends it. */
  drift?(bench: PluginBench): Promise<unknown>;
}

interface Live {
  metadata: { name: string; labels?: Record<string, string> };
  spec: Record<string, unknown> & { replicas?: number; template?: { metadata: Live["metadata"] } };
}

const namespace = "default";

const deployment =
  (app: string, replicas: number): Program =>
  (provider) => {
    const labels = { app };
    const container = { name: "app", image: "registry.example/app:1" };
    const spec = {
      replicas,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [container] } },
    };
    const metadata = { name: "typed", namespace };
    new k8s.apps.v1.Deployment("typed", { metadata, spec }, { provider });
  };

const custom =
  (weight: number, name = "custom"): Program =>
  (provider) => {
    const schema = {
      type: "object",
      properties: { spec: { type: "object", properties: { weight: { type: "integer" } } } },
    };
    const definition = new k8s.apiextensions.v1.CustomResourceDefinition(
      "definition",
      {
        metadata: { name: "splits.plugins.example" },
        spec: {
          group: "plugins.example",
          scope: "Namespaced",
          names: { plural: "splits", singular: "split", kind: "Split" },
          versions: [
            { name: "v1", served: true, storage: true, schema: { openAPIV3Schema: schema } },
          ],
        },
      },
      { provider },
    );
    const identity = { apiVersion: "plugins.example/v1", kind: "Split" };
    const args = { ...identity, metadata: { name, namespace }, spec: { weight } };
    new k8s.apiextensions.CustomResource("custom", args, { provider, dependsOn: definition });
  };

const patch =
  (mode: string, name = "kube-public"): Program =>
  (provider) => {
    const metadata = { name, labels: { "plugins.example/mode": mode } };
    new k8s.core.v1.NamespacePatch("patch", { metadata }, { provider });
  };

/** Writes a chart of one ConfigMap; returns its folder. */
export const tinyChart = (folder: string): string => {
  const files = {
    "Chart.yaml": "apiVersion: v2\nname: tiny\nversion: 1.2.3\nappVersion: '4.5'\n",
    "values.yaml": "size: 1\n",
    "templates/map.yaml":
      "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: '{{ .Release.Name }}'}\n" +
      "data: {size: '{{ .Values.size }}'}\n",
  };
  mkdirSync(join(folder, "tiny", "templates"), { recursive: true });
  for (const [file, text] of Object.entries(files)) writeFileSync(join(folder, "tiny", file), text);
  return join(folder, "tiny");
};

/** A Release of that chart. */
export const release =
  (folder: string, size: number, name = "tiny"): Program =>
  (provider) => {
    const args = { chart: tinyChart(folder), name, namespace, values: { size }, timeout: 60 };
    const made = new k8s.helm.v3.Release("release", args, { provider });
    return { status: made.status };
  };

const command =
  (folder: string, text: string, trigger: number): Program =>
  () => {
    const file = join(folder, `written-${trigger}`);
    const create = `printf %s ${text} > ${file}; printf %s ${text}`;
    const args = { create, delete: `rm ${file}`, triggers: [trigger] };
    return { stdout: new local.Command("command", args).stdout };
  };

/** @param folder for the chart and for what the command writes */
export const cases = (folder: string): Case[] => [
  {
    what: "a typed resource",
    first: deployment("a", 1),
    changed: deployment("a", 2),
    immutable: deployment("b", 2),
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
    first: custom(90),
    changed: custom(80),
    immutable: custom(80, "other"),
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
    first: patch("on"),
    changed: patch("off"),
    immutable: patch("off", "kube-node-lease"),
    resources: 1,
    async seen(bench) {
      const names = ["kube-public", "kube-node-lease"];
      const found = await Promise.all(names.map((name) => bench.object<Live>("namespace", name)));
      return found.map((live) => live?.metadata.labels?.["plugins.example/mode"]);
    },
    expected: [
      ["on", undefined],
      ["off", undefined],
      [undefined, "off"],
      [undefined, undefined],
    ],
    drift: (bench) => bench.kubectl("label", "namespace", "kube-public", "plugins.example/mode-"),
  },
  {
    what: "a release",
    first: release(folder, 1),
    changed: release(folder, 2),
    immutable: release(folder, 2, "other"),
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
  },
  {
    what: "a command",
    first: command(folder, "one", 1),
    changed: command(folder, "two", 1),
    immutable: command(folder, "two", 2),
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
