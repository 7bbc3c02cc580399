import { chosenForTag } from "../oci/tags.js";
import type { Image, ImageSource } from "./image.js";

/** What OKE offers in a compartment, in no order. */
export interface Offer {
  compartmentId: string;
  /** Versions of the control plane: `v1.36.1`. */
  controlPlanes: readonly string[];
  /** Versions of workers. */
  workers: readonly string[];
  sources: readonly ImageSource[];
}

/** The configured values; undefined for those left open. */
export interface Wanted {
  /** Release of Oracle Linux: `8.10`. */
  os: string;
  /** Version of Istio: `1.31.1`. */
  istio: string;
  kubernetesVersion?: string;
  imageId?: string;
}

/** The stack's cluster as it runs. */
export interface RunningCluster {
  controlPlane: string;
  /** Absent if OKE does not report it. */
  clusterType?: "basic" | "enhanced";
  /** Versions that OKE can upgrade this control plane to; empty if OKE does not report them. */
  upgrades: readonly string[];
  pool?: RunningPool;
}

/** The stack's node pool as it runs. */
export interface RunningPool {
  kubernetes: string;
  imageId: string;
  imageName?: string;
  /** The control plane's version that these workers were chosen for; absent if the pool has no such tag. */
  chosenFor?: string;
}

/** A version for workers, and the image for it. */
export interface Worker {
  worker: string;
  image: Image;
}

/** The versions and the image to register. */
export interface Choice {
  controlPlane: string;
  worker: string;
  imageId: string;
  /** Whether the configuration leaves the version open, so that the cluster keeps the one it has. */
  keepControlPlane: boolean;
  /** The same for the workers' version and image. */
  keepWorker: boolean;
  /** The pool's tag: the control plane's version that its workers were chosen for. */
  chosenFor?: string;
  /** Sentences for the person who runs Pulumi. */
  warnings: string[];
}

/** A {@link RunningCluster} from OCI's answers, which the SDK and the REST API name alike. */
export function toRunningCluster(
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
): RunningCluster {
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
