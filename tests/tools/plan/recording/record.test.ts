import { describe, expect, test } from "@jest/globals";
import * as kubernetes from "@pulumi/kubernetes";
import * as oci from "@pulumi/oci";
import * as pulumi from "@pulumi/pulumi";

import { record } from "../../../../tools/plan/recording/record.js";
import type { Registration } from "../../../../tools/plan/recording/record.js";

class Pair extends pulumi.ComponentResource {
  readonly first: kubernetes.core.v1.ConfigMap;

  constructor(name: string, args: { password: string }, opts?: pulumi.ComponentResourceOptions) {
    super("test:index:Pair", name, args, opts);
    this.first = new kubernetes.core.v1.ConfigMap(
      `${name}-first`,
      { data: { plain: "1", password: pulumi.secret(args.password) } },
      { parent: this, ignoreChanges: ["data.plain"], customTimeouts: { create: "3m" } },
    );
    new kubernetes.core.v1.ConfigMap(
      `${name}-second`,
      { data: { of: this.first.id, later: this.first.metadata.uid } },
      { parent: this },
    );
    this.registerOutputs({ first: this.first.id });
  }
}

async function program() {
  const config = new pulumi.Config();
  const vcn = new oci.core.Vcn("vcn", { compartmentId: config.require("compartmentId") });
  const cluster = new oci.containerengine.Cluster(
    "cluster",
    { compartmentId: "c", kubernetesVersion: "v1.36.1", vcnId: vcn.id },
    { protect: true },
  );
  const kubeconfig = oci.containerengine
    .getClusterKubeConfigOutput({ clusterId: cluster.id })
    .apply((result) => result.content);
  const provider = new kubernetes.Provider("kubernetes", { kubeconfig: pulumi.secret(kubeconfig) });
  const pair = new Pair(
    "pair",
    { password: config.require("password") },
    { providers: [provider], deletedWith: cluster },
  );
  new kubernetes.core.v1.Namespace("last", {}, { provider, dependsOn: pair });
  await pulumi.log.warn("mind the gap");
  return {
    endpoint: cluster.endpoints.apply(([endpoint]) => endpoint?.publicEndpoint),
    kubeconfig: pulumi.secret(kubeconfig),
  };
}

const config = { compartmentId: "ocid1.compartment.oc1..a", password: "hunter2" };

async function recorded(): Promise<Record<string, Registration>> {
  const { registrations } = await record(config, { program });
  return Object.fromEntries(registrations.map((each) => [each.name, each]));
}

