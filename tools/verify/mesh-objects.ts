import type { V1Condition } from "@kubernetes/client-node";

import type { Kind, ObjectRef } from "../../components/verification/expectations.js";
import type {
  Custom,
  DestinationRuleSpec,
  ListName,
  PolicySpec,
  Snapshot,
  VirtualServiceSpec,
  Wire,
} from "./cluster/snapshot.js";

const lists = {
  AuthorizationPolicy: "policies",
  Gateway: "gateways",
  Service: "services",
  VirtualService: "virtualServices",
  DestinationRule: "destinationRules",
} as const satisfies Record<Kind, ListName>;

/** An object of the application's namespace, reduced to what all kinds have in common. */
export function objectOf(snapshot: Snapshot, { kind, name }: ObjectRef): Custom | undefined {
  return snapshot.named(lists[kind], name) as Custom | undefined;
}

export function conditionOf(object: Custom, type: string): Wire<V1Condition> | undefined {
  return object.status?.conditions?.find((condition) => condition.type === type);
}

/**
 * Whether istiod accepted an object only in part: without some of its rules, or for some of its targets
 * (https://github.com/istio/istio/blob/1.31.1/pilot/pkg/serviceregistry/ambient/authorization.go).
 */
export function isWarning({ reason }: Wire<V1Condition>): boolean {
  return reason === "UnsupportedValue" || reason === "PartiallyInvalid";
}

/** A condition as one line: `ZtunnelAccepted=False UnsupportedValue: ztunnel does not support …`. */
export function say({ type, status, reason, message }: Wire<V1Condition>): string {
  const why = [reason, message].filter(Boolean).join(": ");
  return `${type}=${status}${why && ` ${why}`}`;
}

/** The first object concerned that does not exist. */
export function missing(
  snapshot: Snapshot,
  namespace: string,
  concerns: ObjectRef[],
): string | undefined {
  const gone = concerns.find((concern) => !objectOf(snapshot, concern));
  return gone && `${gone.kind} ${namespace}/${gone.name} does not exist`;
}

/** The first object concerned on which istiod reports a negative condition. */
export function complaint(
  snapshot: Snapshot,
  namespace: string,
  concerns: ObjectRef[],
): string | undefined {
  for (const concern of concerns) {
    const title = `${concern.kind} ${namespace}/${concern.name}`;
    const negative = objectOf(snapshot, concern)?.status?.conditions?.find(
      (condition) => condition.status === "False" || isWarning(condition),
    );
    if (negative) return `${title}: ${say(negative)}`;
  }
  return undefined;
}

/** What each object concerned does, for a reader to find the odd one when istiod reports nothing. */
export function summarize(snapshot: Snapshot, concerns: ObjectRef[]): string {
  return concerns
    .map((concern) => {
      const object = objectOf(snapshot, concern);
      return object && `${concern.kind} ${concern.name} ${brief(concern.kind, object)}`;
    })
    .filter(Boolean)
    .join("; ");
}

function brief(kind: Kind, object: Custom): string {
  switch (kind) {
    case "AuthorizationPolicy":
      return admits(object.spec as PolicySpec);
    case "VirtualService":
      return routes(object.spec as VirtualServiceSpec);
    case "DestinationRule":
      return subsets(object.spec as DestinationRuleSpec);
    case "Service": {
      const labels = Object.entries(object.metadata?.labels ?? {});
      const istio = labels.filter(([key]) => key.startsWith("istio.io/"));
      return istio.map((pair) => pair.join("=")).join(", ") || "has no waypoint label";
    }
    case "Gateway":
      return conditionOf(object, "Programmed") ? "programmed" : "not processed by istiod";
  }
}

function admits({ rules = [] }: PolicySpec): string {
  const who = rules.flatMap(({ from = [] }) =>
    from.flatMap(({ source }) => source?.principals ?? []),
  );
  const what = rules.flatMap(({ to = [] }) =>
    to.flatMap(({ operation }) => operation?.methods ?? []),
  );
  const methods = what.length > 0 ? `${what.join("/")} from ` : "";
  return `admits ${methods}${who.map(shortened).join(" and ") || "no one by name"}`;
}

/** A principal of the default trust domain as `namespace/service account`. */
const shortened = (principal: string) =>
  principal.replace(/^cluster\.local\/ns\/([^/]+)\/sa\/([^/]+)$/, "$1/$2");

function routes({ hosts = [], http = [] }: VirtualServiceSpec): string {
  const shares = http
    .flatMap(({ route = [] }) => route)
    .map(
      ({ destination, weight }) => `${destination?.subset ?? destination?.host} ${weight ?? 100}`,
    );
  return `for ${hosts.join(", ")}: ${shares.join(", ")}`;
}

function subsets({ host, subsets = [] }: DestinationRuleSpec): string {
  const named = subsets.map(
    ({ name, labels = {} }) =>
      `${name} (${Object.entries(labels)
        .map((pair) => pair.join("="))
        .join(",")})`,
  );
  return `for ${host}: ${named.join(", ")}`;
}
