import type { V1ManagedFieldsEntry, V1Pod, V1ReplicaSet } from "@kubernetes/client-node";

import { Unchecked } from "../cluster/access.js";
import type { Snapshot, Wire } from "../cluster/snapshot.js";
import { green, red } from "../finding.js";
import type { Finding } from "../finding.js";
import { matches } from "./objects.js";

/** The label that takes a namespace into the ambient mesh. */
export const enrolmentLabel = { key: "istio.io/dataplane-mode", value: "ambient" };

/** What starts within this time after the label is put down to it. */
const windowMs = 5 * 60_000;

type Pod = Wire<V1Pod>;

/**
 * Whether the label restarted anything. The API server itself keeps the moment at which a label was set,
 * in the namespace's `managedFields`
 * (https://kubernetes.io/docs/reference/using-api/server-side-apply/#field-management). No Pod may have been
 * created and no container started or ended in the five minutes after it. Later starts, and those of a
 * Deployment's own rollout (a ReplicaSet younger than the label), have causes of their own.
 */
export function notRestarted(
  snapshot: Snapshot,
  namespace: string,
  sets: Record<string, string>[],
): Finding {
  const object = snapshot.named("namespaces", namespace);
  if (object?.metadata?.labels?.[enrolmentLabel.key] !== enrolmentLabel.value) {
    const label = `${enrolmentLabel.key}=${enrolmentLabel.value}`;
    return red(
      "no label",
      `Namespace ${namespace} has no label ${label}: its Pods are outside the mesh`,
    );
  }
  const enrolled = labelledAt(object.metadata?.managedFields ?? []);
  if (enrolled === undefined) {
    throw new Unchecked("the namespace's managedFields do not say when it was labelled", true);
  }
  const ours = snapshot.list("pods").filter((pod) => sets.some((labels) => matches(pod, labels)));
  if (ours.length === 0) throw new Unchecked(`no Pod of Bookinfo in namespace ${namespace}`);
  const rolledOut = new Set(
    snapshot
      .list("replicaSets")
      .filter(({ metadata }) => time(metadata?.creationTimestamp) > enrolled)
      .map(({ metadata }: Wire<V1ReplicaSet>) => metadata?.name),
  );
  for (const pod of ours) {
    if (pod.metadata?.ownerReferences?.some(({ name }) => rolledOut.has(name))) continue;
    const event = starts(pod).find(({ at }) => at > enrolled && at <= enrolled + windowMs);
    if (event) {
      const after = Math.round((event.at - enrolled) / 1000);
      return red(
        `${event.what} ${after} s after the label`,
        `Pod ${namespace}/${pod.metadata?.name}${event.why ? `: ${event.why}` : ""}`,
      );
    }
  }
  const older = ours.filter(({ metadata }) => time(metadata?.creationTimestamp) <= enrolled).length;
  return green(`${older} of ${ours.length} older`);
}

/** When a Pod was created, and its containers started and ended. */
function starts(pod: Pod): { at: number; what: string; why?: string }[] {
  const containers = (pod.status?.containerStatuses ?? []).flatMap(
    ({ name, restartCount, state, lastState }) =>
      restartCount === 0
        ? []
        : [
            {
              at: time(lastState?.terminated?.finishedAt),
              what: `container ${name} ended`,
              why: [lastState?.terminated?.reason, lastState?.terminated?.message]
                .filter(Boolean)
                .join(": "),
            },
            { at: time(state?.running?.startedAt), what: `container ${name} started again` },
          ],
  );
  return [{ at: time(pod.metadata?.creationTimestamp), what: "Pod created" }, ...containers];
}

/** The newest entry that owns the label: a manager that sets it again unchanged keeps its time. */
function labelledAt(entries: Wire<V1ManagedFieldsEntry>[]): number | undefined {
  const path = ["f:metadata", "f:labels", `f:${enrolmentLabel.key}`];
  const owns = ({ fieldsV1 }: Wire<V1ManagedFieldsEntry>) =>
    path.reduce<unknown>((inner, key) => (inner as Record<string, unknown>)?.[key], fieldsV1) !==
    undefined;
  const times = entries
    .filter(owns)
    .map((entry) => time(entry.time))
    .filter((at) => !Number.isNaN(at));
  return times.length > 0 ? Math.max(...times) : undefined;
}

/** Milliseconds; NaN, which is neither before nor after, for what has no time. */
function time(text: string | undefined): number {
  return text ? Date.parse(text) : NaN;
}
