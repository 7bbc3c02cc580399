import { compareVersions, istioSupports } from "../../mesh/compatibility.js";
import { releaseOf } from "./image.js";
import type { Source } from "./image.js";
import {
  behind,
  imageMissing,
  imageUnfit,
  istioMismatch,
  nothingListed,
  onPlatformImage,
  versionMissing,
} from "./errors.js";
import { chosenForTag } from "../oci/tags.js";
import { bestWorker, descending, origins, outOfStep, workerOnImage } from "./workers.js";

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
  pool?: {
    kubernetes: string;
    imageId: string;
    imageName?: string;
    /** The control plane's version that these workers were chosen for; absent where the pool does not say. */
    chosenFor?: string;
  };
}

/** {@link Running} of a cluster and its pool, in whichever way OCI was asked for them. */
export function runningOf(
  cluster: {
    kubernetesVersion: string;
    type?: string;
    availableKubernetesUpgrades?: readonly string[];
  },
  pool:
    | {
        kubernetesVersion: string;
        imageId: string;
        imageName?: string;
        freeformTags?: Readonly<Record<string, string>>;
      }
    | undefined,
): Running {
  return {
    controlPlane: cluster.kubernetesVersion,
    ...(cluster.type && {
      clusterType: cluster.type === "ENHANCED_CLUSTER" ? ("enhanced" as const) : ("basic" as const),
    }),
    upgrades: cluster.availableKubernetesUpgrades ?? [],
    ...(pool && {
      pool: {
        kubernetes: pool.kubernetesVersion,
        imageId: pool.imageId,
        imageName: pool.imageName,
        chosenFor: pool.freeformTags?.[chosenForTag],
      },
    }),
  };
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
  /** What the pool shall say of the control plane's version that its workers were chosen for. */
  chosenFor?: string;
  /** Sentences for the person who runs Pulumi. */
  warnings: string[];
}

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
  const [newest] = candidates;
  if (wanted.imageId !== undefined && newest !== undefined) {
    const fitting = candidates.flatMap((controlPlane) => {
      const found = workerOnImage(controlPlane, offer, wanted, undefined);
      return "worker" in found ? [{ controlPlane, untried: found.untried }] : [];
    });
    const best = fitting.find(({ untried }) => !untried) ?? fitting[0];
    return withWorker(best?.controlPlane ?? newest, offer, wanted);
  }
  for (const origin of origins) {
    for (const controlPlane of candidates) {
      if (bestWorker(controlPlane, offer, wanted, origin))
        return withWorker(controlPlane, offer, wanted);
    }
  }
  if (offer.sources.length === 0) throw nothingListed("worker images", offer);
  throw imageMissing(offer, wanted, candidates, (os) =>
    alternatives(candidates, offer, { ...wanted, os }),
  );
}

function withWorker(controlPlane: string, offer: Offer, wanted: Wanted, running?: Running): Choice {
  const pool = running?.pool;
  const base = {
    controlPlane,
    keepControlPlane: wanted.kubernetesVersion === undefined,
    chosenFor: controlPlane,
    warnings: [],
  };
  if (wanted.imageId !== undefined) {
    const found = workerOnImage(controlPlane, offer, wanted, pool);
    if ("why" in found) throw imageUnfit(offer, wanted.imageId, controlPlane, found.why);
    return { ...base, worker: found.worker, imageId: wanted.imageId, keepWorker: false };
  }
  const [best] = origins.flatMap((origin) => bestWorker(controlPlane, offer, wanted, origin) ?? []);
  if (pool && (!pool.imageName || releaseOf(pool.imageName) === wanted.os)) {
    const worker = pool.kubernetes;
    const kept = { ...base, worker, imageId: pool.imageId, keepWorker: true };
    // A newer image, or one that is offered no longer, is no reason to touch workers that are as configured.
    if (base.keepControlPlane || !best) return { ...kept, chosenFor: pool.chosenFor };
    if (compareVersions(worker, best.worker) >= 0) return kept;
    if (!outOfStep(worker, controlPlane)) {
      if (pool.chosenFor === controlPlane) return kept;
      // Nobody knows whether an upgrade was cut off before them, or their image was the newest at the time.
      if (pool.chosenFor === undefined && controlPlane === running.controlPlane) {
        return { ...kept, chosenFor: undefined, warnings: [behind(worker, controlPlane, best)] };
      }
    }
  }
  if (!best) {
    if (offer.sources.length === 0) throw nothingListed("worker images", offer);
    throw imageMissing(offer, wanted, [controlPlane], (os) =>
      alternatives([controlPlane], offer, { ...wanted, os }),
    );
  }
  const { worker, image } = best;
  const other = (os: string) => alternatives([controlPlane], offer, { ...wanted, os });
  const warnings = image.kubernetes ? [] : [onPlatformImage(best, offer, other)];
  // A running pool of another release follows the configuration; a new one is chosen once.
  const keepWorker = base.keepControlPlane && pool === undefined;
  return { ...base, worker, imageId: image.id, keepWorker, warnings };
}

/** Whether another release would do. */
function alternatives(controlPlanes: readonly string[], offer: Offer, wanted: Wanted): boolean {
  return controlPlanes.some((version) => bestWorker(version, offer, wanted, "oke"));
}
