import { describe, expect, test } from "@jest/globals";

import { parseSettings } from "../../components/settings.js";
import type { Entry, Plan } from "../../plan/plan.js";
import { clusterIsUntouched, guardRails } from "../../plan/rules.js";
import { quantity } from "../../plan/rules/requests.js";

const settings = parseSettings({
  compartmentId: "ocid1.compartment.oc1..a",
  network: { apiAllowedCidrs: ["203.0.113.7/32"] },
});

function entry(name: string, type: string, rest: Partial<Entry> = {}): Entry {
  return {
    name,
    type,
    custom: !type.startsWith("oke-ambient-mesh:"),
    read: false,
    step: "cluster",
    dependsOn: [],
    dependencies: [],
    ignoreChanges: [],
    replaceOnChanges: [],
    additionalSecretOutputs: [],
    protect: false,
    retainOnDelete: false,
    deleteBeforeReplace: false,
    customTimeouts: {},
    inputs: {},
    secrets: {},
    ...rest,
  };
}

function plan(entries: Entry[], rest: Partial<Plan> = {}): Plan {
  return { stack: "dev", stage: "traffic", settings, entries, outputs: {}, messages: [], ...rest };
}

/** What a rule holds against a plan, a line each. */
function broken(rule: string, of: Plan): string[] {
  const rail = guardRails.find(({ name }) => name === rule);
  if (!rail) throw new Error(`there is no rule ${rule}`);
  return rail.check(of).map(({ resource, problem }) => `${resource}: ${problem}`);
}

const deployment = (containers: unknown[], replicas = 1) =>
  entry("app-deployment", "kubernetes:apps/v1:Deployment", {
    inputs: { spec: { replicas, template: { spec: { containers } } } },
  });
const release = (chart: string, values: unknown) =>
  entry(`istio-${chart}`, "kubernetes:helm.sh/v3:Release", { inputs: { chart, values } });

test("every rule says why in a sentence", () => {
  for (const { name, why } of [...guardRails, clusterIsUntouched]) {
    expect([name, why]).toEqual([expect.any(String), expect.stringMatching(/^[A-Z].{40,}\.$/)]);
  }
});

describe("images are named in full", () => {
  const rule = "images are named in full";
  const image = (name: string) => plan([deployment([{ name: "app", image: name }])]);

  test.each(["registry.istio.io/a/b:1.0", "localhost:5000/app:2", `docker.io/app@sha256:ab`])(
    "%s will do",
    (name) => expect(broken(rule, image(name))).toEqual([]),
  );

  test("no registry", () => {
    expect(broken(rule, image("istio/examples-bookinfo:1.20.3"))).toEqual([
      expect.stringContaining('"istio/examples-bookinfo:1.20.3" has no registry'),
    ]);
  });

  test.each(["docker.io/app:latest", "docker.io/app", "localhost:5000/app"])("%s", (name) => {
    expect(broken(rule, image(name))).toEqual([expect.stringContaining("latest")]);
  });

  test("init containers and charts too", () => {
    const pod = { initContainers: [{ name: "init", image: "busybox:1" }], containers: [] };
    const job = entry("job", "kubernetes:core/v1:Pod", { inputs: { spec: pod } });
    const istiod = release("istiod", { global: { hub: "istio", tag: "latest" } });
    expect(broken(rule, plan([job, istiod]))).toEqual([
      expect.stringMatching(/^job: container init: "busybox:1" has no registry/),
      expect.stringMatching(/^istio-istiod: .* has no registry/),
      expect.stringMatching(/^istio-istiod: .* whatever is latest/),
    ]);
  });
});

