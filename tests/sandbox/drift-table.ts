/** A change by hand of what the program made, and what the engine makes of it. */
export interface Drift {
  what: string;
  /** Arguments of `kubectl`. */
  by: string[];
  /** Names in the program that `refresh` finds changed. */
  changed: string[];
  /** Names in the program that `refresh` finds gone. */
  gone: string[];
  /** Arguments of `kubectl get` that show it: other than before once it is done, as before once it is mended. */
  shows: string[];
}

const replace = (...values: [path: string, value: unknown][]): string[] => [
  "--type=json",
  `--patch=${JSON.stringify(values.map(([path, value]) => ({ op: "replace", path, value })))}`,
];

export const drifts: Drift[] = [
  {
    what: "a policy edited",
    by: [
      "patch",
      "authorizationpolicy/productpage-viewer",
      ...replace([
        "/spec/rules/0/from/0/source/principals",
        ["cluster.local/ns/default/sa/notsleep"],
      ]),
    ],
    changed: ["authorization-authorizationpolicy-productpage-viewer"],
    gone: [],
    shows: ["authorizationpolicy/productpage-viewer", "--output=jsonpath={.spec}"],
  },
  {
    what: "the label taken off the namespace",
    by: ["label", "namespace/default", "istio.io/dataplane-mode-"],
    changed: ["enrolment-namespacepatch"],
    gone: [],
    shows: ["namespace/default", "--output=jsonpath={.metadata.labels}"],
  },
  {
    what: "weights changed",
    by: [
      "patch",
      "virtualservice/reviews",
      ...replace(["/spec/http/0/route/0/weight", 50], ["/spec/http/0/route/1/weight", 50]),
    ],
    changed: ["reviews-split-virtualservice-reviews"],
    gone: [],
    shows: ["virtualservice/reviews", "--output=jsonpath={.spec}"],
  },
  {
    what: "a Deployment scaled",
    by: ["scale", "deployment/ratings-v1", "--replicas=2"],
    changed: ["bookinfo-deployment-ratings-v1"],
    gone: [],
    shows: ["deployment/ratings-v1", "--output=jsonpath={.spec}"],
  },
  {
    // With the Service goes the label that another resource had put on it.
    what: "a Service deleted",
    by: ["delete", "service/reviews"],
    changed: [],
    gone: ["bookinfo-service-reviews", "reviews-split-servicepatch-reviews"],
    shows: [
      "service/reviews",
      "--ignore-not-found",
      "--output=jsonpath={.spec.ports}{.spec.selector}{.metadata.labels}",
    ],
  },
];
