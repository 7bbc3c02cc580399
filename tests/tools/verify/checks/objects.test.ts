import { describe, expect, test } from "@jest/globals";

import {
  ignoredMeshConfig,
  loggedMeshConfig,
} from "../../../../tools/verify/checks/mesh-config.js";
import { notRestarted } from "../../../../tools/verify/checks/not-restarted.js";
import { condition, pods, rollout, workers } from "../../../../tools/verify/checks/objects.js";
import { UncheckedError } from "../../../../tools/verify/finding.js";
import { Snapshot } from "../../../../tools/verify/cluster/snapshot.js";
import { healthy } from "../cluster.js";
import type { Lists, Plain } from "../cluster.js";

/** The healthy cluster after a change. */
function after(change: (lists: Lists) => void = () => undefined): Snapshot {
  const lists = healthy();
  change(lists);
  return new Snapshot(lists as ConstructorParameters<typeof Snapshot>[0]);
}
const byName = (objects: Plain[], name: string) =>
  objects.find(({ metadata }) => metadata.name === name);

describe("workers", () => {
  test("more than expected are green", () => expect(workers(after(), 1).verdict).toBe("green"));

  test("too few are red, with the reason of one that is not Ready", () => {
    const snapshot = after(({ nodes }) => {
      const conditions = [
        { type: "Ready", status: "False", message: "cni plugin not initialized" },
      ];
      nodes.push({ metadata: { name: "second" }, status: { conditions } });
    });
    expect(workers(snapshot, 2)).toMatchObject({
      verdict: "red",
      seen: "1 of 2",
      cause: "Node second: cni plugin not initialized",
    });
  });
});

describe("a rollout", () => {
  test("that is complete is green", () => {
    expect(rollout(after(), "DaemonSet", "ztunnel").verdict).toBe("green");
    expect(rollout(after(), "Deployment", "istiod").verdict).toBe("green");
  });

  test("of a missing object is red", () => {
    expect(rollout(after(), "Deployment", "istio-egressgateway")).toMatchObject({
      seen: "does not exist",
      cause: "Deployment istio-system/istio-egressgateway was deleted",
      lasting: true,
    });
  });

  test("of a missing object of a release is restored by the release's manifest, as a refresh sees no release", () => {
    const snapshot = after((lists) => {
      lists.systemDeployments = lists.systemDeployments.filter(
        ({ metadata }) => metadata.name !== "istiod",
      );
    });
    expect(rollout(snapshot, "Deployment", "istiod")).toMatchObject({
      cause: "Deployment istio-system/istiod was deleted",
      remedy: {
        kind: "command",
        command: "helm get manifest istiod -n istio-system | kubectl apply -n istio-system -f -",
      },
    });
    expect(rollout(after(), "Deployment", "prometheus").remedy).toEqual({
      kind: "refresh",
      changed: "Deployment istio-system/prometheus was deleted",
    });
  });

  test("without a single worker is red", () => {
    const snapshot = after(({ systemDaemonSets }) => {
      byName(systemDaemonSets, "ztunnel").status.desiredNumberScheduled = 0;
    });
    expect(rollout(snapshot, "DaemonSet", "ztunnel")).toMatchObject({
      verdict: "red",
      cause: "no node takes a Pod of DaemonSet istio-system/ztunnel",
    });
  });

  test("that its controller has not processed is red", () => {
    const snapshot = after(({ systemDeployments }) => {
      byName(systemDeployments, "istiod").metadata.generation = 2;
    });
    expect(rollout(snapshot, "Deployment", "istiod").verdict).toBe("red");
  });

  test("of a Deployment that is scaled to 0 is red for good, with the command that restores it", () => {
    const snapshot = after(({ systemDeployments }) => {
      const istiod = byName(systemDeployments, "istiod");
      istiod.spec.replicas = 0;
      Object.assign(istiod.status, { updatedReplicas: 0, availableReplicas: 0 });
    });
    expect(rollout(snapshot, "Deployment", "istiod")).toEqual({
      verdict: "red",
      seen: "0 of 0",
      cause: "Deployment istio-system/istiod is scaled to 0",
      lasting: true,
      remedy: {
        kind: "command",
        why: "Deployment istio-system/istiod is scaled to 0. Restore it with:",
        command: "kubectl scale deployment istiod -n istio-system --replicas=1",
      },
    });
  });

  test("in progress is red, with the reason of a waiting Pod", () => {
    const snapshot = after(({ systemDeployments, systemPods }) => {
      byName(systemDeployments, "istiod").status.updatedReplicas = 0;
      const state = { waiting: { reason: "ImagePullBackOff", message: "no such image" } };
      systemPods.push({
        metadata: { name: "istiod-x", namespace: "istio-system", labels: { app: "istiod" } },
        status: { containerStatuses: [{ state }] },
      });
    });
    expect(rollout(snapshot, "Deployment", "istiod")).toMatchObject({
      verdict: "red",
      cause: "Pod istio-system/istiod-x: ImagePullBackOff: no such image",
    });
  });
});

