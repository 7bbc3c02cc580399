import type { V1DaemonSet, V1Deployment, V1Pod } from "@kubernetes/client-node";

import type { ConditionExpectation } from "../../../components/verification/expectations.js";
import { drift, green, red, UncheckedError } from "../finding.js";
import type { Finding, Remedy } from "../finding.js";
import { systemNamespace } from "../cluster/snapshot.js";
import type { Snapshot, Wire } from "../cluster/snapshot.js";
import { conditionOf, isWarning, objectOf, say } from "../mesh-objects.js";

type Pod = Wire<V1Pod>;

/** @param count how many workers must be Ready; the cluster may have more. */
export function workers(snapshot: Snapshot, count: number): Finding {
  const nodes = snapshot.list("nodes");
  const ready = nodes.filter(({ status }) =>
    status?.conditions?.some(({ type, status }) => type === "Ready" && status === "True"),
  );
  const seen = `${ready.length} of ${nodes.length}`;
  if (ready.length >= count) return green(seen);
  const unready = nodes.find((node) => !ready.includes(node));
  if (!unready) return red(seen);
  const condition = unready.status?.conditions?.find(({ type }) => type === "Ready");
  const title = `Node ${unready.metadata?.name}`;
  return {
    ...red(seen, `${title}: ${condition?.message ?? "its kubelet has not reported"}`),
    remedy: describeIt("node", title, unready.metadata?.name),
  };
}

/** Whether all Pods of a DaemonSet or Deployment of the mesh are available and of its newest template. */
export function rollout(
  snapshot: Snapshot,
  kind: "DaemonSet" | "Deployment",
  name: string,
): Finding {
  const object = snapshot.named(
    kind === "DaemonSet" ? "systemDaemonSets" : "systemDeployments",
    name,
  );
  if (!object) {
    return deleted(kind, name);
  }
  const { wanted, current, available } =
    kind === "DaemonSet"
      ? daemonSetCounts(object as Wire<V1DaemonSet>)
      : deploymentCounts(object as Wire<V1Deployment>);
  const seen = `${available} of ${wanted}`;
  const known = (object.status?.observedGeneration ?? 0) >= (object.metadata?.generation ?? 0);
  if (known && wanted > 0 && current === wanted && available >= wanted) return green(seen);
  if (kind === "Deployment" && wanted === 0) return scaledToZero(name, seen);
  if (known && wanted === 0)
    return red(seen, `no node takes a Pod of ${kind} ${systemNamespace}/${name}`);
  const labels = object.spec?.selector?.matchLabels ?? {};
  const waiting = snapshot.list("systemPods").find((pod) => matches(pod, labels) && !isReady(pod));
  const said = current < wanted ? `${seen}, ${current} of them new` : seen;
  return waiting ? unready(said, waiting) : red(said);
}

/** The Helm releases of the workloads that are not resources of their own. */
const releases: Record<string, string> = {
  "istio-cni-node": "istio-cni",
  ztunnel: "ztunnel",
  istiod: "istiod",
  "istio-ingressgateway": "istio-ingressgateway",
};

function deleted(kind: "DaemonSet" | "Deployment", name: string): Finding {
  const title = `${kind} ${systemNamespace}/${name}`;
  const finding = { ...red("does not exist", `${title} was deleted`), lasting: true };
  const release = releases[name];
  if (!release) return { ...finding, remedy: { kind: "refresh", changed: `${title} was deleted` } };
  const command = `helm get manifest ${release} -n ${systemNamespace} | kubectl apply -n ${systemNamespace} -f -`;
  return {
    ...finding,
    remedy: { kind: "command", why: `${title} was deleted. Restore it with:`, command },
  };
}

/** A Helm release does not compare its objects with the cluster: neither a refresh nor an update restores them. */
function scaledToZero(name: string, seen: string): Finding {
  const title = `Deployment ${systemNamespace}/${name}`;
  const command = `kubectl scale deployment ${name} -n ${systemNamespace} --replicas=1`;
  return {
    ...red(seen, `${title} is scaled to 0`),
    lasting: true,
    remedy: { kind: "command", why: `${title} is scaled to 0. Restore it with:`, command },
  };
}

function daemonSetCounts({ status }: Wire<V1DaemonSet>) {
  return {
    wanted: status?.desiredNumberScheduled ?? 0,
    current: status?.updatedNumberScheduled ?? 0,
    available: status?.numberAvailable ?? status?.numberReady ?? 0,
  };
}

