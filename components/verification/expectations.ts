import { stages } from "../settings/types.js";
import type { Stage } from "../settings/types.js";
import type { Answer, Client, Way } from "./answers.js";

/** Kinds of which the table names single objects; all in the application's namespace. */
export type Kind =
  "AuthorizationPolicy" | "Gateway" | "Service" | "VirtualService" | "DestinationRule";
export interface ObjectRef {
  kind: Kind;
  name: string;
}

/** A condition that must be True, on an object of the application's namespace. */
export interface ConditionExpectation extends ObjectRef {
  type: string;
  /** Words that its message must hold besides. */
  message?: string;
}

interface Base {
  /** Stable name of the row, for tests and `--json`. */
  id: string;
  /** The first stage that has the row. */
  from: Stage;
}

/** One row of the table. */
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
        /** The answer from that stage on, until a later one is named. */
        answer: Partial<Record<Stage, Answer>>;
        /** Whose word explains another answer, from that stage on. */
        concerns: Partial<Record<Stage, ObjectRef[]>>;
      }
    | { check: "split"; client: Client; concerns: ObjectRef[] }
  );

const viewer = { kind: "AuthorizationPolicy", name: "productpage-viewer" } as const;
const waypointPolicy = { kind: "AuthorizationPolicy", name: "productpage-waypoint" } as const;
const productpageWaypoint = { kind: "Gateway", name: "productpage-waypoint" } as const;
const reviewsWaypoint = { kind: "Gateway", name: "reviews-waypoint" } as const;
const productpage = { kind: "Service", name: "productpage" } as const;
const reviews = { kind: "Service", name: "reviews" } as const;

/** Names of all policies that the program makes. */
export const programPolicies: readonly string[] = [viewer.name, waypointPolicy.name];

/** By `istio.io/use-waypoint` and `istio.io/ingress-use-waypoint`, in istiod's own words. */
const waypointBound = "istio.io/WaypointBound";
const throughIngress = "Ingress traffic will traverse the waypoint";

const toProductpage: Partial<Record<Stage, ObjectRef[]>> = {
  l4: [viewer],
  l7: [waypointPolicy, productpageWaypoint, productpage, viewer],
};

const workload = (app: string, version: string) => ({ app, version });

/** The walk-through's table: what each stage must show, in its order; a stage includes all before it. */
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
];

/** The rows of a stage. */
export function expectationsAt(stage: Stage): Expectation[] {
  return expectations.filter(({ from }) => stages.indexOf(from) <= stages.indexOf(stage));
}

/** The entry that holds at `stage`: that of the latest stage named which is not after it. */
export function at<T>(stage: Stage, entries: Partial<Record<Stage, T>>): T | undefined {
  const reached = stages.slice(0, stages.indexOf(stage) + 1);
  return reached.map((name) => entries[name]).findLast((entry) => entry !== undefined);
}