describe("a mesh configuration", () => {
  const given = (mesh: string) =>
    ignoredMeshConfig(after(({ meshConfigs }) => Object.assign(meshConfigs[0].data, { mesh })));

  test("that istiod reads is no finding, nor is one that the program does not know of", () => {
    expect(ignoredMeshConfig(after())).toBeUndefined();
    expect(ignoredMeshConfig(after((lists) => (lists.meshConfigs = [])))).toBeUndefined();
  });

  test.each([
    ["accessLogFile: true", /ConfigMap istio-system\/istio: accessLogFile = true: expected text/],
    ["outboundTrafficPolicy: ALLOW_ANY", /outboundTrafficPolicy = "ALLOW_ANY": expected an object/],
    ["a: [", /it is not valid YAML/],
  ])("of %j is not in force, which istiod tells only its log", (mesh, cause) => {
    expect(given(mesh)).toMatchObject({
      verdict: "red",
      seen: "its mesh configuration is not in force",
      cause: expect.stringMatching(cause),
      lasting: true,
    });
  });
});

describe("istiod's log", () => {
  const changed = "2026-03-01T10:00:00Z";
  const snapshot = after(({ meshConfigs, systemPods }) => {
    meshConfigs[0].metadata.managedFields = [{ time: "2026-03-01T09:00:00Z" }, { time: changed }];
    systemPods.push({ metadata: { name: "istiod-x", labels: { app: "istiod" } } });
  });
  const refusal = "invalid mesh config, using last known state: 1 error occurred:";
  const found = async (log?: string) => {
    const asked: unknown[] = [];
    const finding = await loggedMeshConfig(snapshot, (pod, since) => {
      asked.push([pod, since]);
      return Promise.resolve(log);
    });
    const pod = { namespace: "istio-system", pod: "istiod-x", container: "discovery" };
    expect(asked).toEqual([[pod, changed]]);
    return finding;
  };

  test("since the last change of the mesh configuration names what only istiod refuses", async () => {
    const text = [
      "2026-03-01T10:00:09.1Z\tinfo\tinitializing mesh configuration",
      `2026-03-01T10:00:09.2Z\twarn\t${refusal}`,
      "\t* locality a/* overlap with previous specified ones",
      "2026-03-01T10:00:09.3Z\tinfo\tready",
    ];
    const expected = {
      verdict: "red",
      seen: "its mesh configuration is not in force",
      cause:
        "istiod ignores all of ConfigMap istio-system/istio: 1 error occurred: * locality a/* overlap with previous specified ones",
      lasting: true,
    };
    expect(await found(text.join("\n"))).toEqual(expected);
    const msg = `${refusal}\n\t* locality a/* overlap with previous specified ones\n\n`;
    expect(await found(`${JSON.stringify({ level: "warn", msg })}\n{"level":"in`)).toEqual(
      expected,
    );
  });

  test("without a refusal, or that can't be read, is no finding", async () => {
    expect(await found("2026-03-01T10:00:09.1Z\tinfo\tready")).toBeUndefined();
    expect(await found()).toBeUndefined();
  });

  test("is not asked for where the Pods can't be listed", async () => {
    const unlisted = after((lists) => {
      Object.assign(lists, { systemPods: new UncheckedError("forbidden") });
    });
    const read = () => Promise.reject(new Error("asked"));
    expect(await loggedMeshConfig(unlisted, read)).toBeUndefined();
  });
});

