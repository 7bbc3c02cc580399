import type { V1ManagedFieldsEntry, V1Pod, V1ReplicaSet } from "@kubernetes/client-node";

import { valueAt } from "../../../components/resources/mapping.js";
import type { Snapshot, Wire } from "../cluster/snapshot.js";
import { drift, green, red, UncheckedError } from "../finding.js";
import type { Finding } from "../finding.js";
import { matches } from "./objects.js";

/** The label that adds a namespace to the ambient mesh. */
export const enrollmentLabel = { key: "istio.io/dataplane-mode", value: "ambient" };

/** A container that ends or starts within this time after the label counts: probes fail several times first. */
const containerMs = 120_000;
/** A Pod that is created within this time after the label counts: the label itself would cause it at once. */
const podMs = 15_000;

type Pod = Wire<V1Pod>;

/**
 * Whether the label restarted anything. The API server records when a label was set, in the namespace's `managedFields`
 * (https://kubernetes.io/docs/reference/using-api/server-side-apply/#field-management). A container that ended or a Pod
 * that was created right after it is red. Pods that were created later, or by a rollout of their Deployment (a ReplicaSet
 * newer than the label), have other causes and prove nothing; the older Pods do.
 */
export function notRestarted(
  snapshot: Snapshot,
  namespace: string,
  sets: Record<string, string>[],
): Finding {
  const object = snapshot.named("namespaces", namespace);
  if (object?.metadata?.labels?.[enrollmentLabel.key] !== enrollmentLabel.value) {
    const label = `${enrollmentLabel.key}=${enrollmentLabel.value}`;
    const without = `Namespace ${namespace} has no label ${label}`;
    return drift("no label", without, `${without}: its Pods are outside the mesh`);
  }
  const enrolled = labeledAt(object.metadata?.managedFields ?? []);
  if (enrolled === undefined) {
    throw new UncheckedError(
      "the namespace's managedFields do not record when it was labeled",
      true,
    );
  }
  const ours = snapshot.list("pods").filter((pod) => sets.some((labels) => matches(pod, labels)));
  if (ours.length === 0) throw new UncheckedError(`no Pod of Bookinfo in namespace ${namespace}`);
  const rolledOut = new Set(
    snapshot
      .list("replicaSets")
      .filter(({ metadata }) => time(metadata?.creationTimestamp) > enrolled)
      .map(({ metadata }: Wire<V1ReplicaSet>) => metadata?.name),
  );
  for (const pod of ours) {
    if (pod.metadata?.ownerReferences?.some(({ name }) => rolledOut.has(name))) continue;
    const event = starts(pod).find(({ at, within }) => at > enrolled && at <= enrolled + within);
    if (event) {
      const after = Math.round((event.at - enrolled) / 1000);
      return red(
        `${event.what} ${after} s after the label`,
        `Pod ${namespace}/${pod.metadata?.name}${event.why ? `: ${event.why}` : ""}`,
      );
    }
  }
  const older = ours.filter(({ metadata }) => time(metadata?.creationTimestamp) <= enrolled).length;
  const newer = ours.length - older;
  if (older > 0) return green(`none of ${older}${newer > 0 ? `, ${newer} newer` : ""}`);
  throw new UncheckedError("every Pod is newer than the label, so none can prove it", true);
}

interface Start {
  at: number;
  /** The time after the label within which it counts. */
  within: number;
  what: string;
  why?: string;
}

/** When a Pod was created, and when its containers ended and started again. */
function starts(pod: Pod): Start[] {
  const containers = (pod.status?.containerStatuses ?? []).flatMap(
    ({ name, restartCount, state, lastState }) => {
      const { finishedAt, reason, message } = lastState?.terminated ?? {};
      const why = [reason, message].filter(Boolean).join(": ");
      const started = state?.running?.startedAt;
      if (restartCount === 0) return [];
      return [
        { at: time(finishedAt), within: containerMs, what: `container ${name} ended`, why },
        { at: time(started), within: containerMs, what: `container ${name} started again` },
      ];
    },
  );
  const created = time(pod.metadata?.creationTimestamp);
  return [{ at: created, within: podMs, what: "Pod created" }, ...containers];
}

/** The newest entry that owns the label: a manager that applies it again unchanged keeps its time. */
function labeledAt(entries: Wire<V1ManagedFieldsEntry>[]): number | undefined {
  const path = ["f:metadata", "f:labels", `f:${enrollmentLabel.key}`];
  const owns = ({ fieldsV1 }: Wire<V1ManagedFieldsEntry>) => valueAt(fieldsV1, path) !== undefined;
  const times = entries
    .filter(owns)
    .map((entry) => time(entry.time))
    .filter((at) => !Number.isNaN(at));
  return times.length > 0 ? Math.max(...times) : undefined;
}

/** Milliseconds; NaN, which is neither before nor after any time, if there is none. */
function time(text: string | undefined): number {
  return text ? Date.parse(text) : NaN;
}
