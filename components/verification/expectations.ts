import { stages } from "../settings/types.js";
import type { Stage } from "../settings/types.js";
import type { Answer, Client, Way } from "./answers.js";

/** Kinds of the objects that the expected results name, all in Bookinfo's namespace. */
export type Kind =
  "AuthorizationPolicy" | "Gateway" | "Service" | "VirtualService" | "DestinationRule";
export interface ObjectRef {
  kind: Kind;
  name: string;
}

/** A condition that must be True, on an object in Bookinfo's namespace. */
export interface ConditionExpectation extends ObjectRef {
  type: string;
  /** Text that its message must contain. */
  message?: string;
}

interface Base {
  /** The row's stable name, for tests and `--json`. */
  id: string;
  /** The first stage with this row. */
  from: Stage;
  /** The setting without which there is no such row. */
  needs?: "observability";
}

/** One expected result: a row of the report. */
export type Expectation = Base &
  (
    | { check: "workers" }
    | { check: "rollout"; kind: "DaemonSet" | "Deployment"; name: string }
    | { check: "pods"; of: string; labels: Record<string, string>[] }
    | { check: "not-restarted" }
    | ({ check: "condition" } & ConditionExpectation)
    | {
        check: "request";
        client: Client;
        way: Way;
        method: "GET" | "DELETE";
        /** The expected answer from each of these stages on. */
        answer: Partial<Record<Stage, Answer>>;
        /** Objects whose status may explain another answer, from each of these stages on. */
        concerns: Partial<Record<Stage, ObjectRef[]>>;
      }
    | { check: "split"; client: Client; concerns: ObjectRef[] }
    /** Prometheus's jobs with Pods, from each of these stages on. */
    | { check: "targets"; jobs: Partial<Record<Stage, string[]>> }
    | { check: "identity"; client: Client }
    | { check: "counted-split" }
  );

const viewer = { kind: "AuthorizationPolicy", name: "productpage-viewer" } as const;
const waypointPolicy = { kind: "AuthorizationPolicy", name: "productpage-waypoint" } as const;
const productpageWaypoint = { kind: "Gateway", name: "productpage-waypoint" } as const;
const reviewsWaypoint = { kind: "Gateway", name: "reviews-waypoint" } as const;
const productpage = { kind: "Service", name: "productpage" } as const;
const reviews = { kind: "Service", name: "reviews" } as const;

/** Names of all policies that the program creates. */
export const programPolicies: readonly string[] = [viewer.name, waypointPolicy.name];

/** istiod's condition for `istio.io/use-waypoint`, and its message for `istio.io/ingress-use-waypoint`. */
const waypointBound = "istio.io/WaypointBound";
const throughIngress = "Ingress traffic will traverse the waypoint";

const toProductpage: Partial<Record<Stage, ObjectRef[]>> = {
  l4: [viewer],
  l7: [waypointPolicy, productpageWaypoint, productpage, viewer],
};

/** Jobs in manifests/observability/prometheus.yaml. */
const meshJobs = ["istiod", "ztunnel", "ingress-gateway"];

const workload = (app: string, version: string) => ({ app, version });

