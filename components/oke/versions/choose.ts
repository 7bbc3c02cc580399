import semver from "semver";

import { istioSupports } from "../../mesh/compatibility.js";
import {
  imageMissing,
  imageUnfit,
  istioMismatch,
  nothingListed,
  onPlatformImage,
  versionMissing,
  workersBehind,
} from "./errors.js";
import { releaseOf } from "./image.js";
import type { Choice, Offer, RunningCluster, Wanted, Worker } from "./types.js";
import { imageOrigins, newestWorker, versionSkew, workerOnImage } from "./workers.js";

/**
 * The versions and the image of the stack's cluster, in one of three ways: follow the configuration, keep what runs,
 * or choose the newest that fits together.
 *
 * @throws pulumi.RunError that lists what is offered and the next command.
 */
export function choose(offer: Offer, wanted: Wanted, running?: RunningCluster): Choice {
  if (wanted.kubernetesVersion !== undefined) {
    return followConfiguration(wanted.kubernetesVersion, offer, wanted, running);
  }
  return running ? keepWhatRuns(offer, wanted, running) : chooseNewest(offer, wanted);
}

function followConfiguration(
  version: string,
  offer: Offer,
  wanted: Wanted,
  running?: RunningCluster,
): Choice {
  if (offer.controlPlanes.length === 0) throw nothingListed("Kubernetes versions", offer);
  const reachable = running?.upgrades.length ? running.upgrades : offer.controlPlanes;
  const allowed = running
    ? reachable.filter((offered) => semver.gt(offered, running.controlPlane))
    : reachable;
  if (version !== running?.controlPlane && !allowed.includes(version)) {
    const supported = allowed.filter((offered) => istioSupports(wanted.istio, offered));
    throw versionMissing(version, supported, running?.controlPlane);
  }
  return withWorkers(version, offer, wanted, running);
}

function keepWhatRuns(offer: Offer, wanted: Wanted, running: RunningCluster): Choice {
  const { controlPlane, upgrades } = running;
  if (!istioSupports(wanted.istio, controlPlane)) {
    throw istioMismatch(wanted.istio, controlPlane, upgrades);
  }
  return withWorkers(controlPlane, offer, wanted, running);
}

function chooseNewest(offer: Offer, wanted: Wanted): Choice {
  if (offer.controlPlanes.length === 0) throw nothingListed("Kubernetes versions", offer);
  const candidates = semver
    .rsort([...offer.controlPlanes])
    .filter((version) => istioSupports(wanted.istio, version));
  const [newest] = candidates;
  if (wanted.imageId !== undefined && newest !== undefined) {
    const fitting = candidates.flatMap((controlPlane) => {
      const found = workerOnImage(controlPlane, offer, wanted);
      return "worker" in found ? [{ controlPlane, unproven: found.unproven }] : [];
    });
    const best = fitting.find(({ unproven }) => !unproven) ?? fitting[0];
    return withWorkers(best?.controlPlane ?? newest, offer, wanted);
  }
  // A better origin of the image outweighs a newer control plane.
  for (const origin of imageOrigins) {
    const best = candidates.find((version) => newestWorker(version, offer, wanted, origin));
    if (best) return withWorkers(best, offer, wanted);
  }
  throw noImage(candidates, offer, wanted);
}

/** The part of a choice that follows from the control plane. */
type WithoutWorkers = Omit<Choice, "worker" | "imageId" | "keepWorker">;

/** Completes a choice by the workers: on the configured image, as they run, or the newest. */
function withWorkers(
  controlPlane: string,
  offer: Offer,
  wanted: Wanted,
  running?: RunningCluster,
): Choice {
  const base: WithoutWorkers = {
    controlPlane,
    keepControlPlane: wanted.kubernetesVersion === undefined,
    chosenFor: controlPlane,
    warnings: [],
  };
  if (wanted.imageId !== undefined) {
    const found = workerOnImage(controlPlane, offer, wanted, running?.pool);
    if ("why" in found) throw imageUnfit(offer, wanted.imageId, controlPlane, found.why);
    return { ...base, worker: found.worker, imageId: wanted.imageId, keepWorker: false };
  }
  const [best] = imageOrigins.flatMap(
    (origin) => newestWorker(controlPlane, offer, wanted, origin) ?? [],
  );
  const kept = running && keepWorkers(base, running, best, wanted.os);
  if (kept) return kept;
  if (!best) throw noImage([controlPlane], offer, wanted);
  const { worker, image } = best;
  return {
    ...base,
    worker,
    imageId: image.id,
    // A pool that changes to another release follows the configuration; a new pool gets its choice once.
    keepWorker: base.keepControlPlane && running?.pool === undefined,
    warnings: image.kubernetes
      ? []
      : [onPlatformImage(best, offer, hasImageOf([controlPlane], offer, wanted))],
  };
}

/** The choice that keeps the running workers; undefined if there are none or they must change. */
function keepWorkers(
  base: WithoutWorkers,
  running: RunningCluster,
  best: Worker | undefined,
  os: string,
): Choice | undefined {
  const { pool } = running;
  if (!pool || (pool.imageName && releaseOf(pool.imageName) !== os)) return undefined;
  const { controlPlane } = base;
  const kept = { ...base, worker: pool.kubernetes, imageId: pool.imageId, keepWorker: true };
  // A newer image, or one that is no longer offered, does not change workers that match the configuration.
  if (base.keepControlPlane || !best) return { ...kept, chosenFor: pool.chosenFor };
  if (semver.gte(pool.kubernetes, best.worker)) return kept;
  if (versionSkew(pool.kubernetes, controlPlane)) return undefined;
  if (pool.chosenFor === controlPlane) return kept;
  // Either an upgrade was interrupted before the workers, or their image was the newest at the time.
  if (pool.chosenFor === undefined && controlPlane === running.controlPlane) {
    const warnings = [workersBehind(pool.kubernetes, controlPlane, best)];
    return { ...kept, chosenFor: undefined, warnings };
  }
  return undefined;
}

function noImage(controlPlanes: readonly string[], offer: Offer, wanted: Wanted): Error {
  return offer.sources.length === 0
    ? nothingListed("worker images", offer)
    : imageMissing(offer, wanted, controlPlanes, hasImageOf(controlPlanes, offer, wanted));
}

/** Whether another release of Oracle Linux has an OKE image that fits one of the control planes. */
function hasImageOf(controlPlanes: readonly string[], offer: Offer, wanted: Wanted) {
  return (os: string) =>
    controlPlanes.some((version) => newestWorker(version, offer, { ...wanted, os }, "oke"));
}
