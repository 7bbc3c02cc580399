import { describe, expect, test } from "@jest/globals";

import { quantity } from "../../../../tools/plan/rules/requests.js";
import { broken, deployment, entry, plan, release } from "../entries.js";

describe("images have full names", () => {
  const rule = "images have full names";
  const image = (name: string) => plan([deployment([{ name: "app", image: name }])]);

  test.each(["registry.istio.io/a/b:1.0", "localhost:5000/app:2", `docker.io/app@sha256:ab`])(
    "%s will do",
    (name) => expect(broken(rule, image(name))).toEqual([]),
  );

  test("rejects a name without a registry", () => {
    expect(broken(rule, image("istio/examples-bookinfo:1.20.3"))).toEqual([
      expect.stringContaining('"istio/examples-bookinfo:1.20.3" has no registry'),
    ]);
  });

  test.each(["docker.io/app:latest", "docker.io/app", "localhost:5000/app"])("%s", (name) => {
    expect(broken(rule, image(name))).toEqual([expect.stringContaining("latest")]);
  });

  test("applies to init containers and charts", () => {
    const pod = { initContainers: [{ name: "init", image: "busybox:1" }], containers: [] };
    const job = entry("job", "kubernetes:core/v1:Pod", { inputs: { spec: pod } });
    const istiod = release("istiod", { global: { hub: "istio", tag: "latest" } });
    expect(broken(rule, plan([job, istiod]))).toEqual([
      expect.stringMatching(/^job: container init: "busybox:1" has no registry/),
      expect.stringMatching(/^istio-istiod: .* has no registry/),
      expect.stringMatching(/^istio-istiod: .* has the tag latest/),
    ]);
  });
});

describe("images in a chart's own values take precedence", () => {
  const rule = "images have full names";
  const global = { hub: "registry.istio.io/release", tag: "1.31.1" };

  test.each(["istiod", "cni", "ztunnel"])("%s", (chart) => {
    const check = (own: object) => broken(rule, plan([release(chart, { global, ...own })]));
    expect(check({})).toEqual([]);
    expect(check({ hub: "", tag: "" })).toEqual([]);
    expect(check({ hub: "istio" })).toEqual([
      expect.stringContaining('"istio/image:1.31.1" has no'),
    ]);
    expect(check({ tag: "latest" })).toEqual([expect.stringContaining("has the tag latest")]);
    expect(check({ image: "istio/pilot" })).toHaveLength(2);
    expect(check({ hub: "istio", image: "docker.io/istio/pilot:1.31.1" })).toEqual([]);
  });

  test("except for the proxies that istiod injects", () => {
    const own = { hub: "docker.io/istio", tag: "1.31.1" };
    const values = { ...own, global: { hub: "istio", tag: "1.31.1" } };
    expect(broken(rule, plan([release("ztunnel", values)]))).toEqual([]);
    expect(broken(rule, plan([release("istiod", values)]))).toEqual([
      expect.stringMatching(/values\.global\.hub.*"istio\/image:1\.31\.1" has no registry/),
    ]);
    const proxy = { image: "istio/proxyv2:latest" };
    expect(broken(rule, plan([release("istiod", { global: { ...global, proxy } })]))).toHaveLength(
      2,
    );
  });

  test("even if the values are a secret", () => {
    const hidden = entry("istio-cni", "kubernetes:helm.sh/v3:Release", {
      inputs: { chart: "cni", values: "<secret>" },
      secrets: { values: { global: { hub: "istio", tag: "1.31.1" } } },
    });
    expect(broken(rule, plan([hidden]))).toEqual([expect.stringContaining("has no registry")]);
  });
});