describe("requests fit the workers", () => {
  const rule = "requests fit the workers";
  const asking = (cpu: string | undefined, memory: string | undefined, replicas = 1) =>
    deployment([{ name: "app", resources: { requests: { cpu, memory } } }], replicas);
  const pool = entry("nodes-pool", "oci:ContainerEngine/nodePool:NodePool", {
    inputs: { nodeShapeConfig: { ocpus: 2, memoryInGbs: 16 }, nodeConfigDetails: { size: 1 } },
  });

  test("what fits is fine, up to the last thousandth", () => {
    expect(broken(rule, plan([pool, asking("3400m", "15260Mi")]))).toEqual([]);
  });

  test("a container without a request", () => {
    expect(broken(rule, plan([asking("50m", undefined)]))).toEqual([
      "app-deployment: container app has no request for memory; set resources.requests.memory",
    ]);
  });

  test("more CPU or memory than there is", () => {
    expect(broken(rule, plan([pool, asking("3401m", "1Gi")]))[0]).toMatch(
      /^nodes-pool: the Pods ask for 3401m CPU, and the workers have 3400m/,
    );
    expect(broken(rule, plan([pool, asking("100m", "4Gi", 4)]))[0]).toMatch(/16384 MiB/);
  });

  test("charts ask too: daemons on every worker, waypoints by istiod's values", () => {
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
    expect(found).toEqual([expect.stringContaining("7000m CPU, and the workers have 6800m")]);
    expect(broken(rule, plan([release("cni", {})]))).toHaveLength(2);
  });

  test("quantities", () => {
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

describe("open only as configured", () => {
  const rule = "open only as configured";
  const admitting = (source: string, port?: number) => ({
    source,
    protocol: port ? "6" : "all",
    ...(port && { tcpOptions: { min: port, max: port } }),
  });
  const network = (rules: Record<"api" | "workers" | "lb", unknown[]>) => [
    entry("n-vcn", "oci:Core/vcn:Vcn", { inputs: { cidrBlocks: ["10.0.0.0/16"] } }),
    ...Object.entries(rules).flatMap(([role, ingressSecurityRules]) => [
      entry(`n-rules-${role}`, "oci:Core/securityList:SecurityList", {
        inputs: { ingressSecurityRules },
      }),
      entry(`n-subnet-${role}`, "oci:Core/subnet:Subnet", {
        inputs: { securityListIds: [`<n-rules-${role}.id>`] },
      }),
    ]),
    entry("c-cluster", "oci:ContainerEngine/cluster:Cluster", {
      inputs: {
        endpointConfig: { subnetId: "<n-subnet-api.id>" },
        options: { serviceLbSubnetIds: ["<n-subnet-lb.id>"] },
      },
    }),
    entry("i-service", "kubernetes:core/v1:Service", {
      inputs: { spec: { type: "LoadBalancer", ports: [{ port: 80 }] } },
    }),
  ];
  const good = {
    api: [admitting("203.0.113.7/32", 6443), admitting("10.0.128.0/20")],
    workers: [admitting("10.0.0.0/28")],
    lb: [admitting("0.0.0.0/0", 80)],
  };

  test("as configured is fine", () => {
    expect(broken(rule, plan(network(good)))).toEqual([]);
  });

  test("the API to somebody that nobody configured", () => {
    const api = [...good.api, admitting("0.0.0.0/0", 6443)];
    expect(broken(rule, plan(network({ ...good, api })))).toEqual([
      expect.stringMatching(/^n-rules-api: admits 0\.0\.0\.0\/0 .* admits 203\.0\.113\.7\/32/),
    ]);
  });

  test("another port of the API endpoint, even to whom it may concern", () => {
    const api = [admitting("203.0.113.7/32", 22)];
    expect(broken(rule, plan(network({ ...good, api })))).toHaveLength(1);
  });

  test("a port of the load balancer that the gateway does not have", () => {
    const lb = [admitting("0.0.0.0/0", 8080)];
    expect(broken(rule, plan(network({ ...good, lb })))).toEqual([
      expect.stringContaining("the gateway listens on 80"),
    ]);
  });

  test("workers to anybody outside, and a range wider than the VCN", () => {
    const workers = [admitting("198.51.100.0/24", 22), admitting("10.0.0.0/8")];
    expect(broken(rule, plan(network({ ...good, workers })))).toHaveLength(2);
  });

  test("a subnet that falls back on the VCN's default list", () => {
    const bare = entry("n-subnet", "oci:Core/subnet:Subnet");
    expect(broken(rule, plan([bare]))).toEqual([expect.stringContaining("open to SSH")]);
  });
});

describe("no secret in clear", () => {
  const rule = "no secret in clear";
  const map = (data: unknown, secrets = {}) =>
    entry("map", "kubernetes:core/v1:ConfigMap", { inputs: { data }, secrets });

  test("what is marked, is fine", () => {
    const marked = map({ password: "<secret>" }, { "data.password": "correct horse" });
    expect(broken(rule, plan([marked]))).toEqual([]);
  });

  test("the value of a secret somewhere else", () => {
    const marked = map({}, { "data.password": { deep: ["correct horse"] } });
    const other = entry("other", "command:local:Command", {
      inputs: { create: "login 'correct horse'" },
    });
    expect(broken(rule, plan([marked, other]))).toEqual([
      "other: create repeats the value of a secret; use the secret output itself",
    ]);
    expect(broken(rule, plan([marked], { outputs: { url: "x:correct horse@y" } }))).toHaveLength(1);
  });

  test.each([
    [{ dbPassword: "x" }, "is named like a secret"],
    [{ key: "-----BEGIN RSA PRIVATE KEY-----\nx" }, "holds a key or a token"],
    [{ kubeconfig: "users:\n- user:\n    token: abc" }, "holds a key or a token"],
  ])("%j", (data, problem) => {
    expect(broken(rule, plan([map(data)]))).toEqual([expect.stringContaining(problem)]);
  });

  test("a Secret with its data in clear", () => {
    const secret = entry("s", "kubernetes:core/v1:Secret", { inputs: { stringData: { a: "b" } } });
    expect(broken(rule, plan([secret]))).toEqual([expect.stringContaining("stringData.a")]);
  });
});

test("named after the parent", () => {
  const rule = "named after the parent";
  const parent = entry("mesh", "oke-ambient-mesh:mesh:Ambient");
  const child = (name: string) => entry(name, "kubernetes:core/v1:Service", { parent: "mesh" });
  expect(broken(rule, plan([parent, child("mesh-service")]))).toEqual([]);
  expect(broken(rule, plan([parent, child("meshservice")]))).toEqual([
    "meshservice: is a child of mesh; call it mesh-…",
  ]);
});

describe("the cluster is left alone", () => {
  const cluster = (inputs: Record<string, unknown>, rest: Partial<Entry> = {}) =>
    entry("cluster", "oci:ContainerEngine/cluster:Cluster", { inputs, ...rest });
  const check = (before: Entry[], after: Entry[]) =>
    clusterIsUntouched
      .check(plan(before), plan(after))
      .map(({ resource, problem }) => `${resource}: ${problem}`);

  test("whatever changes inside it", () => {
    const service = (port: number) =>
      entry("s", "kubernetes:core/v1:Service", { inputs: { port } });
    expect(check([cluster({ a: 1 }), service(1)], [cluster({ a: 1 }), service(2)])).toEqual([]);
  });

  test("by what would change, make or delete one", () => {
    const changed = cluster({ options: { subnets: [2] } }, { deletedWith: "x" });
    expect(check([cluster({ options: { subnets: [1] } })], [changed])).toEqual([
      "cluster: options.subnets would change",
      "cluster: deletedWith would change",
    ]);
    expect(check([cluster({})], [])).toEqual(["cluster: would be deleted"]);
    expect(check([], [cluster({})])).toEqual(["cluster: would be created"]);
  });

  test("the provider too: another one replaces all that is in the cluster", () => {
    const provider = (id: string) =>
      entry("kubernetes", "pulumi:providers:kubernetes", { inputs: { clusterIdentifier: id } });
    expect(check([provider("a")], [provider("b")])).toHaveLength(1);
  });
});
