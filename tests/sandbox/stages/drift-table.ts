/** A manual change of the program's objects, and how the engine reacts. */
export interface Drift {
  what: string;
  /** Arguments of `kubectl`. */
  by: string[];
  /** Logical names that `refresh` reports as changed. */
  changed: string[];
  /** Logical names that `refresh` reports as deleted. */
  gone: string[];
  /** Arguments of `kubectl get` whose output shows the change and its correction. */
  shows: string[];
}

const replace = (...values: [path: string, value: unknown][]): string[] => [
  "--type=json",
  `--patch=${JSON.stringify(values.map(([path, value]) => ({ op: "replace", path, value })))}`,
];

export const drifts: Drift[] = [
  {
    what: "an edited policy",
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
    what: "a removed namespace label",
    by: ["label", "namespace/default", "istio.io/dataplane-mode-"],
    changed: ["enrolment-namespacepatch"],
    gone: [],
    shows: ["namespace/default", "--output=jsonpath={.metadata.labels}"],
  },
  {
    what: "changed weights",
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
    what: "a scaled Deployment",
    by: ["scale", "deployment/ratings-v1", "--replicas=2"],
    changed: ["bookinfo-deployment-ratings-v1"],
    gone: [],
    shows: ["deployment/ratings-v1", "--output=jsonpath={.spec}"],
  },
  {
    // The label that another resource has set on the Service is deleted with it.
    what: "a deleted Service",
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
