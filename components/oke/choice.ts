import * as oci from "@pulumi/oci";
import * as pulumi from "@pulumi/pulumi";

import type { Settings } from "../settings.js";
import { explained } from "./errors.js";
import { identityEnvironment } from "./identity-config.js";
import { movesOf } from "./moves.js";
import { choose } from "./offer.js";
import type { Choice, Offer, Running } from "./offer.js";
import { nothingListed, shapeMissing, typeFixed } from "./offer-errors.js";
import { displayName, stackTag, stackTags } from "./tags.js";

/** Everything that has to be known before the first resource of the OKE half is registered. */
export interface OkeChoice extends Choice {
  compartmentId: string;
  /** Names, sorted. */
  availabilityDomains: string[];
  freeformTags: Record<string, string>;
}

/**
 * Asks OKE what it offers and what this stack runs already, and decides on versions and image.
 *
 * @throws pulumi.RunError before anything is registered: nothing offered that fits, an identity that may not look,
 * a private key in configuration.
 */
export async function chooseOke(settings: Settings): Promise<OkeChoice> {
  const { compartmentId, nodes } = settings;
  if (compartmentId === undefined) throw new pulumi.RunError("compartmentId is not set.");
  identityEnvironment();
  const all = { compartmentId, shouldListAllPatchVersions: true };
  const [clusters, pools, domains, running] = await Promise.all([
    asking("list Kubernetes versions", compartmentId, () =>
      oci.containerengine.getClusterOption({ clusterOptionId: "all", ...all }),
    ),
    asking("list worker images", compartmentId, () =>
      oci.containerengine.getNodePoolOption({ nodePoolOptionId: "all", ...all }),
    ),
    asking("list availability domains", compartmentId, () =>
      oci.identity.getAvailabilityDomains({ compartmentId }),
    ),
    asking("list clusters", compartmentId, () => runningHere(compartmentId)),
  ]);
  const offer: Offer = {
    compartmentId,
    controlPlanes: clusters.kubernetesVersions ?? [],
    workers: pools.kubernetesVersions ?? [],
    sources: pools.sources ?? [],
  };
  const availabilityDomains = (domains.availabilityDomains ?? []).map(({ name }) => name).sort();
  if (availabilityDomains.length === 0) throw nothingListed("availability domains", offer);
  if (running?.clusterType === "enhanced" && settings.clusterType === "basic") {
    throw typeFixed(displayName());
  }
  const shapes = pools.shapes ?? [];
  if (!running?.pool && shapes.length > 0 && !shapes.includes(nodes.shape)) {
    throw shapeMissing(nodes.shape, shapes);
  }
  const choice = choose(
    offer,
    {
      os: nodes.os,
      istio: settings.mesh.version,
      kubernetesVersion: settings.kubernetesVersion,
      imageId: nodes.imageId,
    },
    running,
  );
  for (const warning of choice.warnings) await pulumi.log.warn(warning);
  for (const move of movesOf(choice, running, settings.clusterType)) await pulumi.log.info(move);
  return {
    ...choice,
    compartmentId,
    availabilityDomains,
    freeformTags: stackTags(),
  };
}

/** The stack's cluster and pool as OCI has them, found by their tag. */
async function runningHere(compartmentId: string): Promise<Running | undefined> {
  const { clusters } = await oci.containerengine.getClusters({
    compartmentId,
    name: displayName(),
  });
  const cluster = (clusters ?? []).find(({ freeformTags, state }) => isOurs(freeformTags, state));
  if (!cluster) return undefined;
  const { nodePools } = await oci.containerengine.getNodePools({
    compartmentId,
    clusterId: cluster.id,
  });
  const pool = (nodePools ?? []).find(({ freeformTags, state }) => isOurs(freeformTags, state));
  return {
    controlPlane: cluster.kubernetesVersion,
    ...(cluster.type && {
      clusterType: cluster.type === "ENHANCED_CLUSTER" ? ("enhanced" as const) : ("basic" as const),
    }),
    upgrades: cluster.availableKubernetesUpgrades ?? [],
    ...(pool && {
      pool: {
        kubernetes: pool.kubernetesVersion,
        imageId: pool.nodeSourceDetails?.[0]?.imageId ?? pool.nodeImageId,
        imageName: pool.nodeSources?.[0]?.sourceName ?? pool.nodeImageName,
      },
    }),
  };
}

const isOurs = (tags: Record<string, string> | undefined, state: string) =>
  tags?.[stackTag] === pulumi.getStack() && !["DELETING", "DELETED", "FAILED"].includes(state);

async function asking<T>(what: string, compartmentId: string, ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    throw explained(error, { what, compartmentId });
  }
}
