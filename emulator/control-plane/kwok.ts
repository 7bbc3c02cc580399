import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { parseAllDocuments, stringify } from "yaml";

/** On istiod's Pods: whether the real process answers ("true" or "false"). */
export const servingAnnotation = "sandbox.oke-ambient-mesh/serving";

interface Expression {
  key: string;
  operator: "In" | "NotIn" | "Exists" | "DoesNotExist";
  values?: string[];
}

/** A step in the life of a simulated object. https://kwok.sigs.k8s.io/docs/user/stages-configuration/ */
interface Stage {
  kind: "Stage";
  metadata: { name: string };
  spec: {
    resourceRef: { apiGroup: string; kind: string };
    selector: { matchExpressions: Expression[] };
    delay?: { durationMilliseconds: number };
    next: { statusTemplate?: string; delete?: boolean };
  };
}

/**
 * Writes KWOK's own stages, with istiod's Pods taken out of the common rule: they become ready
 * when the process does, and lose it when it dies. All other Pods are ready once scheduled.
 *
 * @param folder of KWOK's configuration; whatever `*.yaml` others laid there is used as well.
 * @param stages files as KWOK's module holds them.
 * @returns all configuration files.
 */
export function writeKwokConfig(folder: string, stages: string[]): string[] {
  mkdirSync(folder, { recursive: true });
  const known = stages.flatMap((file) =>
    parseAllDocuments(readFileSync(file, "utf8")).map((document) => document.toJS() as Stage),
  );
  const changed = known
    .filter(({ kind }) => kind === "Stage")
    .flatMap((stage) => {
      const { name } = stage.metadata;
      if (name === "pod-ready") return podStages(stage);
      return name === "node-heartbeat-with-lease" ? [heartbeat(stage)] : [stage];
    });
  writeFileSync(
    join(folder, "stages.yaml"),
    changed.map((stage) => stringify(stage)).join("---\n"),
  );
  return readdirSync(folder)
    .filter((file) => file.endsWith(".yaml"))
    .sort()
    .map((file) => join(folder, file));
}

/**
 * Nodes are kept by their status alone. With leases a KWOK that starts anew passes over the Pods it lists before it has
 * heard of the lease it has just taken, and touches none of them until they change
 * (https://github.com/kubernetes-sigs/kwok/blob/v0.8.0/pkg/kwok/controllers/controller.go, readOnlyFunc).
 */
export const leaseSeconds = 0;

/** Well within the 50 s after which a Node that says nothing is not ready. */
function heartbeat(stage: Stage): Stage {
  const delay = { durationMilliseconds: 10_000 };
  return { ...stage, metadata: { name: "node-heartbeat" }, spec: { ...stage.spec, delay } };
}

const who = '.metadata.namespace + "/" + (.metadata.labels.app // "")';
const istiod = ["istio-system/istiod"];
const serving = `.metadata.annotations["${servingAnnotation}"]`;
const ready = '.status.conditions.[] | select( .type == "Ready" ) | .status';

/**
 * A KWOK that starts anew lists old and new Pods together and knows no address as taken before it
 * has touched the Pod that has it. Who is to get an address waits until that is over.
 */
const delay = { durationMilliseconds: 400 };

function podStages(podReady: Stage): Stage[] {
  const variant = (name: string, matchExpressions: Expression[], template?: string): Stage => ({
    ...podReady,
    metadata: { name },
    spec: {
      ...podReady.spec,
      selector: { matchExpressions },
      ...(template === undefined && { delay }),
      next: { statusTemplate: template ?? podReady.spec.next.statusTemplate ?? "" },
    },
  });
  const alive: Expression = { key: ".metadata.deletionTimestamp", operator: "DoesNotExist" };
  const isIstiod: Expression = { key: who, operator: "In", values: istiod };
  return [
    variant("pod-ready", [
      ...podReady.spec.selector.matchExpressions,
      { key: who, operator: "NotIn", values: istiod },
    ]),
    // Changing nothing is enough of a touch.
    variant(
      "pod-keeps-address",
      [
        alive,
        { key: ready, operator: "In", values: ["True"] },
        { key: serving, operator: "NotIn", values: ["false"] },
        { key: ".metadata.ownerReferences.[].kind", operator: "NotIn", values: ["Job"] },
      ],
      "phase: Running",
    ),
    variant("istiod-ready", [
      alive,
      isIstiod,
      { key: serving, operator: "In", values: ["true"] },
      { key: ".status.phase", operator: "In", values: ["Pending"] },
    ]),
    variant(
      "istiod-ready-again",
      [
        alive,
        isIstiod,
        { key: serving, operator: "In", values: ["true"] },
        { key: ".status.phase", operator: "In", values: ["Running"] },
        { key: ready, operator: "NotIn", values: ["True"] },
      ],
      conditions("True", "running: { startedAt: {{ $now | Quote }} }"),
    ),
    variant(
      "istiod-not-ready",
      [
        alive,
        isIstiod,
        { key: serving, operator: "In", values: ["false"] },
        { key: ready, operator: "In", values: ["True"] },
      ],
      conditions("False", "waiting: { reason: CrashLoopBackOff }"),
    ),
  ];
}

function conditions(status: "True" | "False", state: string): string {
  return `{{ $now := Now }}
conditions:
- { lastTransitionTime: {{ $now | Quote }}, status: "${status}", type: Ready }
- { lastTransitionTime: {{ $now | Quote }}, status: "${status}", type: ContainersReady }
containerStatuses:
{{ range .spec.containers }}
- image: {{ .image | Quote }}
  name: {{ .name | Quote }}
  ready: ${status === "True"}
  started: ${status === "True"}
  restartCount: 0
  state: { ${state} }
{{ end }}
`;
}
