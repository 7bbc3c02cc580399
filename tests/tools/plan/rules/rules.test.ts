import { describe, expect, test } from "@jest/globals";

import type { Entry } from "../../../../tools/plan/plan.js";
import { sealed } from "../../../../tools/plan/recording/registration.js";
import { clusterIsUntouched, guardRails } from "../../../../tools/plan/rules/index.js";
import { broken, entry, plan } from "../entries.js";

test("every rule has a reason in one sentence", () => {
  for (const { name, why } of [...guardRails, clusterIsUntouched]) {
    expect([name, why]).toEqual([expect.any(String), expect.stringMatching(/^[A-Z].{40,}\.$/)]);
  }
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

  test("allows what is configured", () => {
    expect(broken(rule, plan(network(good)))).toEqual([]);
  });

  test("rejects an API range that is not configured", () => {
    const api = [...good.api, admitting("0.0.0.0/0", 6443)];
    expect(broken(rule, plan(network({ ...good, api })))).toEqual([
      expect.stringMatching(/^n-rules-api: admits 0\.0\.0\.0\/0 .* allows 203\.0\.113\.7\/32/),
    ]);
  });

  test("rejects another port of the API endpoint, even for a configured range", () => {
    const api = [admitting("203.0.113.7/32", 22)];
    expect(broken(rule, plan(network({ ...good, api })))).toHaveLength(1);
  });

  test("rejects a load balancer port without a listener on the gateway", () => {
    const lb = [admitting("0.0.0.0/0", 8080)];
    expect(broken(rule, plan(network({ ...good, lb })))).toEqual([
      expect.stringContaining("the gateway listens on 80"),
    ]);
  });

  test("rejects outside traffic to workers, and a range wider than the VCN", () => {
    const workers = [admitting("198.51.100.0/24", 22), admitting("10.0.0.0/8")];
    expect(broken(rule, plan(network({ ...good, workers })))).toHaveLength(2);
  });

  const icmp = (icmpOptions?: Record<string, number>) => ({
    source: "0.0.0.0/0",
    protocol: "1",
    ...(icmpOptions && { icmpOptions }),
  });

  test("allows path MTU discovery from anywhere, for workers only", () => {
    const discovery = icmp({ type: 3, code: 4 });
    expect(broken(rule, plan(network({ ...good, workers: [...good.workers, discovery] })))).toEqual(
      [],
    );
    expect(broken(rule, plan(network({ ...good, api: [discovery], lb: [discovery] })))).toEqual([
      expect.stringContaining("n-rules-api: admits 0.0.0.0/0 (ICMP 3,4); network.apiAllowedCidrs"),
      expect.stringContaining("n-rules-lb: admits 0.0.0.0/0 (ICMP 3,4); the gateway listens"),
    ]);
  });

  test.each([
    ["every type", icmp(), "ICMP of every type"],
    ["every code of the type", icmp({ type: 3 }), "ICMP 3"],
    ["another type", icmp({ type: 8, code: 0 }), "ICMP 8,0"],
    ["all of everything", { ...icmp({ type: 3, code: 4 }), protocol: "all" }, "protocol all"],
  ])("workers to ICMP of %s", (_, other, seen) => {
    expect(broken(rule, plan(network({ ...good, workers: [other] })))).toEqual([
      expect.stringContaining(`n-rules-workers: admits 0.0.0.0/0 (${seen}); except for path MTU`),
    ]);
  });

  test("rejects a subnet with the VCN's default security list", () => {
    const bare = entry("n-subnet", "oci:Core/subnet:Subnet");
    expect(broken(rule, plan([bare]))).toEqual([expect.stringContaining("open to SSH")]);
  });
});

describe("no secret in plain text", () => {
  const rule = "no secret in plain text";
  const map = (data: unknown, secrets = {}) =>
    entry("map", "kubernetes:core/v1:ConfigMap", { inputs: { data }, secrets });

  test("allows what is marked as a secret", () => {
    const marked = map({ password: "<secret>" }, { "data.password": "correct horse" });
    expect(broken(rule, plan([marked]))).toEqual([]);
  });

  test("rejects a secret's value elsewhere", () => {
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
    [{ dbPassword: "x" }, "has the name of a secret"],
    [{ key: "-----BEGIN RSA PRIVATE KEY-----\nx" }, "contains a key or a token"],
    [{ kubeconfig: "users:\n- user:\n    token: abc" }, "contains a key or a token"],
  ])("%j", (data, problem) => {
    expect(broken(rule, plan([map(data)]))).toEqual([expect.stringContaining(problem)]);
  });

  test.each([
    ["as it is", sealed],
    ["within JSON", JSON.stringify({ env: sealed })],
  ])("what the stack's file has encrypted, %s", (_, text) => {
    const release = entry("r", "kubernetes:helm.sh/v3:Release", { inputs: { values: [text] } });
    expect(broken(rule, plan([release]))).toEqual([
      "r: values[0] contains a value that the stack's file encrypts; wrap it in pulumi.secret",
    ]);
    expect(broken(rule, plan([], { outputs: { url: text } }))).toHaveLength(1);
  });

  test("rejects a Secret with plain-text data", () => {
    const secret = entry("s", "kubernetes:core/v1:Secret", { inputs: { stringData: { a: "b" } } });
    expect(broken(rule, plan([secret]))).toEqual([expect.stringContaining("stringData.a")]);
  });
});

test("names start with the parent's name", () => {
  const rule = "names start with the parent's name";
  const parent = entry("mesh", "oke-ambient-mesh:mesh:Ambient");
  const child = (name: string) => entry(name, "kubernetes:core/v1:Service", { parent: "mesh" });
  expect(broken(rule, plan([parent, child("mesh-service")]))).toEqual([]);
  expect(broken(rule, plan([parent, child("meshservice")]))).toEqual([
    "meshservice: is a child of mesh; name it mesh-…",
  ]);
});

describe("the cluster stays untouched", () => {
  const cluster = (inputs: Record<string, unknown>, rest: Partial<Entry> = {}) =>
    entry("cluster", "oci:ContainerEngine/cluster:Cluster", { inputs, ...rest });
  const check = (before: Entry[], after: Entry[]) =>
    clusterIsUntouched
      .check(plan(before), plan(after))
      .map(({ resource, problem }) => `${resource}: ${problem}`);

  test("by changes inside the cluster", () => {
    const service = (port: number) =>
      entry("s", "kubernetes:core/v1:Service", { inputs: { port } });
    expect(check([cluster({ a: 1 }), service(1)], [cluster({ a: 1 }), service(2)])).toEqual([]);
  });

  test("reports what would change, create, or delete it", () => {
    const changed = cluster({ options: { subnets: [2] } }, { deletedWith: "x" });
    expect(check([cluster({ options: { subnets: [1] } })], [changed])).toEqual([
      "cluster: options.subnets would change",
      "cluster: deletedWith would change",
    ]);
    expect(check([cluster({})], [])).toEqual(["cluster: would be deleted"]);
    expect(check([], [cluster({})])).toEqual(["cluster: would be created"]);
  });

  test("covers the provider: a new one replaces everything in the cluster", () => {
    const provider = (id: string) =>
      entry("kubernetes", "pulumi:providers:kubernetes", { inputs: { clusterIdentifier: id } });
    expect(check([provider("a")], [provider("b")])).toHaveLength(1);
  });
});
