import { readFileSync } from "node:fs";
import { join } from "node:path";

import * as k8s from "@pulumi/kubernetes";

import * as programs from "./plugin-cases.js";
import type { Changes, PluginBench, Program } from "./plugin-stack.js";

/** An operation that fails in a plugin, and how the next one recovers. */
export interface Refusal {
  what: string;
  /** The program deployed before. */
  before?: Program;
  attempt: Program;
  /** The error of the API server, Helm or the shell. */
  refused: RegExp;
  /**
   * Whether the preview fails too: it does if the API server can check the change, but not for a new Patch, nor for
   * the work of Helm or a shell.
   */
  inPreview: boolean;
  corrected: Program;
  /**
   * The changes of the next `up` with `corrected`. The provider keeps the inputs of a rejected update together with its
   * error, so even the previous program is an update. It does not keep those of a command's failed update.
   */
  then: Changes;
  /** The state in the end, outside Pulumi. */
  seen(bench: PluginBench): Promise<unknown>;
  expected: unknown;
}

interface Live {
  metadata: { labels?: Record<string, string> };
  spec?: Record<string, unknown>;
  status?: Record<string, unknown>;
}

const typed = {
  seen: async (bench: PluginBench) =>
    (await bench.object<Live>("deployment", "typed"))?.spec?.["replicas"],
  expected: 1,
};

const custom = {
  refused: /spec\.weight in body should be less than or equal to 100/,
  inPreview: true,
  corrected: programs.custom(90),
  seen: async (bench: PluginBench) => (await bench.object<Live>("split", "custom"))?.spec,
  expected: { weight: 90 },
};

const patch = {
  attempt: programs.patch("neither on nor off"),
  refused: /metadata\.labels: Invalid value: "neither on nor off"/,
  corrected: programs.patch("on"),
  seen: async (bench: PluginBench) =>
    (await bench.object<Live>("namespace", "kube-public"))?.metadata.labels?.[programs.mode],
  expected: "on",
};

const available = {
  seen: async (bench: PluginBench) =>
    (await bench.object<Live>("deployment", "work"))?.status?.["availableReplicas"],
  expected: 1,
};

/** A patch of a missing Deployment, with too few fields to create it. */
const labeled: Program = (provider) => {
  const metadata = {
    name: "typed",
    namespace: programs.namespace,
    labels: { [programs.mode]: "on" },
  };
  new k8s.apps.v1.DeploymentPatch("patch", { metadata }, { provider });
};

/** @param folder for the chart and the command's files */
export const refusals = (folder: string): Refusal[] => {
  const workload = (values: Parameters<typeof programs.workload>[1]) =>
    programs.workload(folder, values);
  const release = { ...available, inPreview: false, corrected: workload({}), then: { update: 1 } };
  const mismatch = /`selector` does not match template `labels`/;
  // The message is Go's or the API library's, depending on Helm's version and the step that timed out.
  const overdue = /deadline exceeded|timed out/;
  const command = {
    attempt: programs.failing(folder),
    refused: /exit status 3: running [^]*no such luck/,
    inPreview: false,
    corrected: programs.command(folder, "one"),
    seen: async () => readFileSync(join(folder, "written-1"), "utf8"),
    expected: "one",
  };
  return [
    {
      ...typed,
      what: "creating a typed resource",
      attempt: programs.deployment({ label: "another" }),
      refused: mismatch,
      inPreview: true,
      corrected: programs.deployment(),
      then: { create: 1 },
    },
    {
      ...typed,
      what: "changing a typed resource",
      before: programs.deployment(),
      attempt: programs.deployment({ replicas: -1 }),
      refused: /spec\.replicas: Invalid value: -1/,
      inPreview: true,
      corrected: programs.deployment(),
      then: { update: 1 },
    },
    {
      ...custom,
      what: "creating a custom resource",
      before: (provider) => void programs.definition(provider),
      attempt: programs.custom(101),
      then: { create: 1 },
    },
    {
      ...custom,
      what: "changing a custom resource",
      before: programs.custom(90),
      attempt: programs.custom(101),
      then: { update: 1 },
    },
    { ...patch, what: "creating a patch", inPreview: false, then: { create: 1 } },
    {
      ...patch,
      what: "changing a patch",
      before: programs.patch("on"),
      inPreview: true,
      then: { update: 1 },
    },
    {
      ...typed,
      what: "patching a missing object",
      attempt: labeled,
      refused: /spec\.selector: Required value/,
      inPreview: false,
      corrected: programs.deployment(),
      then: { create: 1 },
    },
    {
      ...release,
      what: "creating a release that the API server rejects",
      attempt: workload({ label: "another" }),
      refused: mismatch,
    },
    {
      ...release,
      what: "changing a release to one that the API server rejects",
      before: workload({}),
      attempt: workload({ label: "another" }),
      refused: mismatch,
    },
    {
      ...release,
      what: "creating a release whose Pods do not become ready",
      attempt: workload({ cpu: "64", timeout: 5 }),
      refused: overdue,
    },
    {
      ...release,
      what: "changing a release whose new Pods do not become ready",
      before: workload({}),
      attempt: workload({ cpu: "64", timeout: 5 }),
      refused: overdue,
    },
    { ...command, what: "running a command", then: { create: 1 } },
    {
      ...command,
      what: "running a command again",
      before: programs.command(folder, "two"),
      then: { update: 1 },
    },
  ];
};
