import { describe, expect, test } from "@jest/globals";

import { diffObjects } from "../../../emulator/plugins/kubernetes/diff.js";
import { connect } from "../../../emulator/plugins/kubernetes/kubeconfig.js";
import { importedInputs, liveInputs } from "../../../emulator/plugins/kubernetes/live.js";
import {
  fieldManager,
  normalize,
  parseType,
} from "../../../emulator/plugins/kubernetes/objects.js";
import type { KubernetesObject } from "../../../emulator/plugins/kubernetes/objects.js";
import { checkConfig, diffConfig } from "../../../emulator/plugins/kubernetes/provider.js";
import { readinessOf, readinessOfRead } from "../../../emulator/plugins/kubernetes/readiness.js";
import { parseWaitFor } from "../../../emulator/plugins/kubernetes/waitfor.js";
import { unknown } from "../../../emulator/plugins/values.js";

const deployment = (app: string, replicas: number | symbol) => ({
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: { name: "d", namespace: "default", labels: { "app.kubernetes.io/name": app } },
  spec: { replicas, selector: { matchLabels: { app } }, template: { containers: [{ name: app }] } },
});

describe("diff", () => {
  test("names each path that changes, as the engine writes paths", () => {
    const { changes, deleteBeforeReplace } = diffObjects(deployment("a", 1), deployment("a", 2));
    expect(changes).toEqual({ "spec.replicas": "update" });
    expect(deleteBeforeReplace).toBe(false);
  });

  test("nothing changes, nothing is said", () => {
    expect(diffObjects(deployment("a", 1), deployment("a", 1)).changes).toEqual({});
  });

  test("an immutable field replaces the object; under the same name the old one goes first", () => {
    const { changes, deleteBeforeReplace } = diffObjects(deployment("a", 1), deployment("b", 1));
    expect(changes).toEqual({
      'metadata.labels["app.kubernetes.io/name"]': "update",
      "spec.selector.matchLabels.app": "update-replace",
      "spec.template.containers[0].name": "update",
    });
    expect(deleteBeforeReplace).toBe(true);
  });

  test("another name is another object, and the old one goes last", () => {
    const renamed = { ...deployment("a", 1), metadata: { name: "e", namespace: "default" } };
    const { changes, deleteBeforeReplace } = diffObjects(deployment("a", 1), renamed);
    expect(changes["metadata.name"]).toBe("update-replace");
    expect(deleteBeforeReplace).toBe(false);
  });

  test("of a patch only the name is fixed", () => {
    const options = { isPatch: true };
    const { changes } = diffObjects(deployment("a", 1), deployment("b", 1), options);
    expect(Object.values(changes)).toEqual(["update", "update", "update"]);
  });

  test("what is not known yet counts as a change", () => {
    const { changes } = diffObjects(deployment("a", 1), deployment("a", unknown));
    expect(changes).toEqual({ "spec.replicas": "update" });
  });

  test("what shall be ignored is", () => {
    const options = { ignoreChanges: ["spec"] };
    expect(diffObjects(deployment("a", 1), deployment("a", 2), options).changes).toEqual({});
  });

  test("a ConfigMap's data replace it, unless the provider says otherwise", () => {
    const map = (a: string) => ({ apiVersion: "v1", kind: "ConfigMap", data: { a } });
    expect(diffObjects(map("1"), map("2")).changes).toEqual({ "data.a": "update-replace" });
    const options = { mutableConfigMaps: true };
    expect(diffObjects(map("1"), map("2"), options).changes).toEqual({ "data.a": "update" });
  });

  test("list elements come and go by their place", () => {
    const list = (...hosts: string[]) => ({ spec: { hosts } });
    expect(diffObjects(list("a"), list("a", "b")).changes).toEqual({ "spec.hosts[1]": "add" });
    expect(diffObjects(list("a", "b"), list("a")).changes).toEqual({ "spec.hosts[1]": "delete" });
  });
});

describe("live inputs", () => {
  const inputs = {
    kind: "Deployment",
    metadata: { name: "d", labels: { a: "1", b: "2" }, annotations: {} },
    spec: { replicas: 1, hosts: [{ cpu: "0.1", memory: "1Gi" }], hostNetwork: false },
  };

  test("have the inputs' shape: what the server added is left out", () => {
    const live = {
      ...inputs,
      metadata: { ...inputs.metadata, annotations: undefined, uid: "u", generation: 1 },
      spec: { replicas: 1, hosts: [{ cpu: "100m", memory: "1024Mi", more: 1 }], strategy: {} },
      status: { replicas: 1 },
    };
    expect(liveInputs(live, inputs)).toEqual(inputs);
  });

  test("show what somebody changed or took away", () => {
    const live = {
      ...inputs,
      metadata: { name: "d", labels: { a: "1" } },
      spec: { replicas: 3, hosts: [{ cpu: "200m", memory: "1Gi" }] },
    };
    const { changes } = diffObjects(liveInputs(live, inputs), inputs);
    expect(changes).toEqual({
      "metadata.labels.b": "add",
      "spec.replicas": "update",
      "spec.hosts[0].cpu": "update",
    });
  });

  test("of a Secret are in the words that were put in", () => {
    const secret = { kind: "Secret", stringData: { password: "p" } };
    expect(liveInputs({ kind: "Secret", data: { password: "cA==" } }, secret)).toEqual(secret);
  });

  test("of what is looked up are all that a person could have written", () => {
    const live = { kind: "Namespace", metadata: { name: "n", uid: "u" }, spec: {}, status: {} };
    expect(importedInputs(live)).toEqual({ kind: "Namespace", metadata: { name: "n" }, spec: {} });
  });
});

