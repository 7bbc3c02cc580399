import * as pulumi from "@pulumi/pulumi";

import { Component } from "../resources/component.js";
import { registerObject } from "../resources/manifest.js";
import { asRegistered } from "./definitions.js";
import type { GatewayApiBundle } from "./gateway-api-bundle.js";

export interface GatewayApiArgs {
  /** From `loadGatewayApi`; not an Input, because it decides the number of resources. */
  bundle: GatewayApiBundle;
}

/**
 * The Gateway API's definitions, which Istio does not install: waypoints are Gateways.
 * https://gateway-api.sigs.k8s.io/guides/getting-started/introduction/
 *
 * @example
 * const bundle = await loadGatewayApi("v1.6.0");
 * if (bundle) new GatewayApi("gateway-api", { bundle }, { provider });
 */
export class GatewayApi extends Component {
  /** The bundle's: `v1.6.0`. */
  readonly version: pulumi.Output<string>;

  constructor(name: string, args: GatewayApiArgs, opts?: pulumi.ComponentResourceOptions) {
    super("oke-ambient-mesh:mesh:GatewayApi", name, opts);
    for (const crd of asRegistered(args.bundle.crds)) {
      registerObject(name, crd, this.childOptions());
    }
    this.version = pulumi.output(args.bundle.version);
    this.registerOutputs({ version: this.version });
  }
}
