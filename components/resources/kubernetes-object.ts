import type * as pulumi from "@pulumi/pulumi";

/** A Kubernetes object of a manifest; anything but its name may become an output. */
export interface KubernetesObject {
  apiVersion: string;
  kind: string;
  metadata: {
    name: string;
    namespace?: pulumi.Input<string>;
    labels?: Record<string, string>;
    annotations?: Record<string, string>;
  };
  spec?: unknown;
}
