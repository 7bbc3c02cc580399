import type * as pulumi from "@pulumi/pulumi";

import type { Mesh } from "../mesh/mesh.js";
import { Component } from "../resources/component.js";
import { labelNamespace } from "../resources/labels.js";

export interface EnrollmentArgs {
  /** Name of the namespace whose Pods join the mesh. */
  namespace: pulumi.Input<string>;
  /** The CNI agent and ztunnel come first. */
  mesh: Mesh;
  /** The namespace's workloads; they come first, so that they join the mesh while running. */
  workloads: pulumi.Resource[];
}

/**
 * The namespace's label, which sends its Pods' traffic through ztunnel.
 *
 * @example
 * new Enrollment("enrollment", { namespace: "default", mesh, workloads: [bookinfo] }, { provider });
 */
export class Enrollment extends Component {
  constructor(name: string, args: EnrollmentArgs, opts?: pulumi.ComponentResourceOptions) {
    const { namespace, mesh, workloads } = args;
    // The token's folder and spelling are those of existing stacks' state.
    super("oke-ambient-mesh:traffic:Enrolment", name, opts, [mesh.cni, mesh.ztunnel, ...workloads]);
    labelNamespace(name, "ambient/namespace.yaml", namespace, this.childOptions());
    this.registerOutputs({});
  }
}
