import * as pulumi from "@pulumi/pulumi";

import { childOptions } from "../resources/component.js";
import { inNamespace, registerManifest } from "../resources/manifest.js";

export interface WaypointArgs {
  /** The namespace's name. */
  namespace: pulumi.Input<string>;
  /** The waypoint's manifest, relative to `manifests/`. Plain: the resources are its documents. */
  manifest: string;
}

/**
 * A waypoint, awaited until istiod has programmed it. Nothing passes through it before a Service is
 * labelled with its name, so it starts beside ztunnel. Give `dependsOn` istiod and the Gateway API.
 */
export class Waypoint extends pulumi.ComponentResource {
  constructor(name: string, args: WaypointArgs, opts?: pulumi.ComponentResourceOptions) {
    super("oke-ambient-mesh:traffic:Waypoint", name, {}, opts);
    const move = inNamespace(args.namespace);
    registerManifest(
      name,
      args.manifest,
      (gateway) => {
        move(gateway);
        // A custom resource is ready for Pulumi as soon as it is stored
        // (https://www.pulumi.com/registry/packages/kubernetes/installation-configuration/#pulumicomwaitfor).
        gateway.metadata.annotations = { "pulumi.com/waitFor": "condition=Programmed" };
      },
      childOptions(this, opts, { customTimeouts: { create: "5m", update: "5m" } }),
    );
    this.registerOutputs({});
  }
}
