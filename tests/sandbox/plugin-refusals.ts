import { readFileSync } from "node:fs";
import { join } from "node:path";

import * as k8s from "@pulumi/kubernetes";

import * as programs from "./plugin-cases.js";
import type { Changes, PluginBench, Program } from "./plugin-stack.js";

/** What a plugin cannot do, and how the stack goes on from there. */
export interface Refusal {
  what: string;
  /** What the stack has before. */
  before?: Program;
  attempt: Program;
  /** In the words of whoever refused. */
  refused: RegExp;
  /**
   * Whether a preview is told, too. It is where the API server can be asked; not of a Patch that has still to be made,
   * nor of what only Helm or a shell does.
   */
  inPreview: boolean;
  mended: Program;
  /**
   * What the next `up` with `mended` does. Of an update that was refused the provider keeps the inputs, with what went
   * wrong: even the program from before is then one more update. A command's update that failed never was.
   */
  then: Changes;
  /** What is there in the end. */
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
  mended: programs.custom(90),
  seen: async (bench: PluginBench) => (await bench.object<Live>("split", "custom"))?.spec,
  expected: { weight: 90 },
};

const patch = {
  attempt: programs.patch("neither on nor off"),
  refused: /metadata\.labels: Invalid value: "neither on nor off"/,
  mended: programs.patch("on"),
  seen: async (bench: PluginBench) =>
    (await bench.object<Live>("namespace", "kube-public"))?.metadata.labels?.[programs.mode],
  expected: "on",
};

const available = {
  seen: async (bench: PluginBench) =>
    (await bench.object<Live>("deployment", "work"))?.status?.["availableReplicas"],
  expected: 1,
};

/** Of a Deployment that is not there: too little to make it of. */
const labelled: Program = (provider) => {
  const metadata = {
    name: "typed",
    namespace: programs.namespace,
    labels: { [programs.mode]: "on" },
  };
  new k8s.apps.v1.DeploymentPatch("patch", { metadata }, { provider });
};

/** @param folder for the chart and for what the command writes */
export const refusals = (folder: string): Refusal[] => {
  const workload = (values: Parameters<typeof programs.workload>[1]) =>
    programs.workload(folder, values);
  const release = { ...available, inPreview: false, mended: workload({}), then: { update: 1 } };
  const mismatch = /`selector` does not match template `labels`/;
  // Helm's words are Go's or the API library's, by its version and by what it was at when the time was up.
  const overdue = /deadline exceeded|timed out/;
  const command = {
    attempt: programs.failing(folder),
    refused: /exit status 3: running [^]*no such luck/,
    inPreview: false,
    mended: programs.command(folder, "one"),
    seen: async () => readFileSync(join(folder, "written-1"), "utf8"),
    expected: "one",
  };
  return [
    {
      ...typed,
      what: "a typed resource that is to be made",
      attempt: programs.deployment({ label: "another" }),
      refused: mismatch,
      inPreview: true,
      mended: programs.deployment(),
      then: { create: 1 },
    },
    {
      ...typed,
      what: "a typed resource that is to be changed",
      before: programs.deployment(),
      attempt: programs.deployment({ replicas: -1 }),
      refused: /spec\.replicas: Invalid value: -1/,
      inPreview: true,
      mended: programs.deployment(),
      then: { update: 1 },
    },
    {
      ...custom,
      what: "a custom resource that is to be made",
      before: (provider) => void programs.definition(provider),
      attempt: programs.custom(101),
      then: { create: 1 },
    },
    {
      ...custom,
      what: "a custom resource that is to be changed",
      before: programs.custom(90),
      attempt: programs.custom(101),
      then: { update: 1 },
    },
    { ...patch, what: "a patch that is to be made", inPreview: false, then: { create: 1 } },
    {
      ...patch,
      what: "a patch that is to be changed",
      before: programs.patch("on"),
      inPreview: true,
      then: { update: 1 },
    },
    {
      ...typed,
      what: "a patch of what is not there",
      attempt: labelled,
      refused: /spec\.selector: Required value/,
      inPreview: false,
      mended: programs.deployment(),
      then: { create: 1 },
    },
    {
      ...release,
      what: "a release that is to be made of what the API server refuses",
      attempt: workload({ label: "another" }),
      refused: mismatch,
    },
    {
      ...release,
      what: "a release that is to be changed to what the API server refuses",
      before: workload({}),
      attempt: workload({ label: "another" }),
      refused: mismatch,
    },
    {
      ...release,
      what: "a release whose Pods do not become ready",
      attempt: workload({ cpu: "64", timeout: 5 }),
      refused: overdue,
    },
    {
      ...release,
      what: "a release whose new Pods do not become ready",
      before: workload({}),
      attempt: workload({ cpu: "64", timeout: 5 }),
      refused: overdue,
    },
    { ...command, what: "a command that is to be run", then: { create: 1 } },
    {
      ...command,
      what: "a command that is to be run again",
      before: programs.command(folder, "two"),
      then: { update: 1 },
    },
  ];
};
