import * as pulumi from "@pulumi/pulumi";

import { childOptions } from "../resources/component.js";
import { inNamespace, registerManifest } from "../resources/manifest.js";

export interface RoutesArgs {
  /** The namespace's name. */
  namespace: pulumi.Input<string>;
}

/** The way from the ingress gateway to productpage. Istio objects: give `dependsOn` istiod. */
export class Routes extends pulumi.ComponentResource {
  constructor(name: string, args: RoutesArgs, opts?: pulumi.ComponentResourceOptions) {
    super("oke-ambient-mesh:bookinfo:Routes", name, {}, opts);
    const move = inNamespace(args.namespace);
    registerManifest(name, "bookinfo/routes.yaml", move, childOptions(this, opts));
    this.registerOutputs({});
  }
}
