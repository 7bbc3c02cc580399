import * as pulumi from "@pulumi/pulumi";

import { childOptions } from "../resources/component.js";
import { inNamespace, registerManifest } from "../resources/manifest.js";

export interface ClientsArgs {
  /** The namespace's name. */
  namespace: pulumi.Input<string>;
}

/** The clients `sleep` and `notsleep`, from which the walk-through's requests are sent. */
export class Clients extends pulumi.ComponentResource {
  constructor(name: string, args: ClientsArgs, opts?: pulumi.ComponentResourceOptions) {
    super("oke-ambient-mesh:bookinfo:Clients", name, {}, opts);
    const move = inNamespace(args.namespace);
    registerManifest(name, "bookinfo/clients.yaml", move, childOptions(this, opts));
    this.registerOutputs({});
  }
}
