import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";

import { ensureDataPlane } from "./dataplane.js";
import { type Curl, findCurl } from "./curl.js";
import { type Envoy, ensureEnvoy } from "./envoy.js";
import { cacheDir } from "../paths.js";
import type { Report } from "../host/report.js";
import type { Step } from "./build.js";
import { cacheKey, cached } from "./cache.js";
import { buildCluster, clusterInputs, clusterVersions, stageFiles } from "./cluster.js";
import { ensureKubernetesPlugin } from "./kubernetes-plugin.js";
import {
  type PulumiCli,
  buildPulumi,
  findPulumi,
  installPulumi,
  pinnedPulumi,
  pulumiInputs,
  sdkVersion,
} from "./pulumi.js";
import { Shares } from "./shares.js";

/** All that a sandbox runs and that is not in this repository. */
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
  /** Envoy for it, or why there is none. */
  envoy: Envoy;
  /** curl for what is sent through it, or why there is none. */
  curl: Curl;
  /** Folder of Istio's charts: base, istiod, cni, ztunnel, gateway. */
  charts: string;
  /** Folder of the Gateway API's CustomResourceDefinitions, one file each. */
  gatewayApi: string;
  /** KWOK's own stage files. */
  kwokStages: string[];
  /** Version of each tool: pulumi, kubernetes, etcd, kwok, helm, istio, gatewayApi. */
  versions: Record<string, string>;
}

/** What is wanted besides what every sandbox needs. */
export interface Wanted {
  /** Whether the kubernetes plugin must be built: none is installed, on PATH or downloadable. */
  kubernetesPlugin?: boolean;
}

// Processor time of each from an empty cache, in seconds. Envoy is only downloaded.
const work = { envoy: 10, pulumi: 240, kubernetesPlugin: 210, cluster: 700, dataplane: 12 };

/**
 * Finds or builds what a sandbox needs. The first run takes minutes, a later one no time: all of
 * it lies in the cache, keyed by its pins.
 *
 * @throws EmulatorError that says what to do: Go missing or too old, no network, a full disk.
 */
export async function ensureTools(report: Report, wanted: Wanted = {}): Promise<Tools> {
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
  };
  const envoy = ensureEnvoy((detail) => steps.envoy(detail, 0)).finally(() =>
    steps.envoy("ready", 1),
  );
  // Side by side: what one of them fetches or links leaves a processor to the other. Both take about as long.
  const [pulumi, [cluster, dataplane]] = await settle([
    ensureEngine(steps.pulumi, steps.plugin),
    ensureBuilt(steps.cluster, steps.dataplane),
  ]);
  return {
    pulumi: pulumi.path,
    bin: join(cluster, "bin"),
    dataplane,
    envoy: await envoy,
    curl: findCurl(),
    charts: join(cluster, "charts"),
    gatewayApi: join(cluster, "gateway-api"),
    kwokStages: stageFiles(cluster),
    versions: { pulumi: pulumi.version, ...clusterVersions() },
  };
}

// The first that fails is told; the other is waited for, so that its work is not lost.
async function settle<A, B>([a, b]: [Promise<A>, Promise<B>]): Promise<[A, B]> {
  await Promise.allSettled([a, b]);
  return Promise.all([a, b]);
}

// One after the other: they are made of the same libraries, which are compiled once.
async function ensureBuilt(control: Step, data: Step): Promise<[cluster: string, data: string]> {
  const cluster = await ensureCluster(control);
  const dataplane = await ensureDataPlane(data);
  data("ready", 1);
  return [cluster, dataplane];
}

// One after the other: side by side with the control plane they would want twice the memory and no less time.
async function ensureEngine(cliStep: Step, pluginStep: Step | undefined): Promise<PulumiCli> {
  const cli = await ensurePulumi(cliStep);
  // Only built: discovery finds it in the cache. Tools are the same for all who ask, or the daemon is replaced.
  if (pluginStep) await ensureKubernetesPlugin(pluginStep);
  return cli;
}

async function ensureCluster(step: Step): Promise<string> {
  const name = `control-plane-${cacheKey(clusterInputs())}`;
  const folder = await cached(
    cacheDir,
    name,
    (unfinished) => buildCluster(unfinished, step),
    (holder) => step(`waiting for ${holder}, which builds it`, 0),
  );
  step("ready", 1);
  return folder;
}

async function ensurePulumi(step: Step): Promise<PulumiCli> {
  const cli = await findOrMakePulumi(step);
  step("ready", 1);
  return cli;
}

async function findOrMakePulumi(step: Step): Promise<PulumiCli> {
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
    (holder) => step(`waiting for ${holder}, which builds it`, 0),
  );
  return built;
}
