import * as oci from "@pulumi/oci";
import * as pulumi from "@pulumi/pulumi";

import { Component, createBeforeDelete } from "../resources/component.js";
import { explainFailures } from "../resources/hooks.js";
import { isFlexible } from "./shapes.js";
import type { Cluster } from "./cluster.js";
import { userData } from "./cloud-init.js";
import type { Network } from "./network/network.js";
import { nodePoolAdvice } from "./oci/advice.js";
import { chosenForTag, displayName } from "./oci/tags.js";

/** Inputs of {@link NodePool}. */
export interface NodePoolArgs {
  /** OCID of the compartment. */
  compartmentId: pulumi.Input<string>;
  /** Its control plane changes version before the workers do. */
  cluster: Cluster;
  /** The cluster's network, for the workers' subnet. */
  network: Network;
  /** The cluster's type: `enhanced` cycles workers in place, `basic` replaces a changed pool; not an Input, because it sets `replaceOnChanges`. Default: `basic`. */
  clusterType?: "basic" | "enhanced";
  /** `v1.33.1`: up to three minors behind the control plane. */
  kubernetesVersion: pulumi.Input<string>;
  /** OCID of an image for that version. */
  imageId: pulumi.Input<string>;
  /** Whether the pool keeps the version and image that it has; not an Input, because it sets `ignoreChanges`. Default: false. */
  keepImage?: boolean;
  /** The control plane's version that version and image were chosen for. It becomes a tag, by which a later `up` recognizes an interrupted upgrade. Default: no tag. */
  chosenFor?: string;
  /** Names of the availability domains to spread over; not an Input, because it decides the number of placements. */
  availabilityDomains: readonly string[];
  /** An x86_64 shape; not an Input, because only flexible ones take `ocpus` and `memoryGb`: https://docs.oracle.com/en-us/iaas/Content/Compute/References/computeshapes.htm */
  shape: string;
  /** OCPUs of a flexible shape; Kubernetes sees two CPUs each. */
  ocpus: pulumi.Input<number>;
  /** Memory of a flexible shape in GB. */
  memoryGb: pulumi.Input<number>;
  /** Number of workers. */
  count: pulumi.Input<number>;
  /** Boot volume in GB, 50 or more. */
  bootVolumeGb: pulumi.Input<number>;
  /** Display name. Default: `oke-ambient-mesh-<stack>`, by which the program finds it. */
  displayName?: pulumi.Input<string>;
  /** Freeform tags of the pool and of its workers. */
  freeformTags?: pulumi.Input<Record<string, pulumi.Input<string>>>;
}

/** Inputs that take effect only in new workers. */
const replaceOnBasicCluster = [
  "kubernetesVersion",
  "nodeSourceDetails",
  "nodeShape",
  "nodeShapeConfig",
  "nodeMetadata",
];

/**
 * The workers. A change of version, image or shape replaces them one by one on an enhanced cluster. A basic one can't
 * cycle nodes (https://docs.oracle.com/en-us/iaas/Content/ContEng/Tasks/contengupgradingimageworkernode.htm), so a new
 * pool is created before the old one is deleted. A change of `count` is in place on both.
 *
 * @example
 * const args = { ...settings.nodes, compartmentId, cluster, network, availabilityDomains: ["Uocm:PHX-AD-1"] };
 * new NodePool("nodes", { ...args, kubernetesVersion: "v1.34.2", imageId: "ocid1.image.oc1..…" });
 */
export class NodePool extends Component {
  readonly nodePool: oci.containerengine.NodePool;
  readonly nodePoolId: pulumi.Output<string>;
  readonly kubernetesVersion: pulumi.Output<string>;

  constructor(name: string, args: NodePoolArgs, opts?: pulumi.ComponentResourceOptions) {
    super("oke-ambient-mesh:oke:NodePool", name, opts, [args.cluster]);
    const enhanced = args.clusterType === "enhanced";
    this.nodePool = new oci.containerengine.NodePool(
      `${name}-pool`,
      {
        compartmentId: args.compartmentId,
        clusterId: args.cluster.clusterId,
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
          // All of them, because it is unknown which have capacity for the shape.
          placementConfigs: args.availabilityDomains.map((availabilityDomain) => ({
            availabilityDomain,
            subnetId: args.network.workerSubnetId,
          })),
          nodePoolPodNetworkOptionDetails: { cniType: "FLANNEL_OVERLAY" },
          freeformTags: args.freeformTags,
        },
        nodeMetadata: { user_data: userData() },
        // The default, an hour, is longer than the provider waits: https://docs.oracle.com/en-us/iaas/Content/ContEng/Tasks/contengscalingnodepools.htm
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
      this.childOptions({
        ...createBeforeDelete,
        ignoreChanges: args.keepImage ? ["kubernetesVersion", "nodeSourceDetails.imageId"] : [],
        replaceOnChanges: enhanced ? [] : replaceOnBasicCluster,
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