/** The expected results, in the walk-through's order. A stage includes those of all earlier stages. */
export const expectations: readonly Expectation[] = [
  { id: "workers", from: "cluster", check: "workers" },
  {
    id: "istio-cni-node",
    from: "mesh",
    check: "rollout",
    kind: "DaemonSet",
    name: "istio-cni-node",
  },
  { id: "ztunnel", from: "mesh", check: "rollout", kind: "DaemonSet", name: "ztunnel" },
  { id: "istiod", from: "mesh", check: "rollout", kind: "Deployment", name: "istiod" },
  {
    id: "istio-ingressgateway",
    from: "mesh",
    check: "rollout",
    kind: "Deployment",
    name: "istio-ingressgateway",
  },
  ...(["prometheus", "kiali"] as const).map((name) => ({
    id: name,
    from: "mesh" as const,
    needs: "observability" as const,
    check: "rollout" as const,
    kind: "Deployment" as const,
    name,
  })),
  {
    id: "bookinfo-pods",
    from: "bookinfo",
    check: "pods",
    of: "Bookinfo",
    labels: [
      workload("details", "v1"),
      workload("ratings", "v1"),
      ...["v1", "v2", "v3"].map((version) => workload("reviews", version)),
      workload("productpage", "v1"),
    ],
  },
  {
    id: "client-pods",
    from: "bookinfo",
    check: "pods",
    of: "the clients",
    labels: [{ app: "sleep" }, { app: "notsleep" }],
  },
  { id: "not-restarted", from: "ambient", check: "not-restarted" },
  { id: "viewer-accepted", from: "l4", check: "condition", ...viewer, type: "ZtunnelAccepted" },
  {
    id: "productpage-waypoint-programmed",
    from: "l7",
    check: "condition",
    ...productpageWaypoint,
    type: "Programmed",
  },
  {
    id: "productpage-bound",
    from: "l7",
    check: "condition",
    ...productpage,
    type: waypointBound,
    message: throughIngress,
  },
  {
    id: "waypoint-policy-accepted",
    from: "l7",
    check: "condition",
    ...waypointPolicy,
    type: "WaypointAccepted",
  },
  {
    id: "reviews-waypoint-programmed",
    from: "traffic",
    check: "condition",
    ...reviewsWaypoint,
    type: "Programmed",
  },
  { id: "reviews-bound", from: "traffic", check: "condition", ...reviews, type: waypointBound },
  ...(["gateway", "direct"] as const).map((way) => ({
    id: `sleep-${way}-get`,
    from: "bookinfo" as const,
    check: "request" as const,
    client: "sleep" as const,
    way,
    method: "GET" as const,
    answer: { bookinfo: "page" } as const,
    concerns: toProductpage,
  })),
  {
    id: "notsleep-direct-get",
    from: "bookinfo",
    check: "request",
    client: "notsleep",
    way: "direct",
    method: "GET",
    answer: { bookinfo: "page", l4: "reset", l7: "denied" },
    concerns: toProductpage,
  },
  {
    id: "sleep-gateway-delete",
    from: "l7",
    check: "request",
    client: "sleep",
    way: "gateway",
    method: "DELETE",
    answer: { l7: "denied" },
    concerns: toProductpage,
  },
  {
    id: "reviews-split",
    from: "traffic",
    check: "split",
    client: "sleep",
    concerns: [
      { kind: "VirtualService", name: "reviews" },
      { kind: "DestinationRule", name: "reviews" },
      reviewsWaypoint,
      reviews,
    ],
  },
  {
    id: "prometheus-targets",
    from: "mesh",
    needs: "observability",
    check: "targets",
    jobs: { mesh: meshJobs, l7: [...meshJobs, "waypoints"] },
  },
  {
    id: "ztunnel-identity",
    from: "ambient",
    needs: "observability",
    check: "identity",
    client: "sleep",
  },
  { id: "reviews-counted", from: "traffic", needs: "observability", check: "counted-split" },
];

/**
 * The expected results at a stage.
 *
 * @param observability whether Prometheus and Kiali are deployed; default false.
 */
export function expectationsAt(stage: Stage, observability = false): Expectation[] {
  return expectations.filter(
    ({ from, needs }) =>
      stages.indexOf(from) <= stages.indexOf(stage) && (observability || needs === undefined),
  );
}

/** The entry of the latest stage that is not after `stage`. */
export function entryAt<T>(stage: Stage, entries: Partial<Record<Stage, T>>): T | undefined {
  const reached = stages.slice(0, stages.indexOf(stage) + 1);
  return reached.map((name) => entries[name]).findLast((entry) => entry !== undefined);
}
