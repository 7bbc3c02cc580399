import * as oci from "@pulumi/oci";
import * as pulumi from "@pulumi/pulumi";

import { Component, createBeforeDelete } from "../resources/component.js";
import { explainFailures } from "../resources/hooks.js";
import { podsCidr, servicesCidr } from "./network/cidr.js";
import type { Network } from "./network/network.js";
import { askingCluster } from "./oci/errors.js";
import { ociAdvice } from "./oci/advice.js";
import { identityEnvironment } from "./oci/identity-environment.js";
import { forTokenHelper } from "./token/kubeconfig.js";
import { displayName, withExpiry } from "./oci/tags.js";

/** Inputs of {@link Cluster}. */
export interface ClusterArgs {
  /** OCID of the compartment. */
  compartmentId: pulumi.Input<string>;
  /** A version that OKE offers: `v1.34.2`. */
  kubernetesVersion: pulumi.Input<string>;
  /** Whether the cluster keeps the version that it has; not an Input, because it sets `ignoreChanges`. Default: false. */
  keepVersion?: boolean;
  /** `enhanced` adds node cycling and costs by the hour: https://www.oracle.com/cloud/cloud-native/kubernetes-engine/pricing/. Default: `basic`. */
  clusterType?: pulumi.Input<"basic" | "enhanced">;
  /** All of it is created before the cluster and deleted after it, so that the API server stays reachable. */
  network: Network;
  /** Display name. Default: `oke-ambient-mesh-<stack>`, by which the program finds it. */
  displayName?: pulumi.Input<string>;
  /** Freeform tags of the cluster. */
  freeformTags?: pulumi.Input<Record<string, pulumi.Input<string>>>;
  /** When the environment may be destroyed, as a tag too: ISO 8601 with its zone. Default: no tag. */
  expiresAt?: pulumi.Input<string | undefined>;
}

const types = { basic: "BASIC_CLUSTER", enhanced: "ENHANCED_CLUSTER" } as const;

/**
 * An OKE cluster with flannel's overlay and a public API endpoint.
 *
 * @example
 * const args = { compartmentId: "ocid1.compartment.oc1..…", kubernetesVersion: "v1.34.2", network };
 * const { clusterId, kubeconfig } = new Cluster("cluster", args);
 */
export class Cluster extends Component {
  /** The OKE cluster itself, for `deletedWith`. */
  readonly cluster: oci.containerengine.Cluster;
  readonly clusterId: pulumi.Output<string>;
  readonly kubernetesVersion: pulumi.Output<string>;
  /** Oracle's kubeconfig, which runs the `oci` command. Secret. */
  readonly kubeconfig: pulumi.Output<string>;
  /** The same, with this package's token helper instead of the `oci` command. Secret. */
  readonly providerKubeconfig: pulumi.Output<string>;

  constructor(name: string, args: ClusterArgs, opts?: pulumi.ComponentResourceOptions) {
    const { network } = args;
    super("oke-ambient-mesh:oke:Cluster", name, opts, [network]);
    const environment = identityEnvironment();
    this.cluster = new oci.containerengine.Cluster(
      `${name}-cluster`,
      {
        compartmentId: args.compartmentId,
        name: args.displayName ?? displayName(),
        kubernetesVersion: args.kubernetesVersion,
        type: pulumi.output(args.clusterType ?? "basic").apply((type) => types[type]),
        vcnId: network.vcnId,
        // A change of any of these replaces the cluster, and so could a change of Oracle's defaults for them.
        clusterPodNetworkOptions: [{ cniType: "FLANNEL_OVERLAY" }],
        endpointConfig: { subnetId: network.apiSubnetId, isPublicIpEnabled: true },
        options: {
          kubernetesNetworkConfig: { podsCidr, servicesCidr },
          serviceLbSubnetIds: [network.loadBalancerSubnetId],
        },
        freeformTags: withExpiry(args.freeformTags, args.expiresAt),
      },
      this.childOptions({
        ...createBeforeDelete,
        ignoreChanges: args.keepVersion ? ["kubernetesVersion"] : [],
        hooks: explainFailures(`${name}-failure`, ociAdvice("the cluster"), this),
        customTimeouts: { create: "40m", update: "60m", delete: "40m" },
      }),
    );
    this.clusterId = this.cluster.id;
    this.kubernetesVersion = this.cluster.kubernetesVersion;
    // By ID only: as a function of the whole cluster it would be unknown in every preview that updates the cluster.
    this.kubeconfig = pulumi.secret(
      this.clusterId.apply(
        async (clusterId) =>
          (
            await askingCluster(clusterId, () =>
              oci.containerengine.getClusterKubeConfig(
                { clusterId, endpoint: "PUBLIC_ENDPOINT", tokenVersion: "2.0.0" },
                { parent: this },
              ),
            )
          ).content,
      ),
    );
    this.providerKubeconfig = pulumi
      .all([this.kubeconfig, this.clusterId])
      .apply(([kubeconfig, clusterId]) => forTokenHelper(kubeconfig, { clusterId, environment }));
    this.registerOutputs({
      clusterId: this.clusterId,
      kubernetesVersion: this.kubernetesVersion,
      kubeconfig: this.kubeconfig,
    });
  }
}
