import { systemNamespace, waypointClass } from "../../mesh/names.js";

// https://istio.io/latest/docs/reference/config/security/authorization-policy/
export interface AuthorizationPolicy {
  metadata: { name: string; namespace?: string };
  spec?: {
    action?: string;
    selector?: { matchLabels?: Record<string, string> };
    targetRef?: TargetRef;
    targetRefs?: TargetRef[];
    rules?: object[];
  };
}
interface TargetRef {
  kind: string;
  name: string;
}

/** What the walk-through's requests reach. */
export interface Reached {
  /** Labels of the Pods. */
  pods: Record<string, string>[];
  /** Names of the Services and of the waypoints. */
  targets: string[];
}

/** Whether the policy may deny requests to what the walk-through's requests reach. */
export function mayDeny({ metadata, spec = {} }: AuthorizationPolicy, reached: Reached): boolean {
  const { action = "ALLOW", rules } = spec;
  const isDecisive =
    action === "DENY" || action === "CUSTOM"
      ? (rules ?? []).length > 0
      : // Without rules it admits nothing; an empty rule admits everything.
        action === "ALLOW" && !rules?.some((rule) => Object.keys(rule).length === 0);
  return isDecisive && applies(metadata, spec, reached);
}

function applies(
  { namespace }: AuthorizationPolicy["metadata"],
  {
    selector,
    targetRef,
    targetRefs = targetRef ? [targetRef] : [],
  }: NonNullable<AuthorizationPolicy["spec"]>,
  { pods, targets }: Reached,
): boolean {
  if (targetRefs.length > 0) {
    return targetRefs.some(({ kind, name }) =>
      kind === "GatewayClass"
        ? namespace === systemNamespace && name === waypointClass
        : targets.includes(name),
    );
  }
  const wanted = Object.entries(selector?.matchLabels ?? {});
  return pods.some((labels) => wanted.every(([key, value]) => labels[key] === value));
}
