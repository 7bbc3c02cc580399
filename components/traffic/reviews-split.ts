import * as pulumi from "@pulumi/pulumi";

import { childOptions } from "../resources/component.js";
import { inNamespace, registerManifest, type KubernetesObject } from "../resources/manifest.js";
import { labelService } from "../resources/labels.js";

export interface ReviewsSplitArgs {
  /** The namespace of reviews. */
  namespace: pulumi.Input<string>;
  /** Share of the requests that v2 answers, in percent, 0 to 100; v1 has the rest. */
  v2Percent: pulumi.Input<number>;
}

/**
 * The split of requests for reviews. Give `dependsOn` the waypoint and the enrolment.
 *
 * Subsets, weights, label, in this order: requests come to the waypoint only when it knows where they
 * go. Going back, the label is taken off first, and they go to every version again.
 */
export class ReviewsSplit extends pulumi.ComponentResource {
  constructor(name: string, args: ReviewsSplitArgs, opts?: pulumi.ComponentResourceOptions) {
    super("oke-ambient-mesh:traffic:ReviewsSplit", name, {}, opts);
    const move = inNamespace(args.namespace);
    const subsets = registerManifest(
      name,
      "traffic/destination-rule-reviews.yaml",
      move,
      childOptions(this, opts),
    );
    const weights = registerManifest(
      name,
      "traffic/virtual-service-reviews-90-10.yaml",
      (virtualService) => {
        move(virtualService);
        weigh(virtualService, args.v2Percent);
      },
      childOptions(this, opts, { dependsOn: [...subsets.values()] }),
    );
    labelService(
      name,
      "traffic/reviews-service.yaml",
      args.namespace,
      childOptions(this, opts, { dependsOn: [...weights.values()] }),
    );
    this.registerOutputs({});
  }
}

interface Route {
  destination: { subset: "v1" | "v2" };
  weight: pulumi.Input<number>;
}

function weigh(virtualService: KubernetesObject, v2Percent: pulumi.Input<number>): void {
  const { http } = virtualService.spec as { http: { route: Route[] }[] };
  for (const route of http.flatMap(({ route }) => route)) {
    route.weight = pulumi
      .output(v2Percent)
      .apply((percent) => (route.destination.subset === "v2" ? percent : 100 - percent));
  }
}
