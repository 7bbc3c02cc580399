import { systemNamespace, waypointClass } from "../../mesh/names.js";
import type { Settings } from "../../settings/settings.js";

// https://istio.io/latest/docs/reference/config/security/authorization-policy/
export interface AuthorizationPolicy {
  metadata: { name: string; namespace?: string; annotations?: Record<string, string> };
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
  pods: { namespace: string; labels: Record<string, string> }[];
  /** The Services and the waypoints. */
  targets: { namespace: string; name: string }[];
  /** The namespace whose policies hold in the whole mesh. */
  rootNamespace: string;
}

/** https://istio.io/latest/docs/reference/config/istio.mesh.v1alpha1/#MeshConfig-root_namespace */
export function rootNamespaceOf({ mesh }: Pick<Settings, "mesh">): string {
  const values = mesh.helmValues.istiod as { meshConfig?: Record<string, unknown> } | undefined;
  const { rootNamespace, root_namespace: other } = values?.meshConfig ?? {};
  const root = rootNamespace ?? other;
  return typeof root === "string" && root !== "" ? root : systemNamespace;
}

/** Whether the policy may deny requests to what the walk-through's requests reach. */
export function mayDeny({ metadata, spec = {} }: AuthorizationPolicy, reached: Reached): boolean {
  const { action = "ALLOW", rules } = spec;
  const isDecisive =
    action === "DENY" || action === "CUSTOM"
      ? (rules ?? []).length > 0
      : // Without rules it admits nothing; an empty rule admits everything.
        action === "ALLOW" && !rules?.some((rule) => Object.keys(rule).length === 0);
  return isDecisive && !isDryRun(metadata) && applies(metadata, spec, reached);
}

/**
 * Whether the policy only reports what it would deny: https://istio.io/latest/docs/tasks/security/authorization/authz-dry-run/.
 * istiod reads the annotation by Go's `ParseBool`.
 */
const isDryRun = ({ annotations = {} }: AuthorizationPolicy["metadata"]): boolean =>
  /^(1|t|T|true|TRUE|True)$/.test(annotations["istio.io/dry-run"] ?? "");

function applies(
  { namespace }: AuthorizationPolicy["metadata"],
  {
    selector,
    targetRef,
    targetRefs = targetRef ? [targetRef] : [],
  }: NonNullable<AuthorizationPolicy["spec"]>,
  { pods, targets, rootNamespace }: Reached,
): boolean {
  const isRoot = namespace === rootNamespace;
  if (targetRefs.length > 0) {
    return targetRefs.some(({ kind, name }) =>
      kind === "GatewayClass"
        ? isRoot && name === waypointClass
        : targets.some((target) => target.namespace === namespace && target.name === name),
    );
  }
  const wanted = Object.entries(selector?.matchLabels ?? {});
  return pods.some(
    (pod) =>
      (isRoot || pod.namespace === namespace) &&
      wanted.every(([key, value]) => pod.labels[key] === value),
  );
}
