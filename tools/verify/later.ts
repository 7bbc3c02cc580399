import { stages } from "../../components/settings/types.js";
import type { Stage } from "../../components/settings/types.js";
import { UncheckedError } from "./finding.js";
import type { Snapshot } from "./cluster/snapshot.js";
import { enrollmentLabel } from "./checks/not-restarted.js";
import { objectOf } from "./mesh-objects.js";
import type { ObjectRef } from "../../components/verification/expectations.js";

/** Objects by which each stage is recognized. */
const marks: Partial<Record<Stage, ObjectRef[]>> = {
  bookinfo: [{ kind: "Service", name: "productpage" }],
  l4: [{ kind: "AuthorizationPolicy", name: "productpage-viewer" }],
  l7: [
    { kind: "AuthorizationPolicy", name: "productpage-waypoint" },
    { kind: "Gateway", name: "productpage-waypoint" },
  ],
  traffic: [
    { kind: "VirtualService", name: "reviews" },
    { kind: "DestinationRule", name: "reviews" },
    { kind: "Gateway", name: "reviews-waypoint" },
  ],
};

/**
 * Objects of stages after `stage` that still exist, as `Kind namespace/name`. Pulumi deletes last, so on the way back to
 * an earlier stage they exist while the verification runs.
 */
export function laterObjects(snapshot: Snapshot, namespace: string, stage: Stage): string[] {
  const after = stages.slice(stages.indexOf(stage) + 1);
  try {
    const found = after.flatMap((name) =>
      (marks[name] ?? [])
        .filter((mark) => objectOf(snapshot, mark))
        .map((mark) => `${mark.kind} ${namespace}/${mark.name}`),
    );
    if (after.includes("mesh") && snapshot.named("systemDeployments", "istiod")) {
      found.unshift("Deployment istio-system/istiod");
    }
    const labels = snapshot.named("namespaces", namespace)?.metadata?.labels;
    if (after.includes("ambient") && labels?.[enrollmentLabel.key] === enrollmentLabel.value) {
      found.push(`label ${enrollmentLabel.key} on Namespace ${namespace}`);
    }
    return found;
  } catch (error) {
    if (error instanceof UncheckedError) return [];
    throw error;
  }
}