describe("Pods", () => {
  const sets: Record<string, string>[] = [{ app: "reviews", version: "v2" }, { app: "sleep" }];

  test("are counted by their labels", () => expect(pods(after(), sets).seen).toBe("2 of 2"));

  test("that cannot be scheduled are red with the scheduler's message", () => {
    const snapshot = after((lists) => {
      const conditions = [{ type: "PodScheduled", status: "False", message: "Insufficient cpu" }];
      byName(lists.pods, "sleep-x-y").status = { phase: "Pending", conditions };
    });
    expect(pods(snapshot, sets)).toMatchObject({
      verdict: "red",
      seen: "1 of 2",
      cause: "Pod default/sleep-x-y: Insufficient cpu",
      remedy: { command: "kubectl describe pod sleep-x-y -n default" },
    });
  });

  test("that are terminating do not count", () => {
    const snapshot = after((lists) => {
      byName(lists.pods, "sleep-x-y").metadata.deletionTimestamp = "2026-03-01T10:00:00Z";
    });
    expect(pods(snapshot, sets)).toMatchObject({ verdict: "red", cause: "no Pod with app=sleep" });
  });

  test.each([
    [0, { lasting: true, remedy: { kind: "refresh", changed: "app=sleep has no replicas" } }],
    [1, {}],
  ])("that nothing replaces are red for good: %d replicas", (replicas, more) => {
    const snapshot = after((lists) => {
      lists.pods = lists.pods.filter(({ metadata }) => metadata.name !== "sleep-x-y");
      lists.replicaSets.push({
        metadata: { name: "sleep-x", labels: { app: "sleep" } },
        spec: { replicas },
      });
    });
    expect(pods(snapshot, sets)).toEqual({
      verdict: "red",
      seen: "1 of 2",
      cause: "no Pod with app=sleep",
      ...more,
    });
  });
});

describe("a condition", () => {
  const programmed = { kind: "Gateway", name: "reviews-waypoint", type: "Programmed" } as const;
  const bound = {
    kind: "Service",
    name: "productpage",
    type: "istio.io/WaypointBound",
    message: "Ingress traffic will traverse the waypoint",
  } as const;
  const look = (expectation: Parameters<typeof condition>[2], change?: (lists: Lists) => void) =>
    condition(after(change), "default", expectation);

  test("that is True is green", () => expect(look(programmed).verdict).toBe("green"));

  test("of a missing object is red", () => {
    expect(look({ ...programmed, name: "gone" })).toMatchObject({
      seen: "does not exist",
      lasting: true,
      remedy: { kind: "refresh", changed: "Gateway default/gone does not exist" },
    });
  });

  test("that istiod has not set is red", () => {
    expect(look({ ...programmed, type: "Accepted" })).toMatchObject({
      seen: "no such condition",
      cause: "istiod does not report Accepted on Gateway default/reviews-waypoint",
    });
  });

  test("that is False is red with istiod's message", () => {
    const finding = look(programmed, ({ gateways }) => {
      const [said] = byName(gateways, "reviews-waypoint").status.conditions;
      Object.assign(said, { status: "False", reason: "AddressNotAssigned", message: "no Pods" });
    });
    expect(finding).toMatchObject({
      seen: "False",
      cause: "Programmed=False AddressNotAssigned: no Pods",
    });
  });

  test("of an older generation of the object is red", () => {
    const finding = look(programmed, ({ gateways }) => {
      const gateway = byName(gateways, "reviews-waypoint");
      gateway.metadata.generation = 3;
      gateway.status.conditions[0].observedGeneration = 2;
    });
    expect(finding).toMatchObject({ verdict: "red", seen: "out of date" });
  });

  test("must have the expected message", () => {
    expect(look(bound).verdict).toBe("green");
    const finding = look(bound, ({ services }) => {
      byName(services, "productpage").status.conditions[0].message = "Successfully attached";
    });
    expect(finding).toMatchObject({ verdict: "red", cause: expect.stringContaining("attached") });
  });
});

