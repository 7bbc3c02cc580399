import type * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";

/** The cluster that the rest of the program deploys to. */
export interface TargetCluster {
  provider: k8s.Provider;
  /** For the LoadBalancer Service, if the program owns the cluster. */
  serviceProvider?: k8s.Provider;
  clusterId: pulumi.Output<string>;
  /** Pods depend on these; empty for an existing cluster. */
  workers: pulumi.Resource[];
  /** The cluster, if the program owns it: the objects in it are deleted with it. */
  cluster?: pulumi.Resource;
  /** OKE's own kubeconfig. Secret. */
  kubeconfig?: pulumi.Output<string>;
  /** How this package's commands reach the cluster. */
  access: { kubeconfig?: pulumi.Input<string>; context?: string; isSecret?: boolean };
  loadBalancerAnnotations?: Record<string, string>;
  versions: Record<string, pulumi.Input<string>>;
}