function deploymentCounts({ spec, status }: Wire<V1Deployment>) {
  return {
    wanted: spec?.replicas ?? 1,
    current: status?.updatedReplicas ?? 0,
    available: status?.availableReplicas ?? 0,
  };
}

/** Whether each set of labels has a Pod with all its containers ready. */
export function pods(snapshot: Snapshot, sets: Record<string, string>[]): Finding {
  const all = snapshot.list("pods").filter(({ metadata }) => !metadata?.deletionTimestamp);
  const without = sets.filter((labels) => !all.some((pod) => matches(pod, labels) && isReady(pod)));
  const seen = `${sets.length - without.length} of ${sets.length}`;
  const first = without[0];
  if (!first) return green(seen);
  const pod = all.find((candidate) => matches(candidate, first));
  if (pod) return unready(seen, pod);
  const cause = `no Pod with ${labelText(first)}`;
  if (!isWithoutReplicas(snapshot, first)) return red(seen, cause);
  return drift(seen, `${labelText(first)} has no replicas`, cause);
}

/** Whether no Deployment asks for a Pod with these labels. */
function isWithoutReplicas(snapshot: Snapshot, labels: Record<string, string>): boolean {
  try {
    return snapshot
      .list("replicaSets")
      .filter((set) => matches(set, labels))
      .every(({ spec }) => spec?.replicas === 0);
  } catch (error) {
    if (error instanceof UncheckedError) return false;
    throw error;
  }
}

/** Whether istiod reports the expected condition on an object. */
export function condition(
  snapshot: Snapshot,
  namespace: string,
  expectation: ConditionExpectation,
): Finding {
  const object = objectOf(snapshot, expectation);
  const { kind, name } = expectation;
  if (!object) return drift("does not exist", `${kind} ${namespace}/${name} does not exist`);
  const condition = conditionOf(object, expectation.type);
  if (!condition) {
    return red(
      "no such condition",
      `istiod does not report ${expectation.type} on ${expectation.kind} ${namespace}/${expectation.name}`,
    );
  }
  if ((condition.observedGeneration ?? Infinity) < (object.metadata?.generation ?? 0)) {
    return red("out of date", "istiod has not processed the object's newest version yet");
  }
  if (condition.status !== "True") return red(condition.status, say(condition));
  if (isWarning(condition)) return red("True, with a warning", say(condition));
  if (!expectation.message || condition.message.includes(expectation.message)) return green("True");
  return red(`True, without "${expectation.message}"`, say(condition));
}

export const matches = (object: Pick<Pod, "metadata">, labels: Record<string, string>) =>
  Object.entries(labels).every(([key, value]) => object.metadata?.labels?.[key] === value);

export const labelText = (labels: Record<string, string>) =>
  Object.entries(labels)
    .map((pair) => pair.join("="))
    .join(",");

export function isReady(pod: Pod): boolean {
  return (
    !pod.metadata?.deletionTimestamp &&
    !!pod.status?.conditions?.some(({ type, status }) => type === "Ready" && status === "True")
  );
}

/** A red finding because of a Pod that is not ready. */
const unready = (seen: string, pod: Pod): Finding => ({
  ...red(seen, podTrouble(pod)),
  remedy: describeIt(
    "pod",
    `Pod ${pod.metadata?.name}`,
    pod.metadata?.name,
    pod.metadata?.namespace,
  ),
});

/** How to see more of an object whose cause is none of the mesh's. */
function describeIt(kind: string, title: string, name = "", namespace?: string): Remedy {
  const command = `kubectl describe ${kind} ${name}${namespace ? ` -n ${namespace}` : ""}`;
  return { kind: "command", why: `${title} is not ready. Its events tell more:`, command };
}

/** Why a Pod is not ready, as the kubelet or the scheduler reports it. */
function podTrouble(pod: Pod): string {
  const waiting = [
    ...(pod.status?.initContainerStatuses ?? []),
    ...(pod.status?.containerStatuses ?? []),
  ].find(({ state }) => state?.waiting)?.state?.waiting;
  const condition = pod.status?.conditions?.find(
    ({ status, message }) => status === "False" && message,
  );
  const why = waiting
    ? [waiting.reason, waiting.message].filter(Boolean).join(": ")
    : (condition?.message ?? `phase ${pod.status?.phase ?? "unknown"}`);
  return `Pod ${pod.metadata?.namespace}/${pod.metadata?.name}: ${why}`;
}
