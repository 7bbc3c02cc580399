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

/** An object of the application's namespace, seen as what all kinds have. */
export function objectOf(snapshot: Snapshot, { kind, name }: ObjectRef): Custom | undefined {
  return snapshot.named(lists[kind], name) as Custom | undefined;
}

export function conditionOf(object: Custom, type: string): Wire<V1Condition> | undefined {
  return object.status?.conditions?.find((condition) => condition.type === type);
}

/**
 * Whether istiod accepted an object, but not as it stands: with rules left out, or for some of its targets
 * (https://github.com/istio/istio/blob/1.31.1/pilot/pkg/serviceregistry/ambient/authorization.go).
 */
export function isWarning({ reason }: Wire<V1Condition>): boolean {
  return reason === "UnsupportedValue" || reason === "PartiallyInvalid";
}

/** A condition in one line: `ZtunnelAccepted=False UnsupportedValue: ztunnel does not support …`. */
export function say({ type, status, reason, message }: Wire<V1Condition>): string {
  const why = [reason, message].filter(Boolean).join(": ");
  return `${type}=${status}${why && ` ${why}`}`;
}

/** The first object concerned that is missing or of which istiod says something negative. */
export function complaint(
  snapshot: Snapshot,
  namespace: string,
  concerns: ObjectRef[],
): string | undefined {
  for (const concern of concerns) {
    const title = `${concern.kind} ${namespace}/${concern.name}`;
    const object = objectOf(snapshot, concern);
    if (!object) return `${title} does not exist`;
    const negative = object.status?.conditions?.find(
      (condition) => condition.status === "False" || isWarning(condition),
    );
    if (negative) return `${title}: ${say(negative)}`;
  }
  return undefined;
}

/** What each object concerned does, where nothing complains: the reader sees what is odd. */
export function account(snapshot: Snapshot, concerns: ObjectRef[]): string {
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
      return conditionOf(object, "Programmed") ? "programmed" : "not looked at by istiod";
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
  return `admits ${methods}${who.map(shortened).join(" and ") || "nobody by name"}`;
}

/** A principal as `namespace/service account`, where it is of the usual trust domain. */
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
