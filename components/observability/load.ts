import * as pulumi from "@pulumi/pulumi";

import { Component } from "../resources/component.js";
import { inNamespace, registerManifest, type KubernetesObject } from "../resources/manifest.js";

/** Manifest of the Pods that send requests. */
export const loadManifest = "load/load.yaml";

export interface LoadArgs {
  /** The application's namespace. */
  namespace: pulumi.Input<string>;
  /** Requests a second through the gateway, 1 or more. */
  rate: pulumi.Input<number>;
  /** Of `notsleep`, whose service account one of the Pods has. */
  clients: pulumi.Resource;
  /** Workers for the Pods; empty if the cluster already has workers. */
  workers: pulumi.Resource[];
}

/**
 * Requests for Bookinfo's page at a steady rate, and a few that the policies refuse.
 *
 * @example
 * new Load("load", { namespace: bookinfo.namespace, rate: 5, clients, workers: [nodePool] }, { provider });
 */
export class Load extends Component {
  constructor(name: string, args: LoadArgs, opts?: pulumi.ComponentResourceOptions) {
    super("oke-ambient-mesh:observability:Load", name, opts, [args.clients, ...args.workers]);
    const move = inNamespace(args.namespace);
    const edit = (object: KubernetesObject) => {
      if (object.kind === "Deployment") setRate(object, args.rate);
      move(object);
    };
    registerManifest(name, loadManifest, edit, this.childOptions());
    this.registerOutputs({});
  }
}

interface Pods {
  template: { spec: { containers: { env: { name: string; value: pulumi.Input<string> }[] }[] } };
}

function setRate({ spec }: KubernetesObject, rate: pulumi.Input<number>): void {
  for (const { env } of (spec as Pods).template.spec.containers) {
    for (const variable of env.filter(({ name }) => name === "RATE")) {
      variable.value = pulumi.interpolate`${rate}`;
    }
  }
}
