import semver from "semver";

import { istioSupports, minorOf } from "../../mesh/compatibility.js";
import { kubernetesOf, newestImage, parseImage, releaseOf } from "./image.js";
import type { Offer, RunningPool, Wanted, Worker } from "./types.js";

/** From this minor on, the kubelet refuses cgroup v1, which Oracle Linux 7 uses: https://kubernetes.io/docs/concepts/architecture/cgroups/ */
const firstMinorWithoutCgroupV1 = 35;

/**
 * The newest minor for which Oracle is known to have made an OKE image of Oracle Linux 7
 * (https://docs.oracle.com/en-us/iaas/Content/ContEng/known-issues.htm names that of 1.33.1).
 */
const lastMinorOfOracleLinux7 = 33;

/** Minors that workers may be behind their control plane: https://docs.oracle.com/en-us/iaas/Content/ContEng/Concepts/contengaboutupgradingclusters.htm */
const maxMinorsBehind = 3;

/** Versions that Oracle advises against for workers: https://docs.oracle.com/en-us/iaas/Content/ContEng/known-issues.htm */
const unsuitableVersions = ["v1.34.1"];

/**
 * Where the workers' image comes from, the best first: made by OKE for their version; a platform image, on which OKE
 * installs it; a platform image with a version that is not known to run on that release.
 */
export const imageOrigins = ["oke", "platform", "unproven"] as const;

export type ImageOrigin = (typeof imageOrigins)[number];

/** Why workers of that version can't join that control plane; undefined: they can. */
export function versionSkew(version: string, controlPlane: string): string | undefined {
  if (semver.gt(version, controlPlane)) {
    return `workers of ${version} are newer than their control plane`;
  }
  return minorOf(controlPlane) - minorOf(version) > maxMinorsBehind
    ? `workers of ${version} are more than three minors behind`
    : undefined;
}

/** Whether no workers of that version are known to run on a platform image of the release. */
export function isUnproven(version: string, os: string): boolean {
  return os.startsWith("7.") && minorOf(version) > lastMinorOfOracleLinux7;
}

/** The newest worker version that fits the control plane and has an image of the release from that origin. */
export function newestWorker(
  controlPlane: string,
  offer: Offer,
  { os, istio }: Wanted,
  origin: ImageOrigin,
): Worker | undefined {
  const platform = origin !== "oke";
  const images = offer.sources
    .flatMap((source) => parseImage(source) ?? [])
    .filter((image) => image.os === os);
  const constraints = { istio, os, platform, offered: offer.workers };
  const versions = semver
    .rsort([...offer.workers])
    .filter((version) => !platform || isUnproven(version, os) === (origin === "unproven"))
    .filter((version) => !whyUnsuitable(version, controlPlane, constraints));
  for (const worker of versions) {
    const image = newestImage(
      images.filter(({ kubernetes }) => (platform ? !kubernetes : kubernetes === worker)),
    );
    if (image) return { worker, image };
  }
  return undefined;
}

/**
 * The version of workers on the image that the configuration names. The image's name must fit the control plane; an
 * image that OKE does not list is accepted unchecked.
 *
 * @returns the version, and whether it is {@link isUnproven} on that image; or why there is none.
 */
export function workerOnImage(
  controlPlane: string,
  offer: Offer,
  { istio, imageId }: Wanted,
  pool?: RunningPool,
): { worker: string; unproven?: boolean } | { why: string } {
  const name = offer.sources.find((source) => source.imageId === imageId)?.sourceName;
  if (pool && pool.imageId === imageId) {
    const why = versionSkew(pool.kubernetes, controlPlane);
    return why ? { why: `${name ?? imageId}: ${why}` } : { worker: pool.kubernetes };
  }
  const os = name && releaseOf(name);
  if (!name || !os) return { worker: controlPlane };
  if (name.includes("-aarch64-")) return { why: `${name}: nodes.shape is x86_64` };
  const made = kubernetesOf(name);
  const constraints = { istio, os, platform: !made, offered: offer.workers };
  const versions = made ? [made] : semver.rsort([...offer.workers]);
  const fitting = versions.filter((version) => !whyUnsuitable(version, controlPlane, constraints));
  const unproven = (version: string) => !made && isUnproven(version, os);
  const worker = fitting.find((version) => !unproven(version)) ?? fitting[0];
  if (worker) return { worker, unproven: unproven(worker) };
  const why = whyUnsuitable(versions.at(-1) ?? controlPlane, controlPlane, constraints);
  return { why: `${name}: ${why ?? "OKE offers no workers"}` };
}

interface Constraints {
  istio: string;
  os: string;
  /** Whether the image is a platform image rather than OKE's own. */
  platform: boolean;
  /** Versions of workers that OKE offers. */
  offered: readonly string[];
}

/** Why workers of that version can't run on an image of that kind; undefined: they can. */
function whyUnsuitable(
  version: string,
  controlPlane: string,
  { istio, os, platform, offered }: Constraints,
): string | undefined {
  const needsCgroupV2 = minorOf(version) >= firstMinorWithoutCgroupV1;
  const reasons = [
    versionSkew(version, controlPlane),
    !istioSupports(istio, version) && `Istio ${istio} does not support ${version}`,
    unsuitableVersions.includes(version) && `Oracle advises against workers of ${version}`,
    needsCgroupV2 && platform && "platform images support only workers below 1.35",
    needsCgroupV2 && os.startsWith("7.") && "Oracle Linux 7 supports only workers below 1.35",
    !offered.includes(version) && `OKE no longer offers workers of ${version}`,
  ];
  return reasons.find((reason): reason is string => typeof reason === "string");
}
