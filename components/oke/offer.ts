import { compareVersions, istioSupports, minorOf } from "../compatibility.js";
import { newest, parseImage, releaseOf } from "./image.js";
import type { Image, Source } from "./image.js";
import { imageMissing, istioMismatch, nothingListed, versionMissing } from "./offer-errors.js";

/** What OKE offers in a compartment, in no order. */
export interface Offer {
  compartmentId: string;
  /** Versions for control planes: `v1.36.1`. */
  controlPlanes: readonly string[];
  /** Versions for workers. */
  workers: readonly string[];
  sources: readonly Source[];
}

/** What the stack already has. */
export interface Running {
  controlPlane: string;
  /** Absent where OKE does not say. */
  clusterType?: "basic" | "enhanced";
  /** Versions that OKE would upgrade this control plane to; empty where it does not say. */
  upgrades: readonly string[];
  pool?: { kubernetes: string; imageId: string; imageName?: string };
}

/** What configuration says; undefined: open. */
export interface Wanted {
  os: string;
  istio: string;
  kubernetesVersion?: string;
  imageId?: string;
}

/** The pair of versions and the image to register. */
export interface Choice {
  controlPlane: string;
  worker: string;
  imageId: string;
  /** Configuration leaves it open: what the resource has stays. */
  keepControlPlane: boolean;
  keepWorker: boolean;
  /** Sentences for the person who runs Pulumi. */
  warnings: string[];
}

/** The kubelet refuses cgroup v1, which Oracle Linux 7 has, from here on: https://kubernetes.io/docs/concepts/architecture/cgroups/ */
export const firstMinorWithoutCgroupV1 = 35;

/** How far workers may be behind their control plane: https://docs.oracle.com/en-us/iaas/Content/ContEng/Concepts/contengaboutupgradingclusters.htm */
const minorsBehind = 3;

/** Oracle advises against workers of these: https://docs.oracle.com/en-us/iaas/Content/ContEng/known-issues.htm */
const unfitForWorkers = ["v1.34.1"];

/**
 * Versions and image of the stack. What configuration names is followed; what it leaves open is kept where the
 * stack runs already, and otherwise the newest that fits together.
 *
 * @throws pulumi.RunError that lists what is offered and the one command that goes on.
 */
export function choose(offer: Offer, wanted: Wanted, running?: Running): Choice {
  const open = wanted.kubernetesVersion === undefined;
  if (open && running) {
    if (!istioSupports(wanted.istio, running.controlPlane)) {
      throw istioMismatch(wanted.istio, running.controlPlane, running.upgrades);
    }
    return withWorker(running.controlPlane, offer, wanted, running);
  }
  if (offer.controlPlanes.length === 0) throw nothingListed("Kubernetes versions", offer);

  if (wanted.kubernetesVersion !== undefined) {
    const named = wanted.kubernetesVersion;
    const reachable = running?.upgrades.length ? running.upgrades : offer.controlPlanes;
    const allowed = running
      ? reachable.filter((v) => compareVersions(v, running.controlPlane) > 0)
      : reachable;
    if (named !== running?.controlPlane && !allowed.includes(named)) {
      throw versionMissing(
        named,
        allowed.filter((v) => istioSupports(wanted.istio, v)),
        running?.controlPlane,
      );
    }
    return withWorker(named, offer, wanted, running);
  }

  const candidates = descending(offer.controlPlanes).filter((v) => istioSupports(wanted.istio, v));
  for (const platform of [false, true]) {
    for (const controlPlane of candidates) {
      const worker = bestWorker(controlPlane, offer, wanted, platform);
      if (worker || wanted.imageId) return withWorker(controlPlane, offer, wanted);
    }
  }
  if (offer.sources.length === 0) throw nothingListed("worker images", offer);
  throw imageMissing(offer, wanted, candidates, (os) =>
    alternatives(candidates, offer, { ...wanted, os }),
  );
}

function withWorker(controlPlane: string, offer: Offer, wanted: Wanted, running?: Running): Choice {
  const pool = running?.pool;
  const base = { controlPlane, keepControlPlane: wanted.kubernetesVersion === undefined };
  if (wanted.imageId !== undefined) {
    const source = offer.sources.find(({ imageId }) => imageId === wanted.imageId);
    const kept = pool?.imageId === wanted.imageId ? pool.kubernetes : undefined;
    const worker = (source && parseImage(source)?.kubernetes) ?? kept ?? controlPlane;
    return { ...base, worker, imageId: wanted.imageId, keepWorker: false, warnings: [] };
  }
  const sameRelease = pool && (!pool.imageName || releaseOf(pool.imageName) === wanted.os);
  const best =
    bestWorker(controlPlane, offer, wanted, false) ?? bestWorker(controlPlane, offer, wanted, true);
  // A newer image, or one that is offered no longer, is no reason to touch workers that are as configured.
  const upToDate =
    sameRelease &&
    (base.keepControlPlane || !best || compareVersions(pool.kubernetes, best.worker) >= 0);
  if (upToDate) {
    return {
      ...base,
      worker: pool.kubernetes,
      imageId: pool.imageId,
      keepWorker: true,
      warnings: [],
    };
  }
  if (!best) {
    if (offer.sources.length === 0) throw nothingListed("worker images", offer);
    throw imageMissing(offer, wanted, [controlPlane], (os) =>
      alternatives([controlPlane], offer, { ...wanted, os }),
    );
  }
  const { worker, image } = best;
  const warnings = image.kubernetes
    ? []
    : [
        `Oracle Linux ${wanted.os} has no OKE image for the offered versions: the platform image ${image.name} is taken, on which OKE installs Kubernetes ${worker} at first boot. Workers take longer to join.`,
      ];
  // A running pool of another release follows the configuration; a new one is chosen once.
  const keepWorker = base.keepControlPlane && pool === undefined;
  return { ...base, worker, imageId: image.id, keepWorker, warnings };
}

interface Worker {
  worker: string;
  image: Image;
}

/** The newest worker version that goes with the control plane and has an image of the release. */
function bestWorker(
  controlPlane: string,
  offer: Offer,
  { os, istio }: Wanted,
  platform: boolean,
): Worker | undefined {
  const images = offer.sources
    .flatMap((source) => parseImage(source) ?? [])
    .filter((i) => i.os === os);
  const versions = descending(offer.workers).filter(
    (version) =>
      compareVersions(version, controlPlane) <= 0 &&
      minorOf(controlPlane) - minorOf(version) <= minorsBehind &&
      istioSupports(istio, version) &&
      !unfitForWorkers.includes(version) &&
      (!platform || minorOf(version) < firstMinorWithoutCgroupV1) &&
      (!os.startsWith("7.") || minorOf(version) < firstMinorWithoutCgroupV1),
  );
  for (const worker of versions) {
    const image = newest(
      images.filter(({ kubernetes }) => (platform ? !kubernetes : kubernetes === worker)),
    );
    if (image) return { worker, image };
  }
  return undefined;
}

/** Whether another release would do. */
function alternatives(controlPlanes: readonly string[], offer: Offer, wanted: Wanted): boolean {
  return controlPlanes.some((version) => bestWorker(version, offer, wanted, false));
}

function descending(versions: readonly string[]): string[] {
  return [...versions].sort((a, b) => compareVersions(b, a));
}
