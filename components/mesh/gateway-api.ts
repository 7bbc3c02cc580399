import * as pulumi from "@pulumi/pulumi";

import { childOptions } from "../resources/component.js";
import { registerObject } from "../resources/manifest.js";
import { asRegistered } from "./definitions.js";
import type { GatewayApiBundle } from "./gateway-api-bundle.js";

export interface GatewayApiArgs {
  /**
   * What `loadGatewayApi` gave. Plain: it decides the number of resources.
   * https://gateway-api.sigs.k8s.io/guides/getting-started/introduction/
   */
  bundle: GatewayApiBundle;
}

/** The Gateway API's definitions: waypoints are Gateways, and Istio brings none itself. */
export class GatewayApi extends pulumi.ComponentResource {
  /** Of the bundle, `v1.6.0`. */
  readonly version: pulumi.Output<string>;

  constructor(name: string, args: GatewayApiArgs, opts?: pulumi.ComponentResourceOptions) {
    super("oke-ambient-mesh:mesh:GatewayApi", name, {}, opts);
    for (const crd of asRegistered(args.bundle.crds)) {
      registerObject(name, crd, childOptions(this, opts));
    }
    this.version = pulumi.output(args.bundle.version);
    this.registerOutputs({ version: this.version });
  }
}
