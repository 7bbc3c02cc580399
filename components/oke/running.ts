import * as oci from "@pulumi/oci";
import * as pulumi from "@pulumi/pulumi";

import { expectOneCluster } from "./oci/one-stack.js";
import { displayName, isOfStack } from "./oci/tags.js";
import { toRunningCluster, type RunningCluster } from "./versions/types.js";

/**
 * The stack's cluster and pool, found by their tag.
 *
 * @throws pulumi.RunError if several clusters have it.
 */
export async function findRunningCluster(
  compartmentId: string,
): Promise<RunningCluster | undefined> {
  const { clusters } = await oci.containerengine.getClusters({
    compartmentId,
    name: displayName(),
  });
  const ours = (clusters ?? []).filter(({ freeformTags, state }) => isOfStack(freeformTags, state));
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
  const pool = (nodePools ?? []).find(({ freeformTags, state }) => isOfStack(freeformTags, state));
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
 * Refuses another range for an existing VCN. The preview would show an update in place, but OCI refuses it while subnets
 * use the old range, in the middle of the `up`. https://docs.oracle.com/en-us/iaas/tools/oci-cli/latest/oci_cli_docs/cmdref/network/vcn/modify-vcn-cidr.html
 *
 * @returns OCIDs of the VCNs with the stack's tag.
 * @throws pulumi.RunError with both solutions.
 */
export async function expectVcnRange(compartmentId: string, vcnCidr: string): Promise<string[]> {
  const { virtualNetworks } = await oci.core.getVcns({
    compartmentId,
    displayName: displayName(),
  });
  const ours = (virtualNetworks ?? []).filter(({ freeformTags, state }) =>
    isOfStack(freeformTags, state),
  );
  const ranges = ours.flatMap(({ cidrBlocks }) => cidrBlocks);
  if (ranges.length === 0 || ranges.includes(vcnCidr)) return ours.map(({ id }) => id);
  throw new pulumi.RunError(
    [
      `network.vcnCidr = ${vcnCidr}: this stack's VCN has ${ranges.join(", ")}, and OCI can't move subnets that are in use.`,
      `To keep it: pulumi config set --path network.vcnCidr ${ranges[0]}`,
      "To recreate everything: pulumi destroy, then pulumi up",
    ].join("\n"),
  );
}
