import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { local } from "@pulumi/command";
import * as k8s from "@pulumi/kubernetes";
import { type CustomResourceOptions, secret } from "@pulumi/pulumi";

import type { Program } from "./plugin-stack.js";

// The programs of the tables: one for each kind of resource.

export const namespace = "default";

/**
 * A typed resource: a Deployment with one container and a CPU request that a node may or may not satisfy.
 *
 * @param what `label` is the Pods' label; default: `app`, which the selector matches.
 */
export const deployment =
  (
    what: { app?: string; label?: string; replicas?: number; cpu?: string } = {},
    options: CustomResourceOptions = {},
  ): Program =>
  (provider) => {
    const { app = "a", label = app, replicas = 1, cpu = "10m" } = what;
    const resources = { requests: { cpu } };
    const container = { name: "app", image: "registry.example/app:1", resources };
    const spec = {
      replicas,
      selector: { matchLabels: { app } },
      template: { metadata: { labels: { app: label } }, spec: { containers: [container] } },
    };
    const metadata = { name: "typed", namespace };
    new k8s.apps.v1.Deployment("typed", { metadata, spec }, { provider, ...options });
  };

/** A custom kind: Split, whose weight is at most 100. */
export const definition = (provider: k8s.Provider) => {
  const weight = { type: "integer", maximum: 100 };
  const openAPIV3Schema = {
    type: "object",
    properties: {
      spec: { type: "object", properties: { weight } },
      status: { type: "object", x_kubernetes_preserve_unknown_fields: true },
    },
  };
  const version = { name: "v1", served: true, storage: true, schema: { openAPIV3Schema } };
  return new k8s.apiextensions.v1.CustomResourceDefinition(
    "definition",
    {
      metadata: { name: "splits.plugins.example" },
      spec: {
        group: "plugins.example",
        scope: "Namespaced",
        names: { plural: "splits", singular: "split", kind: "Split" },
        versions: [{ ...version, subresources: { status: {} } }],
      },
    },
    { provider },
  );
};

export const split = { apiVersion: "plugins.example/v1", kind: "Split" };

/** A custom resource and its definition. */
export const custom =
  (
    weight: number,
    { name = "custom", annotations }: { name?: string; annotations?: Record<string, string> } = {},
    options: CustomResourceOptions = {},
  ): Program =>
  (provider) => {
    // The API server drops an empty map, so every preview would show an update.
    const metadata = { name, namespace, ...(annotations && { annotations }) };
    const args = { ...split, metadata, spec: { weight } };
    const all = { provider, dependsOn: definition(provider), ...options };
    new k8s.apiextensions.CustomResource("custom", args, all);
  };

/** The label that a patch sets. */
export const mode = "plugins.example/mode";

/** A patch: one label of a namespace that another owner created. */
export const patch =
  (value: string, name = "kube-public"): Program =>
  (provider) => {
    const metadata = { name, labels: { [mode]: value } };
    new k8s.core.v1.NamespacePatch("patch", { metadata }, { provider });
  };

function chart(folder: string, name: string, values: string, template: string): string {
  const files = {
    "Chart.yaml": `apiVersion: v2\nname: ${name}\nversion: 1.2.3\nappVersion: '4.5'\n`,
    "values.yaml": values,
    "templates/object.yaml": template,
  };
  mkdirSync(join(folder, name, "templates"), { recursive: true });
  for (const [file, text] of Object.entries(files)) writeFileSync(join(folder, name, file), text);
  return join(folder, name);
}

/** Writes a chart of one ConfigMap; returns its folder. */
export const tinyChart = (folder: string): string =>
  chart(
    folder,
    "tiny",
    "size: 1\n",
    "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: '{{ .Release.Name }}'}\n" +
      "data: {size: '{{ .Values.size }}'}\n",
  );

/** A Release of that chart. */
export const release =
  (folder: string, size: number, name = "tiny"): Program =>
  (provider) => {
    const args = { chart: tinyChart(folder), name, namespace, values: { size }, timeout: 60 };
    const made = new k8s.helm.v3.Release("release", args, { provider });
    return { status: made.status };
  };

/** A Release of one Deployment, which has the chart's name. */
export const workload =
  (folder: string, { label = "work", cpu = "10m", timeout = 60 }): Program =>
  (provider) => {
    const container = "{name: app, image: x, resources: {requests: {cpu: '{{ .Values.cpu }}'}}}";
    const made = chart(
      folder,
      "work",
      "",
      "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: work}\nspec:\n" +
        "  selector: {matchLabels: {app: work}}\n  template:\n" +
        `    metadata: {labels: {app: '{{ .Values.label }}'}}\n    spec: {containers: [${container}]}\n`,
    );
    const args = { chart: made, name: "work", namespace, values: { label, cpu }, timeout };
    new k8s.helm.v3.Release("release", args, { provider });
  };

/** A Secret and a Release value with the same secret text. */
export const secrets =
  (folder: string, text: string): Program =>
  (provider) => {
    const password = secret(text);
    const metadata = { name: "hidden", namespace };
    new k8s.core.v1.Secret("hidden", { metadata, stringData: { password } }, { provider });
    const values = { size: password };
    const args = { chart: tinyChart(folder), name: "hidden-release", namespace, values };
    new k8s.helm.v3.Release("release", args, { provider });
  };

/** A command that writes a file, which its `delete` removes. */
export const command =
  (folder: string, text: string, trigger = 1): Program =>
  () => {
    const file = join(folder, `written-${trigger}`);
    const create = `printf %s ${text} > ${file}; printf %s ${text}`;
    const args = { create, delete: `rm ${file}`, triggers: [trigger] };
    return { stdout: new local.Command("command", args).stdout };
  };

/** The same command, failing with a message that does not appear literally in the command. */
export const failing =
  (folder: string): Program =>
  () => {
    const args = { create: "echo 'no such lu''ck' >&2; exit 3", delete: `rm ${folder}/written-1` };
    new local.Command("command", { ...args, triggers: [1] });
  };
