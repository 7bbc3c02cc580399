import type * as pulumi from "@pulumi/pulumi";

import { Component } from "../resources/component.js";
import { inNamespace, registerManifest } from "../resources/manifest.js";

export interface WaypointArgs {
  /** The namespace's name. */
  namespace: pulumi.Input<string>;
  /** The waypoint's manifest, relative to `manifests/`. */
  manifest: string;
  /** Programs the waypoint. It comes after the Gateway API, so that the waypoint does too. */
  istiod: pulumi.Resource;
}

/**
 * A waypoint, ready once istiod has programmed it. Requests pass through it only after a Service has the label with
 * its name, so it starts beside ztunnel.
 *
 * @example
 * const args = { namespace: "default", manifest: "l7/productpage-waypoint.yaml", istiod };
 * new Waypoint("productpage-waypoint", args, { provider });
 */
export class Waypoint extends Component {
  constructor(name: string, args: WaypointArgs, opts?: pulumi.ComponentResourceOptions) {
    // The token's folder is that of existing stacks' state.
    super("oke-ambient-mesh:traffic:Waypoint", name, opts, [args.istiod]);
    const move = inNamespace(args.namespace);
    registerManifest(
      name,
      args.manifest,
      (gateway) => {
        move(gateway);
        // Pulumi takes a custom resource for ready once it is stored
        // (https://www.pulumi.com/registry/packages/kubernetes/installation-configuration/#pulumicomwaitfor).
        gateway.metadata.annotations = { "pulumi.com/waitFor": "condition=Programmed" };
      },
      this.childOptions({ customTimeouts: { create: "5m", update: "5m" } }),
    );
    this.registerOutputs({});
  }
}
