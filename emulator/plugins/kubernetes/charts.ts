import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { parse } from "yaml";
import type { Properties } from "../server.js";
import { helm, helmMajor } from "./helm.js";

/** The inputs of a Release, as far as they matter here. */
export interface Release extends Properties {
  name: string;
  namespace: string;
  /** A chart's name in `repositoryOpts.repo`, an `oci://` reference, or a folder. */
  chart: string;
  version?: string;
  values?: Properties;
  repositoryOpts?: Record<string, string>;
  /** Seconds. */
  timeout?: number;
}

/**
 * The version of the chart that a Release means, which may be a range, or open.
 *
 * @param known the Release's inputs of last time: an exact version is not looked up again
 */
export async function chartVersion(release: Release, known: Properties): Promise<string> {
  const local = join(release.chart, "Chart.yaml");
  if (existsSync(local)) return versionIn(await readFile(local, "utf8"));
  const exact = /^v?\d+\.\d+\.\d+/.test(release.version ?? "");
  const same = ["chart", "version", "repositoryOpts"].every((key) =>
    isDeepStrictEqual(release[key], known[key]),
  );
  if (exact && same) return release.version!;
  return versionIn(await helm(["show", "chart", release.chart, ...source(release)]));
}

function versionIn(text: string): string {
  const { version } = (parse(text) ?? {}) as { version?: unknown };
  if (version === undefined) throw new Error("the chart's Chart.yaml names no version");
  return String(version);
}

const repositoryOptions: Record<string, string> = {
  repo: "--repo",
  caFile: "--ca-file",
  certFile: "--cert-file",
  keyFile: "--key-file",
};

function source({ chart, version, repositoryOpts = {} }: Release): string[] {
  const args: string[] = [];
  for (const [key, value] of Object.entries(repositoryOpts)) {
    const option = repositoryOptions[key];
    // A user and a password could only be passed as arguments, where everybody sees them.
    if (!option) throw new Error(`repositoryOpts.${key} is not offered by this stand-in`);
    args.push(option, value);
  }
  if (version && !existsSync(join(chart, "Chart.yaml"))) args.push("--version", version);
  return args;
}

type Action = "install" | "upgrade";

/** Option of the command → the input that asks for it, for each of helm's commands that has it. */
const switches: Record<Action | "both", Record<string, string>> = {
  both: {
    "--dependency-update": "dependencyUpdate",
    "--devel": "devel",
    "--disable-openapi-validation": "disableOpenapiValidation",
    "--no-hooks": "disableWebhooks",
    "--render-subchart-notes": "renderSubchartNotes",
  },
  install: {
    "--create-namespace": "createNamespace",
    "--replace": "replace",
    "--skip-crds": "skipCrds",
  },
  upgrade: {
    "--cleanup-on-fail": "cleanupOnFail",
    "--reset-values": "resetValues",
    "--reuse-values": "reuseValues",
  },
};

/** Arguments that make the cluster's release what the inputs say; the values are not among them. */
export async function releaseArguments(action: Action, release: Release): Promise<string[]> {
  const isHelm4 = (await helmMajor()) >= 4;
  const { name, chart, description, maxHistory, timeout = 300 } = release;
  const args = [action, name, chart, "--timeout", `${timeout}s`, ...source(release)];
  // The provider embeds Helm 3, whose merge leaves alone what webhooks and controllers add.
  if (isHelm4) args.push("--server-side=false");
  if (release["skipAwait"] !== true) {
    args.push("--wait");
    if (release["waitForJobs"] === true) args.push("--wait-for-jobs");
  }
  if (release["atomic"] === true) args.push(isHelm4 ? "--rollback-on-failure" : "--atomic");
  if (action === "upgrade") {
    args.push("--history-max", String(maxHistory ?? 0));
    if (release["forceUpdate"] === true) args.push(isHelm4 ? "--force-replace" : "--force");
  }
  if (description) args.push("--description", String(description));
  for (const [option, input] of Object.entries({ ...switches.both, ...switches[action] }))
    if (release[input] === true) args.push(option);
  return args;
}
