import { compareVersions, istioSupports, minorOf } from "../../mesh/compatibility.js";
import { kubernetesOf, newest, parseImage, releaseOf } from "./image.js";
import type { Image } from "./image.js";
import type { Offer, Running, Wanted } from "./choose.js";

/** The kubelet refuses cgroup v1, which Oracle Linux 7 has, from here on: https://kubernetes.io/docs/concepts/architecture/cgroups/ */
const firstMinorWithoutCgroupV1 = 35;

/**
 * The newest minor for which Oracle is known to have made an OKE image of Oracle Linux 7
 * (https://docs.oracle.com/en-us/iaas/Content/ContEng/known-issues.htm names that of 1.33.1).
 */
const lastMinorOfOracleLinux7 = 33;

/** How far workers may be behind their control plane: https://docs.oracle.com/en-us/iaas/Content/ContEng/Concepts/contengaboutupgradingclusters.htm */
const minorsBehind = 3;

/** Oracle advises against workers of these: https://docs.oracle.com/en-us/iaas/Content/ContEng/known-issues.htm */
const unfitForWorkers = ["v1.34.1"];

/** Why workers of that version can't stand behind that control plane; undefined: they can. */
export function outOfStep(version: string, controlPlane: string): string | undefined {
  if (compareVersions(version, controlPlane) > 0) {
    return `workers of ${version} are newer than their control plane`;
  }
  return minorOf(controlPlane) - minorOf(version) > minorsBehind
    ? `workers of ${version} are more than three minors behind`
    : undefined;
}

/** Why workers of that version, on an image of that release, are not to be had; undefined: they are. */
function misfit(
  version: string,
  controlPlane: string,
  {
    istio,
    os,
    platform,
    workers,
  }: Pick<Wanted, "istio" | "os"> & { platform: boolean } & Pick<Offer, "workers">,
): string | undefined {
  const late = minorOf(version) >= firstMinorWithoutCgroupV1;
  const reasons = [
    outOfStep(version, controlPlane),
    !istioSupports(istio, version) && `Istio ${istio} does not support ${version}`,
    unfitForWorkers.includes(version) && `Oracle advises against workers of ${version}`,
    late && platform && "platform images go with workers below 1.35 only",
    late && os.startsWith("7.") && "Oracle Linux 7 goes with workers below 1.35 only",
    !workers.includes(version) && `OKE offers no workers of ${version} any more`,
  ];
  return reasons.find((reason): reason is string => typeof reason === "string");
}

/**
 * Where workers' image is from, the best first: OKE's own for their version; the platform's, on which OKE installs it;
 * the platform's with a version of which nobody is known to have had workers on that release.
 */
export const origins = ["oke", "platform", "untried"] as const;

export type Origin = (typeof origins)[number];

/** Whether no workers of that version are known to run on a platform image of the release. */
export function isUntried(version: string, os: string): boolean {
  return os.startsWith("7.") && minorOf(version) > lastMinorOfOracleLinux7;
}

/** A version for workers, and the image for it. */
export interface Worker {
  worker: string;
  image: Image;
}

/** The newest worker version that goes with the control plane and has an image of the release from there. */
export function bestWorker(
  controlPlane: string,
  offer: Offer,
  { os, istio }: Wanted,
  origin: Origin,
): Worker | undefined {
  const platform = origin !== "oke";
  const images = offer.sources
    .flatMap((source) => parseImage(source) ?? [])
    .filter((i) => i.os === os);
  const demands = { istio, os, platform, workers: offer.workers };
  const versions = descending(offer.workers)
    .filter((version) => !platform || isUntried(version, os) === (origin === "untried"))
    .filter((version) => !misfit(version, controlPlane, demands));
  for (const worker of versions) {
    const image = newest(
      images.filter(({ kubernetes }) => (platform ? !kubernetes : kubernetes === worker)),
    );
    if (image) return { worker, image };
  }
  return undefined;
}

/**
 * The workers' version on the image that configuration names. What its name says is held against the control plane;
 * of an image that OKE does not list nothing is known, and its owner is believed.
 *
 * @returns the version, and whether it is {@link isUntried} on that image; or why there is none.
 */
export function workerOnImage(
  controlPlane: string,
  offer: Offer,
  { istio, imageId }: Wanted,
  pool: Running["pool"],
): { worker: string; untried?: boolean } | { why: string } {
  const name = offer.sources.find((source) => source.imageId === imageId)?.sourceName;
  if (pool && pool.imageId === imageId) {
    const why = outOfStep(pool.kubernetes, controlPlane);
    return why ? { why: `${name ?? imageId}: ${why}` } : { worker: pool.kubernetes };
  }
  const os = name && releaseOf(name);
  if (!name || !os) return { worker: controlPlane };
  if (name.includes("-aarch64-")) return { why: `${name}: nodes.shape is of x86_64` };
  const made = kubernetesOf(name);
  const demands = { istio, os, platform: !made, workers: offer.workers };
  const versions = made ? [made] : descending(offer.workers);
  const fitting = versions.filter((version) => !misfit(version, controlPlane, demands));
  const untried = (version: string) => !made && isUntried(version, os);
  const worker = fitting.find((version) => !untried(version)) ?? fitting[0];
  if (worker) return { worker, untried: untried(worker) };
  const why = misfit(versions.at(-1) ?? controlPlane, controlPlane, demands);
  return { why: `${name}: ${why ?? "OKE offers no workers"}` };
}

/** Newest first. */
export function descending(versions: readonly string[]): string[] {
  return [...versions].sort((a, b) => compareVersions(b, a));
}
