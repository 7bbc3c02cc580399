import * as oci from "@pulumi/oci";
import * as pulumi from "@pulumi/pulumi";

import { expectOneCluster } from "./oci/one-stack.js";
import { displayName, isOurs } from "./oci/tags.js";
import { toRunningCluster, type RunningCluster } from "./versions/types.js";

/**
 * The stack's cluster and pool as OCI has them, found by their tag.
 *
 * @throws pulumi.RunError where there are several clusters with it.
 */
export async function findRunningCluster(
  compartmentId: string,
): Promise<RunningCluster | undefined> {
  const { clusters } = await oci.containerengine.getClusters({
    compartmentId,
    name: displayName(),
  });
  const ours = (clusters ?? []).filter(({ freeformTags, state }) => isOurs(freeformTags, state));
  expectOneCluster(
    ours.map(({ id }) => id),
    { compartmentId },
  );
  const [cluster] = ours;
  if (!cluster) return undefined;
  const { nodePools } = await oci.containerengine.getNodePools({
    compartmentId,
    clusterId: cluster.id,
  });
  const pool = (nodePools ?? []).find(({ freeformTags, state }) => isOurs(freeformTags, state));
  return toRunningCluster(
    cluster,
    pool && {
      ...pool,
      imageId: pool.nodeSourceDetails?.[0]?.imageId ?? pool.nodeImageId,
      imageName: pool.nodeSources?.[0]?.sourceName ?? pool.nodeImageName,
    },
  );
}

/**
 * Refuses another range for a VCN that stands. To the provider it is a change in place; OCI refuses it while subnets
 * stand in the old range, and to move subnets with workers in them: the preview would look harmless, and the `up` end
 * half-way. https://docs.oracle.com/en-us/iaas/tools/oci-cli/latest/oci_cli_docs/cmdref/network/vcn/modify-vcn-cidr.html
 *
 * @returns OCIDs of the VCNs that bear the stack's tag.
 * @throws pulumi.RunError with the two ways out.
 */
export async function expectVcnRange(compartmentId: string, vcnCidr: string): Promise<string[]> {
  const { virtualNetworks } = await oci.core.getVcns({
    compartmentId,
    displayName: displayName(),
  });
  const ours = (virtualNetworks ?? []).filter(({ freeformTags, state }) =>
    isOurs(freeformTags, state),
  );
  const ranges = ours.flatMap(({ cidrBlocks }) => cidrBlocks);
  if (ranges.length === 0 || ranges.includes(vcnCidr)) return ours.map(({ id }) => id);
  throw new pulumi.RunError(
    [
      `network.vcnCidr = ${vcnCidr}: this stack's VCN has ${ranges.join(", ")}, and OCI moves no subnets that are in use.`,
      `Keep it: pulumi config set --path network.vcnCidr ${ranges[0]}`,
      "Or make everything anew: pulumi destroy, then pulumi up",
    ].join("\n"),
  );
}
