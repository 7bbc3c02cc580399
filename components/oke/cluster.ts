import * as oci from "@pulumi/oci";
import * as pulumi from "@pulumi/pulumi";

import { childOptions, newOneFirst } from "../resources/component.js";
import { explainFailures } from "../resources/hooks.js";
import { podsCidr, servicesCidr } from "./network/cidr.js";
import { askingCluster } from "./oci/errors.js";
import { ociAdvice } from "./oci/advice.js";
import { identityEnvironment } from "./oci/identity-environment.js";
import { forTokenHelper } from "./token/kubeconfig.js";
import { displayName } from "./oci/tags.js";

/** Inputs of {@link Cluster}. */
export interface ClusterArgs {
  /** OCID of the compartment. */
  compartmentId: pulumi.Input<string>;
  /** `v1.34.2`, one that OKE offers. */
  kubernetesVersion: pulumi.Input<string>;
  /** Configuration leaves the version open, so what the cluster has stays; plain: it decides about `ignoreChanges`. Default: false. */
  keepVersion?: boolean;
  /** `enhanced` adds node cycling and costs by the hour: https://www.oracle.com/cloud/cloud-native/kubernetes-engine/pricing/. Default: `basic`. */
  clusterType?: pulumi.Input<"basic" | "enhanced">;
  /** OCID of the VCN. */
  vcnId: pulumi.Input<string>;
  /** OCID of the public subnet of the API endpoint. */
  apiSubnetId: pulumi.Input<string>;
  /** OCID of the subnet in which Kubernetes puts load balancers; another one replaces the cluster. */
  loadBalancerSubnetId: pulumi.Input<string>;
  /** Display name. Default: `oke-ambient-mesh-<stack>`, by which it is found again. */
  displayName?: pulumi.Input<string>;
  /** Freeform tags of the cluster. */
  freeformTags?: pulumi.Input<Record<string, pulumi.Input<string>>>;
}

const types = { basic: "BASIC_CLUSTER", enhanced: "ENHANCED_CLUSTER" } as const;

/**
 * An OKE cluster with flannel's overlay and a public API endpoint.
 *
 * `new Cluster("cluster", { compartmentId, kubernetesVersion, keepVersion, clusterType, vcnId, apiSubnetId,
 * loadBalancerSubnetId, freeformTags }, { dependsOn: network })`: created after every rule of the network and
 * deleted before the first, so that the way to its API is the last to close.
 */
export class Cluster extends pulumi.ComponentResource {
  /** The OKE cluster itself, for `deletedWith`. */
  readonly cluster: oci.containerengine.Cluster;
  readonly clusterId: pulumi.Output<string>;
  readonly kubernetesVersion: pulumi.Output<string>;
  /** Oracle's kubeconfig as it is: it calls the `oci` command. Secret. */
  readonly kubeconfig: pulumi.Output<string>;
  /** The same, with this package's token helper instead of the `oci` command. Secret. */
  readonly providerKubeconfig: pulumi.Output<string>;

  constructor(name: string, args: ClusterArgs, opts?: pulumi.ComponentResourceOptions) {
    super("oke-ambient-mesh:oke:Cluster", name, {}, opts);
    const environment = identityEnvironment();
    this.cluster = new oci.containerengine.Cluster(
      `${name}-cluster`,
      {
        compartmentId: args.compartmentId,
        name: args.displayName ?? displayName(),
        kubernetesVersion: args.kubernetesVersion,
        type: pulumi.output(args.clusterType ?? "basic").apply((type) => types[type]),
        vcnId: args.vcnId,
        // Each of these replaces the cluster when it changes, and is Oracle's choice when left out.
        clusterPodNetworkOptions: [{ cniType: "FLANNEL_OVERLAY" }],
        endpointConfig: { subnetId: args.apiSubnetId, isPublicIpEnabled: true },
        options: {
          kubernetesNetworkConfig: { podsCidr, servicesCidr },
          serviceLbSubnetIds: [args.loadBalancerSubnetId],
        },
        freeformTags: args.freeformTags,
      },
      childOptions(this, opts, {
        ...newOneFirst,
        ignoreChanges: args.keepVersion ? ["kubernetesVersion"] : [],
        hooks: explainFailures(`${name}-failure`, ociAdvice("the cluster"), this),
        customTimeouts: { create: "40m", update: "60m", delete: "40m" },
      }),
    );
    this.clusterId = this.cluster.id;
    this.kubernetesVersion = this.cluster.kubernetesVersion;
    // By id alone: as a function of the whole cluster it would be unknown in every preview that updates the cluster.
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