describe("a recording", () => {
  test("has every resource, with parent, type and the engine's URNs", async () => {
    const { registrations } = await record(config, { program, stack: "other" });
    expect(registrations.map(({ name, type }) => [name, type]).sort()).toEqual([
      ["cluster", "oci:ContainerEngine/cluster:Cluster"],
      ["kubernetes", "pulumi:providers:kubernetes"],
      ["last", "kubernetes:core/v1:Namespace"],
      ["pair", "test:index:Pair"],
      ["pair-first", "kubernetes:core/v1:ConfigMap"],
      ["pair-second", "kubernetes:core/v1:ConfigMap"],
      ["vcn", "oci:Core/vcn:Vcn"],
    ]);
    const first = registrations.find(({ name }) => name === "pair-first");
    expect(first?.urn).toBe(
      "urn:pulumi:other::oke-ambient-mesh::test:index:Pair$kubernetes:core/v1:ConfigMap::pair-first",
    );
    expect(first?.parent).toBe("urn:pulumi:other::oke-ambient-mesh::test:index:Pair::pair");
  });

  test("has dependencies by input, by dependsOn and through components", async () => {
    const all = await recorded();
    expect(all["cluster"]?.propertyDependencies).toEqual({ vcnId: [all["vcn"]?.urn] });
    expect(all["pair-second"]?.dependencies).toEqual([all["pair-first"]?.urn]);
    expect(all["last"]?.dependencies.sort()).toEqual(
      [all["pair-first"]?.urn, all["pair-second"]?.urn].sort(),
    );
  });

  test("has options, inherited ones too", async () => {
    const all = await recorded();
    expect(all["cluster"]?.protect).toBe(true);
    expect(all["pair-first"]).toMatchObject({
      provider: all["kubernetes"]?.urn,
      deletedWith: all["cluster"]?.urn,
      ignoreChanges: ["data.plain"],
      customTimeouts: { create: "3m" },
    });
  });

  test("has placeholders for values from the cloud", async () => {
    const all = await recorded();
    expect(all["cluster"]?.inputs["vcnId"]).toBe("<vcn.id>");
    expect(all["pair-second"]?.inputs["data"]).toEqual({
      of: "<pair-first.id>",
      later: "<unknown>",
    });
    const { outputs } = await record(config, { program });
    expect(outputs["endpoint"]).toBe("<cluster.endpoint>");
  });

  test("separates secrets", async () => {
    const all = await recorded();
    expect(all["pair-first"]?.inputs["data"]).toEqual({ plain: "1", password: "<secret>" });
    expect(all["pair-first"]?.secrets).toEqual({ "data.password": "hunter2" });
    expect(all["kubernetes"]?.inputs["kubeconfig"]).toBe("<secret>");
    expect(all["kubernetes"]?.secrets["kubeconfig"]).toContain("'<cluster.id>'");
    const { outputs, registrations } = await record(config, { program });
    expect(outputs["kubeconfig"]).toBe("<secret>");
    expect(registrations.find(({ name }) => name === "pair")?.outputs).toEqual({
      first: "<pair-first.id>",
    });
  });

  test("accepts answers and outputs from the caller", async () => {
    const { outputs } = await record(
      {},
      {
        outputs: { web: { status: { loadBalancer: { ingress: [{ ip: "192.0.2.7" }] } } } },
        invokes: { getServices: { services: [{ id: "s", name: "n", cidrBlock: "c" }] } },
        program: async () => {
          const web = new kubernetes.core.v1.Service("web", { spec: { type: "LoadBalancer" } });
          const services = await oci.core.getServices();
          return {
            ip: web.status.apply(({ loadBalancer }) => loadBalancer.ingress[0]?.ip),
            services: services.services.map(({ name }) => name),
          };
        },
      },
    );
    expect(outputs).toEqual({ ip: "192.0.2.7", services: ["n"] });
  });

  test("collects the program's log", async () => {
    const { messages } = await record(config, { program });
    expect(messages).toEqual(["warning: mind the gap"]);
  });

  test("is the same twice, and independent of one that runs at the same time", async () => {
    const named = (name: string) => async () => {
      await new Promise((resolve) => setTimeout(resolve, 5));
      const map = new kubernetes.core.v1.ConfigMap(name, {
        data: { stack: pulumi.getStack(), of: new pulumi.Config().require("of") },
      });
      return { id: map.id };
    };
    const [one, two] = await Promise.all([
      record({ of: "1" }, { program: named("one"), stack: "a" }),
      record({ of: "2" }, { program: named("two"), stack: "b" }),
    ]);
    expect(one.registrations.map(({ inputs }) => inputs["data"])).toEqual([
      { stack: "a", of: "1" },
    ]);
    expect(two.registrations.map(({ inputs }) => inputs["data"])).toEqual([
      { stack: "b", of: "2" },
    ]);
    expect(await record(config, { program })).toEqual(await record(config, { program }));
  });
});

describe("a program that fails fails the recording", () => {
  test("when it throws", async () => {
    const failing = async () => {
      throw new pulumi.RunError("compartmentId is missing");
    };
    await expect(record({}, { program: failing })).rejects.toThrow("compartmentId is missing");
  });

  test("when a provider function has no answer", async () => {
    const asking = async () => ({ image: await oci.core.getImages({ compartmentId: "c" }) });
    await expect(record({}, { program: asking })).rejects.toThrow(
      "no answer for the provider function oci:Core/getImages:getImages",
    );
  });

  test("when two resources share a URN", async () => {
    const twice = async () => {
      new kubernetes.core.v1.ConfigMap("same", {});
      new kubernetes.core.v1.ConfigMap("same", {});
    };
    await expect(record({}, { program: twice })).rejects.toThrow("Two resources have the URN");
  });
});