describe("pulumi.com/waitFor", () => {
  const object = (status: object) => ({ metadata: { generation: 2 }, status });
  const holds = (value: string, status: object) =>
    parseWaitFor(value).every((wanted) => wanted.holds(object(status)));

  test.each([
    ["condition=Ready", { conditions: [{ type: "Ready", status: "True" }] }, true],
    ["condition=Ready", { conditions: [{ type: "Ready", status: "False" }] }, false],
    ["condition=Ready", {}, false],
    ["condition=Ready=False", { conditions: [{ type: "Ready", status: "False" }] }, true],
    [
      "condition=Ready",
      { conditions: [{ type: "Ready", status: "True", observedGeneration: 1 }] },
      false,
    ],
    // Of a condition that says of no generation what it is of, the whole status' counts.
    [
      "condition=Ready",
      { observedGeneration: 1, conditions: [{ type: "Ready", status: "True" }] },
      false,
    ],
    ["jsonpath={.status.phase}=Running", { phase: "Running" }, true],
    ["jsonpath={.status.phase}=Running", { phase: "Pending" }, false],
    ["jsonpath={.status.address}", { address: "10.0.0.1" }, true],
    ["jsonpath={.status.address}", {}, false],
    ["jsonpath={.status.list[*].ip}=b", { list: [{ ip: "a" }, { ip: "b" }] }, true],
    ["jsonpath={.status.list[0]['ip']}=b", { list: [{ ip: "a" }, { ip: "b" }] }, false],
    [
      'jsonpath={.status.conditions[?(@.type=="Ready")].status}=True',
      { conditions: [{ type: "Ready", status: "True" }] },
      true,
    ],
    ['["condition=A", "jsonpath={.status.x}=1"]', { conditions: [], x: 1 }, false],
    [
      '["condition=A", "jsonpath={.status.x}=1"]',
      { conditions: [{ type: "A", status: "True" }], x: 1 },
      true,
    ],
  ])("%s of %j holds: %s", (value, status, expected) => {
    expect(holds(value, status)).toBe(expected);
  });

  test.each(["Ready", "condition=", "[]", "jsonpath={.a b}"])("%s is refused", (value) => {
    expect(() => parseWaitFor(value)).toThrow(/pulumi.com\/waitFor/);
  });
});

describe("readiness", () => {
  const look = (object: object) =>
    readinessOf(object as KubernetesObject)?.(object as KubernetesObject, undefined as never);

  test("says what a Deployment lacks", async () => {
    const status = { observedGeneration: 1, replicas: 2, updatedReplicas: 1, availableReplicas: 1 };
    const metadata = { name: "d", generation: 1 };
    const object = { apiVersion: "apps/v1", kind: "Deployment", metadata, spec: { replicas: 2 } };
    expect(await look({ ...object, status })).toEqual([
      "1 of 2 replicas have the new template",
      "1 old replicas are still there",
      "1 of 2 replicas are available",
    ]);
    const done = { observedGeneration: 1, replicas: 2, updatedReplicas: 2, availableReplicas: 2 };
    expect(await look({ ...object, status: done })).toEqual([]);
    expect(await look({ ...object, status: { ...done, observedGeneration: 0 } })).toHaveLength(1);
  });

  test("of what is read is that of some kinds, whatever an annotation asks for", () => {
    const annotations = { "pulumi.com/waitFor": "condition=Programmed" };
    const object = (apiVersion: string, kind: string) =>
      ({ apiVersion, kind, metadata: { name: "n", annotations } }) as KubernetesObject;
    expect(readinessOf(object("gateway.networking.k8s.io/v1", "Gateway"))).toBeDefined();
    for (const [apiVersion, kind, isLookedAt] of [
      ["gateway.networking.k8s.io/v1", "Gateway", false],
      ["apiextensions.k8s.io/v1", "CustomResourceDefinition", false],
      ["apps/v1", "Deployment", true],
    ] as const) {
      const readiness = readinessOfRead(object(apiVersion, kind));
      expect([kind, readiness !== undefined]).toEqual([kind, isLookedAt]);
    }
  });

  test("a Service of type LoadBalancer lacks its address", async () => {
    const object = {
      apiVersion: "v1",
      kind: "Service",
      metadata: {},
      spec: { type: "LoadBalancer" },
    };
    expect(await look(object)).toEqual(["no load balancer address has been given to it"]);
    const status = { loadBalancer: { ingress: [{ ip: "203.0.113.7" }] } };
    expect(await look({ ...object, status })).toEqual([]);
  });
});

