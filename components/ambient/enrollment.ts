import * as pulumi from "@pulumi/pulumi";

import { childOptions } from "../resources/component.js";
import { labelNamespace } from "../resources/labels.js";

export interface EnrolmentArgs {
  /** The namespace whose Pods the mesh takes in. */
  namespace: pulumi.Input<string>;
}

/**
 * The namespace's label, from which on ztunnel carries its Pods' traffic. Give `dependsOn` the CNI agent
 * and ztunnel, and the workloads: they are to be seen running on, not starting.
 */
export class Enrolment extends pulumi.ComponentResource {
  constructor(name: string, args: EnrolmentArgs, opts?: pulumi.ComponentResourceOptions) {
    super("oke-ambient-mesh:traffic:Enrolment", name, {}, opts);
    labelNamespace(name, "ambient/namespace.yaml", args.namespace, childOptions(this, opts));
    this.registerOutputs({});
  }
}
