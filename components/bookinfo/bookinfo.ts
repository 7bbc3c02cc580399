import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";

import { programLabels } from "../resources/program-labels.js";
import { Component } from "../resources/component.js";
import { inNamespace, registerManifest } from "../resources/manifest.js";

export interface BookinfoArgs {
  /** The namespace's name. */
  namespace: pulumi.Input<string>;
  /** Whether to create the namespace; not an Input, because it decides the number of resources. */
  createNamespace: boolean;
  /** Workers for its Pods; empty if the cluster already has workers. */
  workers: pulumi.Resource[];
}

/**
 * Bookinfo's six workloads. They do not need the mesh, and join it while they run.
 *
 * @example
 * const args = { namespace: "default", createNamespace: false, workers: [nodePool] };
 * const bookinfo = new Bookinfo("bookinfo", args, { provider });
 */
export class Bookinfo extends Component {
  /** The namespace's name, known once it exists. */
  readonly namespace: pulumi.Output<string>;

  constructor(name: string, args: BookinfoArgs, opts?: pulumi.ComponentResourceOptions) {
    super("oke-ambient-mesh:bookinfo:Bookinfo", name, opts, args.workers);
    const options = this.childOptions();
    this.namespace = args.createNamespace
      ? new k8s.core.v1.Namespace(
          `${name}-namespace`,
          { metadata: { name: args.namespace, labels: programLabels } },
          options,
        ).metadata.name
      : pulumi.output(args.namespace);
    registerManifest(name, "bookinfo/workloads.yaml", inNamespace(this.namespace), options);
    this.registerOutputs({ namespace: this.namespace });
  }
}

export interface ClientsArgs {
  /** The namespace's name. */
  namespace: pulumi.Input<string>;
  /** Workers for their Pods; empty if the cluster already has workers. */
  workers: pulumi.Resource[];
}

/**
 * The clients `sleep` and `notsleep`, which send the walk-through's requests.
 *
 * @example
 * new Clients("clients", { namespace: bookinfo.namespace, workers: [nodePool] }, { provider });
 */
export class Clients extends Component {
  constructor(name: string, args: ClientsArgs, opts?: pulumi.ComponentResourceOptions) {
    super("oke-ambient-mesh:bookinfo:Clients", name, opts, args.workers);
    const edit = inNamespace(args.namespace);
    registerManifest(name, "bookinfo/clients.yaml", edit, this.childOptions());
    this.registerOutputs({});
  }
}

export interface RoutesArgs {
  /** The namespace's name. */
  namespace: pulumi.Input<string>;
  /** Validates Istio objects, so it comes first. */
  istiod: pulumi.Resource;
}

/**
 * The routes from the ingress gateway to productpage.
 *
 * @example
 * new Routes("routes", { namespace: bookinfo.namespace, istiod: mesh.istiod }, { provider });
 */
export class Routes extends Component {
  constructor(name: string, args: RoutesArgs, opts?: pulumi.ComponentResourceOptions) {
    super("oke-ambient-mesh:bookinfo:Routes", name, opts, [args.istiod]);
    const edit = inNamespace(args.namespace);
    registerManifest(name, "bookinfo/routes.yaml", edit, this.childOptions());
    this.registerOutputs({});
  }
}
