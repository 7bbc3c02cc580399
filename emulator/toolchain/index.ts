import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";

import { ensureDataPlane } from "./dataplane.js";
import { type Curl, findCurl } from "./curl.js";
import { type Envoy, ensureEnvoy } from "./envoy.js";
import type { Step } from "./build.js";
import { cacheKey, cached } from "./cache.js";
import { buildCluster, clusterInputs, clusterVersions, stageFiles } from "./cluster.js";
import { ensureKubernetesPlugin } from "./kubernetes-plugin.js";
import { builtPrometheus, ensurePrometheus } from "./prometheus.js";
import {
  type PulumiCli,
  buildPulumi,
  findPulumi,
  installPulumi,
  pinnedPulumi,
  pulumiInputs,
  sdkVersion,
} from "./pulumi.js";
import { type Report, Shares } from "./shares.js";

/** The programs that a sandbox runs and their data files. */
export interface Tools {
  /** The Pulumi CLI's executable. */
  pulumi: string;
  /**
   * Folder of etcd, kube-apiserver, kube-controller-manager, kube-scheduler, kubectl, kwok,
   * pilot-discovery and helm.
   */
  bin: string;
  /** The data plane's executable. */
  dataplane: string;
  /** Envoy for the data plane, or why there is none. */
  envoy: Envoy;
  /** Prometheus for Pods of it, if it has been built. */
  prometheus?: string;
  /** curl for requests through the data plane, or why there is none. */
  curl: Curl;
  /** Folder of Istio's charts: base, istiod, cni, ztunnel, gateway. */
  charts: string;
  /** Folder of the Gateway API's CustomResourceDefinitions, one file each. */
  gatewayApi: string;
  /** Paths of KWOK's stage files. */
  kwokStages: string[];
  /** Version of each tool: pulumi, kubernetes, etcd, kwok, helm, istio, gatewayApi. */
  versions: Record<string, string>;
}

/** Where tools are kept, and what is wanted besides those that every emulator needs. */
export interface Wanted {
  /** Folder of builds and downloads. */
  cacheDir: string;
  /** Called with the progress of builds. */
  report?: Report;
  /** Whether the kubernetes plugin must be built: none is installed, on PATH or downloadable. */
  kubernetesPlugin?: boolean;
  /** Whether Prometheus must be built: the cluster will run one. */
  prometheus?: boolean;
}

// Processor time of each build from an empty cache, in seconds. Envoy is only downloaded.
const work = {
  envoy: 10,
  pulumi: 240,
  kubernetesPlugin: 210,
  cluster: 700,
  dataplane: 12,
  prometheus: 150,
};

/**
 * Finds or builds the tools of a sandbox. The first run takes minutes; later runs find the builds in
 * the cache, keyed by their pins.
 *
 * @throws EmulatorError that says what to do: Go missing or too old, no network, a full disk.
 */
export async function ensureTools(wanted: Wanted): Promise<Tools> {
  const { cacheDir, report = () => undefined } = wanted;
  mkdirSync(cacheDir, { recursive: true });
  const progress = new Shares(report);
  const steps = {
    envoy: progress.share("Envoy", work.envoy),
    pulumi: progress.share("Pulumi CLI", work.pulumi),
    plugin: wanted.kubernetesPlugin
      ? progress.share("kubernetes plugin", work.kubernetesPlugin)
      : undefined,
    cluster: progress.share("control plane", work.cluster),
    dataplane: progress.share("data plane", work.dataplane),
    prometheus: wanted.prometheus ? progress.share("Prometheus", work.prometheus) : undefined,
  };
  const envoy = ensureEnvoy((detail) => steps.envoy(detail, 0), cacheDir).finally(() =>
    steps.envoy("ready", 1),
  );
  // In parallel: while one downloads or links, the other can use the processor. Both take about as long.
  const [pulumi, [cluster, dataplane, prometheus]] = await settle([
    ensureEngine(cacheDir, steps.pulumi, steps.plugin),
    ensureBuilt(cacheDir, steps.cluster, steps.dataplane, steps.prometheus),
  ]);
  return {
    pulumi: pulumi.path,
    bin: join(cluster, "bin"),
    dataplane,
    envoy: await envoy,
    curl: findCurl(),
    ...(prometheus && { prometheus }),
    charts: join(cluster, "charts"),
    gatewayApi: join(cluster, "gateway-api"),
    kwokStages: stageFiles(cluster),
    versions: { pulumi: pulumi.version, ...clusterVersions() },
  };
}

// Waits for both even if one fails, so that the other's work is not lost.
async function settle<A, B>([a, b]: [Promise<A>, Promise<B>]): Promise<[A, B]> {
  await Promise.allSettled([a, b]);
  return Promise.all([a, b]);
}

// In sequence: both use the same libraries, which are then compiled once.
async function ensureBuilt(
  cacheDir: string,
  control: Step,
  data: Step,
  prometheusStep: Step | undefined,
): Promise<[cluster: string, data: string, prometheus: string | undefined]> {
  const cluster = await ensureCluster(cacheDir, control);
  const dataplane = await ensureDataPlane(cacheDir, data);
  data("ready", 1);
  // A build from an earlier run is always used, because a daemon is replaced when its tools differ.
  const prometheus = prometheusStep
    ? await ensurePrometheus(cacheDir, prometheusStep)
    : builtPrometheus(cacheDir);
  return [cluster, dataplane, prometheus];
}

// In sequence: a third parallel build would take twice the memory and no less time.
async function ensureEngine(
  cacheDir: string,
  cliStep: Step,
  pluginStep: Step | undefined,
): Promise<PulumiCli> {
  const cli = await ensurePulumi(cacheDir, cliStep);
  // Not in the result: discovery finds it in the cache, and a daemon is replaced when its tools differ.
  if (pluginStep) await ensureKubernetesPlugin(cacheDir, pluginStep);
  return cli;
}

async function ensureCluster(cacheDir: string, step: Step): Promise<string> {
  const name = `control-plane-${cacheKey(clusterInputs())}`;
  const folder = await cached(
    cacheDir,
    name,
    (unfinished) => buildCluster(unfinished, step),
    (holder) => step(`waiting for the build by ${holder}`, 0),
  );
  step("ready", 1);
  return folder;
}

async function ensurePulumi(cacheDir: string, step: Step): Promise<PulumiCli> {
  const cli = await findOrMakePulumi(cacheDir, step);
  step("ready", 1);
  return cli;
}

async function findOrMakePulumi(cacheDir: string, step: Step): Promise<PulumiCli> {
  const found = findPulumi(join(cacheDir, "pulumi-versions.json"));
  if (found) return found;
  const name = `pulumi-${cacheKey(pulumiInputs())}`;
  const built = { path: join(cacheDir, name, "bin", "pulumi"), version: pinnedPulumi() };
  const official = join(cacheDir, `pulumi-official-${sdkVersion()}`);
  if (existsSync(built.path) && !existsSync(official)) return built;
  const installed = await installPulumi(official, step);
  if (installed) return installed;
  await cached(
    cacheDir,
    name,
    (unfinished) => buildPulumi(unfinished, step),
    (holder) => step(`waiting for the build by ${holder}`, 0),
  );
  return built;
}