describe("requests fit the workers", () => {
  const rule = "requests fit the workers";
  const asking = (cpu: string | undefined, memory: string | undefined, replicas = 1) =>
    deployment([{ name: "app", resources: { requests: { cpu, memory } } }], replicas);
  const pool = entry("nodes-pool", "oci:ContainerEngine/nodePool:NodePool", {
    inputs: { nodeShapeConfig: { ocpus: 2, memoryInGbs: 16 }, nodeConfigDetails: { size: 1 } },
  });

  test("allows requests up to the workers' capacity", () => {
    expect(broken(rule, plan([pool, asking("3400m", "15260Mi")]))).toEqual([]);
  });

  test("rejects a container without a request", () => {
    expect(broken(rule, plan([asking("50m", undefined)]))).toEqual([
      "app-deployment: container app has no memory request; set resources.requests.memory",
    ]);
  });

  test("rejects more CPU or memory than the workers have", () => {
    expect(broken(rule, plan([pool, asking("3401m", "1Gi")]))[0]).toMatch(
      /^nodes-pool: the Pods request 3401m CPU, but the workers have 3400m/,
    );
    expect(broken(rule, plan([pool, asking("100m", "4Gi", 4)]))[0]).toMatch(/16384 MiB/);
  });

  test("leaves a quarter of the workers free with observability or load", () => {
    const { settings } = plan([]);
    const watched = (cpu: string, memory: string, change: object) =>
      broken(rule, plan([pool, asking(cpu, memory)], { settings: { ...settings, ...change } }));
    expect(watched("2550m", "11445Mi", { observability: true })).toEqual([]);
    expect(watched("2600m", "1Gi", {})).toEqual([]);
    expect(watched("2600m", "1Gi", { load: 1 })).toEqual([
      expect.stringMatching(/^nodes-pool: .* leave 23 % of the CPU free; expected 25 %/),
    ]);
    expect(watched("100m", "12Gi", { observability: true })).toEqual([
      expect.stringContaining("leave 19 % of the memory free"),
    ]);
  });

  test("counts charts: daemons on every worker, waypoints by istiod's values", () => {
    const requests = { requests: { cpu: "1", memory: "1Gi" } };
    const two = { ...pool.inputs, nodeConfigDetails: { size: 2 } };
    const istio = [
      release("istiod", { resources: requests, global: { waypoint: { resources: requests } } }),
      release("ztunnel", { resources: requests }),
      release("cni", { resources: requests }),
      release("gateway", { resources: requests }),
      entry("waypoint", "kubernetes:gateway.networking.k8s.io/v1:Gateway", {
        inputs: { spec: { gatewayClassName: "istio-waypoint" } },
      }),
    ];
    const found = broken(rule, plan([{ ...pool, inputs: two }, ...istio]));
    expect(found).toEqual([expect.stringContaining("7000m CPU, but the workers have 6800m")]);
    expect(broken(rule, plan([release("cni", {})]))).toHaveLength(2);
  });

  test.each([
    ["istiod", { autoscaleEnabled: false, replicaCount: 4 }],
    ["istiod", { autoscaleEnabled: true, autoscaleMin: 4, replicaCount: 1 }],
    ["istiod", { autoscaleMin: 4 }],
    ["gateway", { autoscaling: { enabled: false }, replicaCount: 4 }],
    ["gateway", { autoscaling: { minReplicas: 4 } }],
  ])("a chart's Pods are as many as its values say: %s %j", (chart, values) => {
    const resources = { requests: { cpu: "1", memory: "1Gi" } };
    const one = release(chart, { resources, ...values });
    expect(broken(rule, plan([pool, one]))).toEqual([
      expect.stringContaining("4000m CPU, but the workers have 3400m"),
    ]);
  });

  test("ignores a disabled autoscaler, and replicas beside an enabled one", () => {
    const resources = { requests: { cpu: "1", memory: "1Gi" } };
    const istiod = { resources, autoscaleEnabled: false, autoscaleMin: 4 };
    const gateway = { resources, autoscaling: { enabled: true }, replicaCount: 4 };
    const charts = [release("istiod", istiod), release("gateway", gateway)];
    expect(broken(rule, plan([pool, ...charts]))).toEqual([]);
  });

  test("parses Kubernetes quantities", () => {
    expect(["100m", "1.5", "1Gi", "512Mi", "2k", "", "many"].map(quantity)).toEqual([
      0.1,
      1.5,
      1024 ** 3,
      512 * 1024 ** 2,
      2000,
      undefined,
      undefined,
    ]);
  });
});
