import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { parseAllDocuments, stringify } from "yaml";

/** On istiod's Pods: whether the process serves, "true" or "false". */
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
 * Writes KWOK's stages, with an exception for istiod's Pods: they are ready while the process serves. All other Pods are
 * ready once they are scheduled.
 *
 * @param folder for KWOK's configuration; other `*.yaml` files in it are used too.
 * @param stages paths of the stage files of KWOK's module.
 * @returns the paths of all configuration files.
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
 * No leases: Nodes are kept alive by their status alone. With leases, a restarted KWOK skips the Pods that it lists before
 * it learns of its own new lease, until they change
 * (https://github.com/kubernetes-sigs/kwok/blob/v0.8.0/pkg/kwok/controllers/controller.go, readOnlyFunc).
 */
export const leaseSeconds = 0;

/** Well within the 50 s after which a silent Node is not ready. */
function heartbeat(stage: Stage): Stage {
  const delay = { durationMilliseconds: 10_000 };
  return { ...stage, metadata: { name: "node-heartbeat" }, spec: { ...stage.spec, delay } };
}

const appKey = '.metadata.namespace + "/" + (.metadata.labels.app // "")';
const istiod = ["istio-system/istiod"];
const serving = `.metadata.annotations["${servingAnnotation}"]`;
const ready = '.status.conditions.[] | select( .type == "Ready" ) | .status';

/**
 * A restarted KWOK lists old and new Pods together, and regards an address as free until it has touched the Pod that has
 * it. New Pods therefore wait before they get an address.
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
  const isIstiod: Expression = { key: appKey, operator: "In", values: istiod };
  return [
    variant("pod-ready", [
      ...podReady.spec.selector.matchExpressions,
      { key: appKey, operator: "NotIn", values: istiod },
    ]),
    // A change that alters nothing is enough.
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
