import type * as pulumi from "@pulumi/pulumi";

import type { Enrollment } from "../ambient/enrollment.js";
import { authorizeAtWaypoint } from "../l7/productpage-waypoint.js";
import type { Waypoint } from "../l7/waypoint.js";
import { Component } from "../resources/component.js";
import { inNamespace, registerManifest } from "../resources/manifest.js";

export interface ProductpageAuthorizationArgs {
  /** Name of the namespace of productpage and the clients. */
  namespace: pulumi.Input<string>;
  /** ztunnel enforces policies on enrolled Pods only. */
  enrollment: Enrollment;
  /**
   * Productpage's waypoint, at stage `l7`: it admits GET requests of sleep and the ingress gateway, and ztunnel admits
   * the waypoint alone. Without it, at stage `l4`, ztunnel admits sleep and the ingress gateway. Not an Input, because
   * it decides the number of resources.
   */
  waypoint?: Waypoint;
}

/**
 * Who may reach productpage.
 *
 * With a waypoint the order is: waypoint, its policy, the Service's label, ztunnel's policy. So the waypoint enforces
 * its policy from the first request, and the direct path closes only after the path through the waypoint is open.
 * From `l7` back to `l4` the order is reversed. Between the label and ztunnel's policy, requests are denied and never
 * wrongly admitted; the same `up`, or the next one after an interruption, ends this state.
 *
 * @example
 * const args = { namespace: "default", enrollment, waypoint };
 * new ProductpageAuthorization("authorization", args, { provider });
 */
export class ProductpageAuthorization extends Component {
  constructor(
    name: string,
    args: ProductpageAuthorizationArgs,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    const { namespace, enrollment, waypoint } = args;
    // The token's folder is that of existing stacks' state.
    super("oke-ambient-mesh:traffic:ProductpageAuthorization", name, opts, [
      enrollment,
      ...(waypoint ? [waypoint] : []),
    ]);
    const first = waypoint ? authorizeAtWaypoint(name, namespace, this.childOptions()) : [];
    // The policy has the same name at both stages, so that a change of stage updates it.
    registerManifest(
      name,
      `${waypoint ? "l7" : "l4"}/productpage-viewer.yaml`,
      inNamespace(namespace),
      this.childOptions({ dependsOn: first }),
    );
    this.registerOutputs({});
  }
}
