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
import {
  type PulumiCli,
  buildPulumi,
  findPulumi,
  installPulumi,
  pinnedPulumi,
  pulumiInputs,
  sdkVersion,
} from "./pulumi.js";

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

/**
 * Finds or builds what a sandbox needs. The first run takes minutes, a later one no time: all of
 * it lies in the cache, keyed by its pins.
 *
 * @throws SandboxError that says what to do: Go missing or too old, no network, a full disk.
 */
export async function ensureTools(report: Report, _wanted = {}): Promise<Tools> {
  mkdirSync(cacheDir, { recursive: true });
  const progress = new Shares(report);
  const envoyStep = progress.share("Envoy", 0.05);
  const envoy = ensureEnvoy((detail) => envoyStep(detail, 0)).finally(() => envoyStep("ready", 1));
  // Side by side: what one of them fetches or links leaves a processor to the other.
  const [pulumi, [cluster, dataplane]] = await settle([
    ensurePulumi(progress.share("Pulumi CLI", 0.3)),
    ensureBuilt(progress.share("control plane", 0.6), progress.share("data plane", 0.05)),
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

/** Several pieces of work as one line: what each does, and how far they are together. */
class Shares {
  private readonly parts: { title: string; weight: number; detail: string; fraction: number }[] =
    [];

  constructor(private readonly report: Report) {}

  share(title: string, weight: number): Step {
    const part = { title, weight, detail: "", fraction: 0 };
    this.parts.push(part);
    return (detail, fraction) => {
      Object.assign(part, { detail, fraction: Math.max(part.fraction, fraction) });
      const open = this.parts.filter((one) => one.fraction < 1 && one.detail);
      this.report({
        step: "Tools",
        detail: open.map((one) => `${one.title}: ${one.detail}`).join("; ") || "ready",
        fraction: this.parts.reduce((sum, one) => sum + one.weight * one.fraction, 0),
      });
    };
  }
}