describe("type tokens", () => {
  test.each([
    ["kubernetes:core/v1:Namespace", undefined, ["v1", "Namespace", false]],
    ["kubernetes:core/v1:NamespacePatch", "Namespace", ["v1", "Namespace", true]],
    ["kubernetes:apps/v1:Deployment", "Deployment", ["apps/v1", "Deployment", false]],
    ["kubernetes:x.io/v1:EnvoyPatch", "EnvoyPatch", ["x.io/v1", "EnvoyPatch", false]],
  ])("%s with kind %s", (type, kind, [apiVersion, name, isPatch]) => {
    expect(parseType(String(type), kind)).toEqual({ apiVersion, kind: name, isPatch });
  });

  test("inputs lose nulls and the SDK's spelling of x-kubernetes-*", () => {
    const input = { a: null, b: [{ x_kubernetes_list_type: "map", x_other: 1 }] };
    expect(normalize(input)).toEqual({ b: [{ "x-kubernetes-list-type": "map", x_other: 1 }] });
  });

  test("a field manager is the resource's own, the state's or the annotation's", () => {
    const own = fieldManager("urn:a", {});
    expect(own).toMatch(/^pulumi-kubernetes-[0-9a-f]{8}$/);
    expect(fieldManager("urn:a", {})).toBe(own);
    expect(fieldManager("urn:b", {})).not.toBe(own);
    expect(fieldManager("urn:a", {}, { __fieldManager: "kept" })).toBe("kept");
    const annotations = { "pulumi.com/patchFieldManager": "mine" };
    expect(fieldManager("urn:a", { metadata: { annotations } })).toBe("mine");
  });
});

const kubeconfig = (server: string) =>
  JSON.stringify({
    "current-context": "a",
    contexts: [{ name: "a", context: { cluster: "c", user: "u", namespace: "n" } }],
    clusters: [{ name: "c", cluster: { server } }],
    users: [{ name: "u", user: { token: "t" } }],
  });

describe("the provider's configuration", () => {
  test("a kubeconfig gives server, namespace and credentials", async () => {
    const connection = connect(kubeconfig("https://h:1/"));
    expect(connection).toMatchObject({ server: "https://h:1", namespace: "n" });
    expect(await connection.credentials()).toMatchObject({ token: "t" });
  });

  test("an exec credential is asked for once, from where the process stands", async () => {
    const script = `console.log(JSON.stringify({status:{token:"t"+process.pid+process.env.MORE}}))`;
    const exec = { command: "node", args: ["-e", script], env: [{ name: "MORE", value: "x" }] };
    const text = JSON.stringify({
      ...JSON.parse(kubeconfig("https://h:1")),
      users: [{ name: "u", user: { exec } }],
    });
    const connection = connect(text);
    const tokens = await Promise.all([1, 2, 3].map(() => connection.credentials()));
    expect(tokens[0]?.token).toMatch(/^t\d+x$/);
    expect(new Set(tokens.map(({ token }) => token)).size).toBe(1);
    expect(await connection.kubeconfig()).toContain(tokens[0]?.token);
  });

  test("an exec credential that fails says why", async () => {
    const exec = { command: "node", args: ["-e", "console.error('no key'); process.exit(1)"] };
    const text = JSON.stringify({
      ...JSON.parse(kubeconfig("https://h:1")),
      users: [{ name: "u", user: { exec } }],
    });
    await expect(connect(text).credentials()).rejects.toThrow(/"node" failed: no key/);
  });

  test("a kubeconfig that cannot be used is a failure of that property", async () => {
    const { failures } = await checkConfig({ kubeconfig: "a:\n b" });
    expect(failures).toEqual([
      { property: "kubeconfig", reason: 'the kubeconfig has no context "" (it has: none)' },
    ]);
  });

  test("another kubeconfig of the same cluster is an update", async () => {
    const olds = { kubeconfig: kubeconfig("https://a"), clusterIdentifier: "1" };
    const news = { kubeconfig: kubeconfig("https://b"), clusterIdentifier: "1" };
    expect((await diffConfig(olds, news)).changes).toEqual({ kubeconfig: "update" });
  });

  test("another cluster is a replacement", async () => {
    const identified = await diffConfig({ clusterIdentifier: "1" }, { clusterIdentifier: "2" });
    expect(identified.changes).toEqual({ clusterIdentifier: "update-replace" });
    const olds = { kubeconfig: kubeconfig("https://a") };
    const moved = await diffConfig(olds, { kubeconfig: kubeconfig("https://b") });
    expect(moved.changes).toEqual({ kubeconfig: "update-replace" });
  });
});
