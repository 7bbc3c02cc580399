import * as oci from "@pulumi/oci";
import * as pulumi from "@pulumi/pulumi";

import { childOptions, newOneFirst } from "../resources/component.js";
import { explainFailures } from "../resources/hooks.js";
import { isFlexible } from "./shapes.js";
import { userData } from "./cloud-init.js";
import { nodePoolAdvice } from "./oci/advice.js";
import { chosenForTag, displayName } from "./oci/tags.js";

/** Inputs of {@link NodePool}. */
export interface NodePoolArgs {
  /** OCID of the compartment. */
  compartmentId: pulumi.Input<string>;
  /** OCID of the cluster. */
  clusterId: pulumi.Input<string>;
  /** Type of the cluster; plain: on `enhanced` workers are cycled in place, on `basic` a changed pool is replaced. Default: `basic`. */
  clusterType?: "basic" | "enhanced";
  /** `v1.33.1`, up to three minors behind the control plane. */
  kubernetesVersion: pulumi.Input<string>;
  /** OCID of the image, one made for that version. */
  imageId: pulumi.Input<string>;
  /** Configuration leaves version and image open, so what the pool has stays; plain: it decides about `ignoreChanges`. Default: false. */
  keepImage?: boolean;
  /** The control plane's version that version and image were chosen for: a tag by which a later `up` tells an upgrade that was cut off from workers that are as they should be. */
  chosenFor?: string;
  /** Names of the availability domains to spread over; plain: they decide the number of placements. */
  availabilityDomains: readonly string[];
  /** OCID of the workers' subnet. */
  subnetId: pulumi.Input<string>;
  /** An x86_64 shape: https://docs.oracle.com/en-us/iaas/Content/Compute/References/computeshapes.htm; plain: only flexible ones take `ocpus` and `memoryGb`. */
  shape: string;
  /** OCPUs of a flexible shape; one is two CPUs to Kubernetes. */
  ocpus: pulumi.Input<number>;
  /** Memory of a flexible shape in GB. */
  memoryGb: pulumi.Input<number>;
  /** Workers in all. */
  count: pulumi.Input<number>;
  /** Boot volume in GB, 50 or more. */
  bootVolumeGb: pulumi.Input<number>;
  /** Display name. Default: `oke-ambient-mesh-<stack>`, by which it is found again. */
  displayName?: pulumi.Input<string>;
  /** Freeform tags of the pool and of its workers. */
  freeformTags?: pulumi.Input<Record<string, pulumi.Input<string>>>;
}

/** What workers only take up when they are made anew. */
const bornWith = [
  "kubernetesVersion",
  "nodeSourceDetails",
  "nodeShape",
  "nodeShapeConfig",
  "nodeMetadata",
];

/**
 * The workers. A change of version, image or shape reaches them in place, one after the other, on an enhanced
 * cluster; on a basic one, which can't cycle nodes
 * (https://docs.oracle.com/en-us/iaas/Content/ContEng/Tasks/contengupgradingimageworkernode.htm), a new pool comes up
 * before the old one goes. A change of `count` is in place on both.
 *
 * `new NodePool("nodes", { …, clusterId: cluster.clusterId, kubernetesVersion, imageId }, { dependsOn: cluster })`:
 * the control plane changes its version before the workers do.
 */
export class NodePool extends pulumi.ComponentResource {
  readonly nodePool: oci.containerengine.NodePool;
  readonly nodePoolId: pulumi.Output<string>;
  readonly kubernetesVersion: pulumi.Output<string>;

  constructor(name: string, args: NodePoolArgs, opts?: pulumi.ComponentResourceOptions) {
    super("oke-ambient-mesh:oke:NodePool", name, {}, opts);
    const enhanced = args.clusterType === "enhanced";
    this.nodePool = new oci.containerengine.NodePool(
      `${name}-pool`,
      {
        compartmentId: args.compartmentId,
        clusterId: args.clusterId,
        name: args.displayName ?? displayName(),
        kubernetesVersion: args.kubernetesVersion,
        nodeShape: args.shape,
        ...(isFlexible(args.shape) && {
          nodeShapeConfig: { ocpus: args.ocpus, memoryInGbs: args.memoryGb },
        }),
        nodeSourceDetails: {
          sourceType: "IMAGE",
          imageId: args.imageId,
          bootVolumeSizeInGbs: pulumi.output(args.bootVolumeGb).apply(String),
        },
        nodeConfigDetails: {
          size: args.count,
          // Every availability domain: which of them has a host for the shape, nobody knows beforehand.
          placementConfigs: args.availabilityDomains.map((availabilityDomain) => ({
            availabilityDomain,
            subnetId: args.subnetId,
          })),
          nodePoolPodNetworkOptionDetails: { cniType: "FLANNEL_OVERLAY" },
          freeformTags: args.freeformTags,
        },
        nodeMetadata: { user_data: userData() },
        // The default of an hour is longer than the provider waits: https://docs.oracle.com/en-us/iaas/Content/ContEng/Tasks/contengscalingnodepools.htm
        nodeEvictionNodePoolSettings: {
          evictionGraceDuration: "PT5M",
          isForceDeleteAfterGraceDuration: true,
          isForceActionAfterGraceDuration: true,
        },
        ...(enhanced && {
          nodePoolCyclingDetails: {
            isNodeCyclingEnabled: true,
            cycleModes: ["INSTANCE_REPLACE"],
            maximumSurge: "1",
            maximumUnavailable: "0",
          },
        }),
        freeformTags: args.chosenFor
          ? pulumi
              .output(args.freeformTags)
              .apply((tags) => ({ ...tags, [chosenForTag]: args.chosenFor ?? "" }))
          : args.freeformTags,
      },
      childOptions(this, opts, {
        ...newOneFirst,
        ignoreChanges: args.keepImage ? ["kubernetesVersion", "nodeSourceDetails.imageId"] : [],
        replaceOnChanges: enhanced ? [] : bornWith,
        hooks: explainFailures(`${name}-failure`, (errors) => nodePoolAdvice(errors, args), this),
        customTimeouts: { create: "40m", update: "90m", delete: "40m" },
      }),
    );
    this.nodePoolId = this.nodePool.id;
    this.kubernetesVersion = this.nodePool.kubernetesVersion;
    this.registerOutputs({
      nodePoolId: this.nodePoolId,
      kubernetesVersion: this.kubernetesVersion,
    });
  }
}
