import type * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";

/** Where the rest of the graph stands. */
export interface Target {
  provider: k8s.Provider;
  /** The LoadBalancer Service's, where the cluster is this program's. */
  serviceProvider?: k8s.Provider;
  clusterId: pulumi.Output<string>;
  /** What Pods wait for. */
  workers: pulumi.Resource[];
  /** The cluster where it is this program's: with it goes what is in it. */
  cluster?: pulumi.Resource;
  /** Secret; Oracle's own text. */
  kubeconfig?: pulumi.Output<string>;
  /** How programs of this package reach the cluster. */
  access: { kubeconfig?: pulumi.Input<string>; context?: string };
  loadBalancerAnnotations?: Record<string, string>;
  versions: Record<string, pulumi.Input<string>>;
}
