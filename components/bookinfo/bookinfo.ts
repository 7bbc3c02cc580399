import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";

import { childOptions } from "../resources/component.js";
import { inNamespace, registerManifest } from "../resources/manifest.js";
import { ours } from "../mesh/definitions.js";

export interface BookinfoArgs {
  /** The namespace's name. */
  namespace: pulumi.Input<string>;
  /**
   * Whether the namespace is this program's to create, as all but `default` are. Plain: it decides the
   * number of resources.
   */
  createNamespace: boolean;
}

/**
 * Bookinfo's six workloads. They wait for a worker (give `dependsOn` one) and for nothing of the mesh,
 * which takes them in as they run.
 */
export class Bookinfo extends pulumi.ComponentResource {
  /** The namespace's name, known once it exists. */
  readonly namespace: pulumi.Output<string>;

  constructor(name: string, args: BookinfoArgs, opts?: pulumi.ComponentResourceOptions) {
    super("oke-ambient-mesh:bookinfo:Bookinfo", name, {}, opts);
    const options = childOptions(this, opts);
    this.namespace = args.createNamespace
      ? new k8s.core.v1.Namespace(
          `${name}-namespace`,
          { metadata: { name: args.namespace, labels: ours } },
          options,
        ).metadata.name
      : pulumi.output(args.namespace);
    registerManifest(name, "bookinfo/workloads.yaml", inNamespace(this.namespace), options);
    this.registerOutputs({ namespace: this.namespace });
  }
}