describe("Pods and the ambient label", () => {
  const labels = [{ app: "sleep" }, { app: "notsleep" }];
  const look = (change?: (lists: Lists) => void) => notRestarted(after(change), "default", labels);
  const sleep = (lists: Lists) => byName(lists.pods, "sleep-x-y");

  test("Pods older than the label are green", () => {
    expect(look()).toMatchObject({ verdict: "green", seen: "none of 2" });
  });

  test("no label is red", () => {
    const finding = look(({ namespaces }) => (namespaces[0].metadata.labels = {}));
    expect(finding).toMatchObject({ verdict: "red", seen: "no label" });
  });

  test("a Pod that was created right after the label is red", () => {
    const finding = look((lists) => {
      sleep(lists).metadata.creationTimestamp = "2026-03-01T10:00:05Z";
    });
    expect(finding).toMatchObject({ verdict: "red", seen: "Pod created 5 s after the label" });
  });

  test("a container that ended within minutes of the label is red, with the reason", () => {
    const finding = look((lists) => {
      sleep(lists).status.containerStatuses[0] = {
        name: "sleep",
        restartCount: 1,
        lastState: {
          terminated: { finishedAt: "2026-03-01T10:01:00Z", reason: "Error", message: "probe" },
        },
        state: { running: { startedAt: "2026-03-01T10:01:01Z" } },
      };
    });
    expect(finding).toMatchObject({
      verdict: "red",
      seen: "container sleep ended 60 s after the label",
      cause: "Pod default/sleep-x-y: Error: probe",
    });
  });

  test("without an older Pod nothing can be proved", () => {
    const looked = () =>
      look((lists) => {
        for (const pod of lists.pods) pod.metadata.creationTimestamp = "2026-03-01T12:00:00Z";
      });
    expect(looked).toThrow("every Pod is newer than the label");
  });

  test("a Pod that was created later does not count", () => {
    const finding = look((lists) => {
      sleep(lists).metadata.creationTimestamp = "2026-03-01T10:02:00Z";
    });
    expect(finding).toMatchObject({ verdict: "green", seen: "none of 1, 1 newer" });
  });

  test("a rollout of the Deployment does not count", () => {
    const finding = look((lists) => {
      sleep(lists).metadata.creationTimestamp = "2026-03-01T10:02:00Z";
      lists.replicaSets.push({
        metadata: { name: "sleep-x", creationTimestamp: "2026-03-01T10:01:59Z" },
      });
    });
    expect(finding.verdict).toBe("green");
  });

  test("a restart before the label does not count", () => {
    const finding = look((lists) => {
      sleep(lists).status.containerStatuses[0] = {
        name: "sleep",
        restartCount: 1,
        lastState: { terminated: { finishedAt: "2026-03-01T09:55:00Z" } },
        state: { running: { startedAt: "2026-03-01T09:55:01Z" } },
      };
    });
    expect(finding.verdict).toBe("green");
  });

  test("a label without a recorded time is not checked", () => {
    const looked = () => look(({ namespaces }) => delete namespaces[0].metadata.managedFields);
    expect(looked).toThrow(UncheckedError);
  });
});
