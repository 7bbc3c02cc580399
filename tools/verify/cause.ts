import { type Remedy, UncheckedError } from "./finding.js";
import type { Snapshot } from "./cluster/snapshot.js";
import { enrollmentLabel } from "./checks/not-restarted.js";
import { labelText, matches } from "./checks/objects.js";
import { programPolicies } from "../../components/verification/expectations.js";
import type { ObjectRef } from "../../components/verification/expectations.js";
import { complaint, missing, summarize } from "./mesh-objects.js";

/** What a report depends on besides the cluster's objects. */
export interface Circumstances {
  namespace: string;
  /** Whether the namespace should be in the mesh. */
  enrolled: boolean;
  /** Objects of later stages that are still there. */
  later: string[];
  /** v2's share of the reviews, in percent. */
  v2Percent: number;
  /** Red rows of the mesh's and the application's Pods, each with what is wrong. */
  redAbove: string[];
}

/** Why a row is red, and what heals it. */
export interface Cause {
  text: string;
  remedy?: Remedy;
  /** Whether waiting does not help. */
  lasting?: boolean;
  /** Whether it is a red row above, which explains whatever the row has seen. */
  follows?: boolean;
}

/**
 * Why a request gets another answer than expected: a missing label, what istiod reports against an object concerned,
 * routes that contradict the settings, or a red row above; otherwise a summary of the objects concerned.
 */
export function likelyCause(
  snapshot: Snapshot,
  concerns: ObjectRef[],
  circumstances: Circumstances,
): Cause | undefined {
  const { namespace, enrolled, later, redAbove } = circumstances;
  try {
    const labels = snapshot.named("namespaces", namespace)?.metadata?.labels;
    if (enrolled && labels?.[enrollmentLabel.key] !== enrollmentLabel.value) {
      const text = `Namespace ${namespace} has no label ${enrollmentLabel.key}=${enrollmentLabel.value}`;
      return changed(text, `${text}: requests bypass the mesh`);
    }
    const gone = missing(snapshot, namespace, concerns);
    if (gone) return changed(gone);
    const complained = complaint(snapshot, namespace, concerns);
    if (complained) return { text: complained };
    const found =
      foreignObjects(snapshot, namespace, concerns) ?? routing(snapshot, concerns, circumstances);
    if (found) return found;
    if (redAbove.length > 0) {
      return { text: `follows from the red row ${redAbove.join("; ")}`, follows: true };
    }
    if (later.length > 0) {
      return { text: `objects of a later stage still exist: ${later.join(", ")}` };
    }
    const summary = summarize(snapshot, concerns);
    return summary ? { text: `the mesh reports no fault; it has: ${summary}` } : undefined;
  } catch (error) {
    if (error instanceof UncheckedError) return undefined;
    throw error;
  }
}

/** An object that is not as Pulumi left it. */
const changed = (what: string, text = what): Cause => ({
  text,
  lasting: true,
  remedy: { kind: "refresh", changed: what },
});

/** A policy or route that is not the program's and affects the same requests. */
function foreignObjects(
  snapshot: Snapshot,
  namespace: string,
  concerns: ObjectRef[],
): Cause | undefined {
  const known = (kind: string) =>
    concerns.filter((ref) => ref.kind === kind).map(({ name }) => name);
  const foreign = (kind: string, name: string | undefined, what: string, note = ""): Cause => {
    const title = `${kind} ${namespace}/${name}`;
    const command = `kubectl delete ${kind.toLowerCase()} ${name} -n ${namespace}`;
    return {
      text: `there is another ${what}, ${title}${note}`,
      remedy: { kind: "command", why: `${title} is not the program's. Remove it with:`, command },
    };
  };
  const policies = known("AuthorizationPolicy");
  const policy = snapshot
    .list("policies")
    .find(({ metadata }) => !programPolicies.includes(metadata?.name ?? ""));
  if (policies.length > 0 && policy) {
    const action = ` (${policy.spec?.action ?? "ALLOW"})`;
    return foreign("AuthorizationPolicy", policy.metadata?.name, "policy", action);
  }
  const routes = known("VirtualService");
  const route = snapshot
    .list("virtualServices")
    .find(
      ({ metadata, spec }) =>
        !routes.includes(metadata?.name ?? "") &&
        spec?.hosts?.some((host) => routes.includes(host.split(".")[0] ?? "")),
    );
  return route && foreign("VirtualService", route.metadata?.name, "route");
}

/** VirtualServices and DestinationRules have no conditions, so their contents are compared with the settings. */
function routing(
  snapshot: Snapshot,
  concerns: ObjectRef[],
  { namespace, v2Percent }: Circumstances,
): Cause | undefined {
  for (const { kind, name } of concerns) {
    if (kind === "VirtualService") {
      const { hosts = [], http = [] } = snapshot.named("virtualServices", name)?.spec ?? {};
      if (!hosts.some((host) => host.split(".")[0] === name)) {
        return changed(
          `VirtualService ${namespace}/${name} is for ${hosts.join(", ") || "no host"}, not for ${name}`,
        );
      }
      const routes = http.flatMap(({ route = [] }) => route);
      const v2 = routes.find(({ destination }) => destination?.subset === "v2")?.weight ?? 0;
      if (v2 !== v2Percent) {
        return changed(`VirtualService ${namespace}/${name} gives v2 ${v2} %, not ${v2Percent} %`);
      }
    }
    if (kind === "DestinationRule") {
      const { host, subsets = [] } = snapshot.named("destinationRules", name)?.spec ?? {};
      if (host?.split(".")[0] !== name) {
        return changed(`DestinationRule ${namespace}/${name} is for ${host}, not for ${name}`);
      }
      const empty = subsets.find(
        ({ labels = {} }) =>
          !snapshot.list("pods").some((pod) => matches(pod, { app: name, ...labels })),
      );
      if (empty) {
        return {
          text: `subset ${empty.name} of DestinationRule ${namespace}/${name} (${labelText(empty.labels ?? {})}) selects no Pod`,
        };
      }
    }
  }
  return undefined;
}
