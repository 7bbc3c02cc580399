import * as pulumi from "@pulumi/pulumi";

import type { Enrollment } from "../ambient/enrollment.js";
import type { Waypoint } from "../l7/waypoint.js";
import { Component } from "../resources/component.js";
import { labelService } from "../resources/labels.js";
import { inNamespace, registerManifest, type KubernetesObject } from "../resources/manifest.js";

export interface ReviewsSplitArgs {
  /** Name of the namespace of reviews. */
  namespace: pulumi.Input<string>;
  /** Percentage of requests that v2 answers, 0 to 100; v1 answers the rest. */
  v2Percent: pulumi.Input<number>;
  /** The mesh leads only enrolled clients' requests through a waypoint. */
  enrollment: Enrollment;
  /** The waypoint of reviews, which splits the requests. */
  waypoint: Waypoint;
}

/**
 * The split of requests to reviews. Subsets, weights and the Service's label follow each other, so that requests reach
 * the waypoint only once it knows the weights; back at an earlier stage they go to every version again.
 *
 * @example
 * const args = { namespace: "default", v2Percent: 10, enrollment, waypoint };
 * new ReviewsSplit("reviews-split", args, { provider });
 */
export class ReviewsSplit extends Component {
  constructor(name: string, args: ReviewsSplitArgs, opts?: pulumi.ComponentResourceOptions) {
    super("oke-ambient-mesh:traffic:ReviewsSplit", name, opts, [args.enrollment, args.waypoint]);
    const move = inNamespace(args.namespace);
    const subsets = registerManifest(
      name,
      "traffic/destination-rule-reviews.yaml",
      move,
      this.childOptions(),
    );
    const weights = registerManifest(
      name,
      "traffic/virtual-service-reviews-90-10.yaml",
      (virtualService) => {
        move(virtualService);
        setWeights(virtualService, args.v2Percent);
      },
      this.childOptions({ dependsOn: [...subsets.values()] }),
    );
    labelService(
      name,
      "traffic/reviews-service.yaml",
      args.namespace,
      this.childOptions({ dependsOn: [...weights.values()] }),
    );
    this.registerOutputs({});
  }
}

interface Route {
  destination: { subset: "v1" | "v2" };
  weight: pulumi.Input<number>;
}

function setWeights(virtualService: KubernetesObject, v2Percent: pulumi.Input<number>): void {
  const { http } = virtualService.spec as { http: { route: Route[] }[] };
  for (const route of http.flatMap(({ route }) => route)) {
    route.weight = pulumi
      .output(v2Percent)
      .apply((percent) => (route.destination.subset === "v2" ? percent : 100 - percent));
  }
}
