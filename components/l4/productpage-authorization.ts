import * as pulumi from "@pulumi/pulumi";

import { childOptions } from "../resources/component.js";
import { inNamespace, registerManifest, type KubernetesObject } from "../resources/manifest.js";
import { labelService } from "../resources/labels.js";

export interface ProductpageAuthorizationArgs {
  /** The namespace of productpage and of the clients. */
  namespace: pulumi.Input<string>;
  /**
   * `l4`: ztunnel admits sleep and the ingress gateway. `l7`: the waypoint admits their GET requests,
   * ztunnel the waypoint alone. Plain: it decides the number of resources.
   */
  layer: "l4" | "l7";
}

/**
 * Who may ask productpage. Give `dependsOn` the enrolment, and at `l7` the waypoint.
 *
 * The order at `l7` is waypoint, its policy, the Service's label, ztunnel's policy: the waypoint is asked
 * only when it refuses, and the direct way is shut only when the other one is open. Going back, ztunnel's
 * policy changes first (an update, or the deletion of what came last), then the label is taken off, then
 * the waypoint's policy and the waypoint go. Either way, between the label and ztunnel's policy the two
 * disagree on who comes, and requests are refused rather than let through; the next step ends that, in
 * the same `up` or, where that was cut off, in the next.
 */
export class ProductpageAuthorization extends pulumi.ComponentResource {
  constructor(
    name: string,
    args: ProductpageAuthorizationArgs,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super("oke-ambient-mesh:traffic:ProductpageAuthorization", name, {}, opts);
    const edit = (policy: KubernetesObject) => {
      inNamespace(args.namespace)(policy);
      policy.spec = principalsIn(args.namespace, policy.spec);
    };
    const before: pulumi.Resource[] = [];
    if (args.layer === "l7") {
      const options = childOptions(this, opts);
      const policy = registerManifest(name, "l7/productpage-waypoint-policy.yaml", edit, options);
      before.push(...policy.values());
      before.push(
        labelService(
          name,
          "l7/productpage-service.yaml",
          args.namespace,
          childOptions(this, opts, { dependsOn: [...before] }),
        ),
      );
    }
    // One name at both layers: a change of layer is an update, never a moment without a policy.
    registerManifest(
      name,
      `${args.layer}/productpage-viewer.yaml`,
      edit,
      childOptions(this, opts, { dependsOn: before }),
    );
    this.registerOutputs({});
  }
}

const inDefault = /^(cluster\.local\/ns\/)default(\/sa\/.+)$/;

/** Copies a policy's tree with the principals of namespace `default` moved to another one. */
function principalsIn(namespace: pulumi.Input<string>, tree: unknown): unknown {
  if (typeof tree === "string") {
    const [, before, after] = inDefault.exec(tree) ?? [];
    return before && after ? pulumi.interpolate`${before}${namespace}${after}` : tree;
  }
  if (Array.isArray(tree)) return tree.map((item) => principalsIn(namespace, item));
  if (typeof tree !== "object" || tree === null) return tree;
  return Object.fromEntries(
    Object.entries(tree).map(([key, value]) => [key, principalsIn(namespace, value)]),
  );
}
