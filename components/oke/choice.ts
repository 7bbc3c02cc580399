import * as oci from "@pulumi/oci";
import * as pulumi from "@pulumi/pulumi";

import { asking } from "./oci/errors.js";
import { allServices } from "./network/gateways.js";
import type { Services } from "./network/gateways.js";
import { identityEnvironment } from "./oci/identity-environment.js";
import { expectVcnRange, findRunningCluster } from "./running.js";
import { shapeMissing } from "./shapes.js";
import { choose } from "./versions/choose.js";
import { nothingListed } from "./versions/errors.js";
import type { Choice, Offer, Wanted } from "./versions/types.js";
import { describeUpgrade } from "./versions/upgrade.js";
import { displayName, stackTags } from "./oci/tags.js";

/** The configuration of a cluster on OKE. */
export interface OkeRequest extends Wanted {
  /** OCID. */
  compartmentId?: string;
  clusterType: "basic" | "enhanced";
  /** The VCN's range, `10.0.0.0/16`. */
  vcnCidr: string;
  /** The workers' shape. */
  shape: string;
}

/** Facts that the program needs before it registers the first resource on OKE. */
export interface OkeChoice extends Choice {
  compartmentId: string;
  /** Names, sorted. */
  availabilityDomains: string[];
  /** All of the region's services in the Oracle Services Network. */
  services: Services;
  freeformTags: Record<string, string>;
  /** OCIDs of existing VCNs with the stack's tag. */
  existingVcnIds: string[];
  /** What the stack does not have yet; a basic cluster gets a second pool for another version or image. */
  creates: { network: boolean; cluster: boolean; pool: boolean };
}

/**
 * Asks OKE what it offers and what the stack already runs, and chooses versions and image.
 *
 * @throws pulumi.RunError if nothing offered fits, the existing VCN has another range, the identity lacks
 * permission, or the configuration contains a private key.
 */
export async function chooseOke(request: OkeRequest): Promise<OkeChoice> {
  const { compartmentId, clusterType, shape, vcnCidr } = request;
  if (compartmentId === undefined) throw new pulumi.RunError("compartmentId is not set.");
  identityEnvironment();
  const all = { compartmentId, shouldListAllPatchVersions: true };
  const [clusters, pools, domains, services, running, existingVcnIds] = await Promise.all([
    asking("list Kubernetes versions", compartmentId, () =>
      oci.containerengine.getClusterOption({ clusterOptionId: "all", ...all }),
    ),
    asking("list worker images", compartmentId, () =>
      oci.containerengine.getNodePoolOption({ nodePoolOptionId: "all", ...all }),
    ),
    asking("list availability domains", compartmentId, () =>
      oci.identity.getAvailabilityDomains({ compartmentId }),
    ),
    asking("list Oracle's services for the network", compartmentId, () => oci.core.getServices({})),
    asking("list clusters", compartmentId, () => findRunningCluster(compartmentId)),
    asking("list networks", compartmentId, () => expectVcnRange(compartmentId, vcnCidr)),
  ]);
  const offer: Offer = {
    compartmentId,
    controlPlanes: clusters.kubernetesVersions ?? [],
    workers: pools.kubernetesVersions ?? [],
    sources: pools.sources ?? [],
  };
  const availabilityDomains = (domains.availabilityDomains ?? []).map(({ name }) => name).sort();
  if (availabilityDomains.length === 0) throw nothingListed("availability domains", offer);
  if (running?.clusterType === "enhanced" && clusterType === "basic") {
    throw new pulumi.RunError(
      `clusterType = basic: ${displayName()} is enhanced, and OKE never changes an enhanced cluster back to basic.\nNext: pulumi config set clusterType enhanced`,
    );
  }
  const shapes = pools.shapes ?? [];
  if (!running?.pool && shapes.length > 0 && !shapes.includes(shape)) {
    throw shapeMissing(shape, shapes);
  }
  const choice = choose(offer, request, running);
  for (const warning of choice.warnings) await pulumi.log.warn(warning);
  for (const step of describeUpgrade(choice, running, clusterType)) await pulumi.log.info(step);
  return {
    ...choice,
    compartmentId,
    availabilityDomains,
    services: allServices(services.services),
    freeformTags: stackTags(),
    existingVcnIds,
    creates: {
      network: existingVcnIds.length === 0,
      cluster: !running,
      pool:
        !running?.pool ||
        (clusterType === "basic" &&
          (running.pool.kubernetes !== choice.worker || running.pool.imageId !== choice.imageId)),
    },
  };
}
