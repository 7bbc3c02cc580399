import { UncheckedError } from "./finding.js";
import type { Snapshot } from "./cluster/snapshot.js";
import { enrollmentLabel } from "./checks/not-restarted.js";
import { labelText, matches } from "./checks/objects.js";
import { programPolicies } from "../../components/verification/expectations.js";
import type { ObjectRef } from "../../components/verification/expectations.js";
import { complaint, summarize } from "./mesh-objects.js";

/** What a report depends on besides the cluster's objects. */
export interface Circumstances {
  namespace: string;
  /** Whether the namespace should be in the mesh. */
  enrolled: boolean;
  /** Objects of later stages that are still there. */
  later: string[];
  /** v2's share of the reviews, in percent. */
  v2Percent: number;
}

/**
 * Why a request gets another answer than expected: a missing label, what istiod reports against an object concerned, or
 * routes that contradict the settings; otherwise a summary of the objects concerned.
 */
export function likelyCause(
  snapshot: Snapshot,
  concerns: ObjectRef[],
  circumstances: Circumstances,
): string | undefined {
  const { namespace, enrolled, later } = circumstances;
  try {
    const labels = snapshot.named("namespaces", namespace)?.metadata?.labels;
    if (enrolled && labels?.[enrollmentLabel.key] !== enrollmentLabel.value) {
      return `Namespace ${namespace} has no label ${enrollmentLabel.key}=${enrollmentLabel.value}: requests bypass the mesh`;
    }
    const found =
      complaint(snapshot, namespace, concerns) ??
      foreignObjects(snapshot, namespace, concerns) ??
      routing(snapshot, concerns, circumstances);
    if (found) return found;
    if (later.length > 0) return `objects of a later stage still exist: ${later.join(", ")}`;
    const summary = summarize(snapshot, concerns);
    return summary && `the mesh reports no fault; it has: ${summary}`;
  } catch (error) {
    if (error instanceof UncheckedError) return undefined;
    throw error;
  }
}

/** A policy or route that is not the program's and affects the same requests. */
function foreignObjects(
  snapshot: Snapshot,
  namespace: string,
  concerns: ObjectRef[],
): string | undefined {
  const known = (kind: string) =>
    concerns.filter((ref) => ref.kind === kind).map(({ name }) => name);
  const policies = known("AuthorizationPolicy");
  const policy = snapshot
    .list("policies")
    .find(({ metadata }) => !programPolicies.includes(metadata?.name ?? ""));
  if (policies.length > 0 && policy) {
    return `there is another policy, AuthorizationPolicy ${namespace}/${policy.metadata?.name} (${policy.spec?.action ?? "ALLOW"})`;
  }
  const routes = known("VirtualService");
  const route = snapshot
    .list("virtualServices")
    .find(
      ({ metadata, spec }) =>
        !routes.includes(metadata?.name ?? "") &&
        spec?.hosts?.some((host) => routes.includes(host.split(".")[0] ?? "")),
    );
  return route && `there is another route, VirtualService ${namespace}/${route.metadata?.name}`;
}

/** VirtualServices and DestinationRules have no conditions, so their contents are compared with the settings. */
function routing(
  snapshot: Snapshot,
  concerns: ObjectRef[],
  { namespace, v2Percent }: Circumstances,
): string | undefined {
  for (const { kind, name } of concerns) {
    if (kind === "VirtualService") {
      const { hosts = [], http = [] } = snapshot.named("virtualServices", name)?.spec ?? {};
      if (!hosts.some((host) => host.split(".")[0] === name)) {
        return `VirtualService ${namespace}/${name} is for ${hosts.join(", ") || "no host"}, not for ${name}`;
      }
      const routes = http.flatMap(({ route = [] }) => route);
      const v2 = routes.find(({ destination }) => destination?.subset === "v2")?.weight ?? 0;
      if (v2 !== v2Percent) {
        return `VirtualService ${namespace}/${name} gives v2 ${v2} %, not ${v2Percent} %`;
      }
    }
    if (kind === "DestinationRule") {
      const { host, subsets = [] } = snapshot.named("destinationRules", name)?.spec ?? {};
      if (host?.split(".")[0] !== name) {
        return `DestinationRule ${namespace}/${name} is for ${host}, not for ${name}`;
      }
      const empty = subsets.find(
        ({ labels = {} }) =>
          !snapshot.list("pods").some((pod) => matches(pod, { app: name, ...labels })),
      );
      if (empty) {
        return `subset ${empty.name} of DestinationRule ${namespace}/${name} (${labelText(empty.labels ?? {})}) selects no Pod`;
      }
    }
  }
  return undefined;
}
