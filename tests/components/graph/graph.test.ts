import { beforeAll, describe, expect, jest, test } from "@jest/globals";

import { graphOf, oke, type Graph } from "./graph.js";

jest.setTimeout(60_000);

let graph: Graph;
beforeAll(async () => {
  graph = await graphOf(oke());
});

const inCluster = () =>
  graph.all.filter(({ type, custom }) => custom && type.startsWith("kubernetes:"));

describe("every resource", () => {
  test("is named after its parent", () => {
    const strangers = graph.all.filter((resource) => {
      const parent = graph.parent(resource);
      return parent && parent.name !== "" && !resource.name.startsWith(`${parent.name}-`);
    });
    expect(strangers.map(({ name }) => name)).toEqual([]);
    expect(graph.all.length).toBeGreaterThan(70);
  });

  test("has a unique name", () => {
    expect(new Set(graph.names).size).toBe(graph.all.length);
  });

  test("at the top level is registered by index.ts or the cluster stage", () => {
    const top = graph.all.filter((resource) => graph.parent(resource) === undefined);
    expect(top.map(({ name }) => name).sort()).toEqual([
      "authorization",
      "bookinfo",
      "clients",
      "cluster",
      "enrolment",
      "gateway-api",
      "ingress",
      "istio",
      "istio-base",
      "kubernetes",
      "kubernetes-load-balancer",
      "network",
      "nodes",
      "productpage-waypoint",
      "reviews-split",
      "reviews-waypoint",
      "routes",
    ]);
  });

  test("in the cluster uses the same provider, except for the LoadBalancer Service", () => {
    const { urn } = graph.get("kubernetes");
    const others = inCluster().filter(({ provider }) => provider !== urn);
    expect(others.map(({ name, provider }) => [name, provider])).toEqual([
      ["ingress-load-balancer", graph.get("kubernetes-load-balancer").urn],
    ]);
    expect(inCluster().length).toBeGreaterThan(40);
  });

  test("in the cluster has a fixed name", () => {
    const nameless = inCluster().filter(({ inputs, type }) => {
      const name = type.endsWith(":Release")
        ? inputs["name"]
        : (inputs["metadata"] as { name?: unknown }).name;
      return typeof name !== "string";
    });
    expect(nameless.map(({ name }) => name)).toEqual([]);
  });
});

describe("the order", () => {
  const bookinfo = () => graph.names.filter((name) => /^(bookinfo|clients)-/.test(name));

  test("Bookinfo and its clients depend on workers, not on the mesh", () => {
    for (const name of bookinfo()) {
      const before = [...graph.before(name)];
      expect(before.filter((other) => /^(gateway-api|istio|ingress|routes)/.test(other))).toEqual(
        [],
      );
      expect(before.filter((other) => other.startsWith("nodes-"))).not.toEqual([]);
    }
    expect(bookinfo()).toHaveLength(18);
  });

  test("the mesh does not depend on Bookinfo, clients or routes", () => {
    for (const name of graph.names.filter((other) => /^(gateway-api|istio|ingress)-/.test(other))) {
      const waits = [...graph.before(name)].filter((other) =>
        /^(bookinfo|clients|routes)/.test(other),
      );
      expect(waits).toEqual([]);
    }
  });

  test("the definitions and Istio's base need no worker", () => {
    for (const name of graph.names.filter((other) => /^(gateway-api|istio-base)-/.test(other))) {
      expect([...graph.before(name)].filter((other) => other.startsWith("nodes"))).toEqual([]);
    }
  });

  test("every Istio object comes after istiod, and every Gateway after its definition", () => {
    const objects = inCluster().filter(({ type }) => /istio\.io|gateway\.networking/.test(type));
    expect(objects).toHaveLength(8);
    for (const { name } of objects) expect(graph.before(name)).toContain("istio-istiod");
    expect(graph.before("productpage-waypoint-gateway-productpage-waypoint")).toContain(
      "gateway-api-customresourcedefinition-gateways.gateway.networking.k8s.io",
    );
  });

  test("the load balancer depends on workers and namespace, not on istiod", () => {
    const before = graph.before("ingress-load-balancer");
    expect(before).toContain("istio-base-namespace");
    expect([...before].some((name) => name.startsWith("nodes-"))).toBe(true);
    expect(before).not.toContain("istio-istiod");
    expect(before).not.toContain("istio-base-base");
  });

  test("the namespace's label depends only on the data plane and the workloads", () => {
    const needed = graph
      .direct("enrolment-namespacepatch")
      .filter((name) => !/^(bookinfo|clients)-/.test(name));
    expect(needed.sort()).toEqual(["istio-cni", "istio-ztunnel"]);
    expect(graph.direct("enrolment-namespacepatch")).toEqual(expect.arrayContaining(bookinfo()));
  });

  test("waypoints do not depend on ztunnel, the CNI agent or the label", () => {
    const before = graph.before("productpage-waypoint-gateway-productpage-waypoint");
    for (const name of ["istio-ztunnel", "istio-cni", "enrolment-namespacepatch"]) {
      expect(before).not.toContain(name);
    }
  });

  test("for productpage is waypoint, its policy, the label, and last ztunnel's policy", () => {
    const viewer = "authorization-authorizationpolicy-productpage-viewer";
    const label = "authorization-servicepatch-productpage";
    const policy = "authorization-authorizationpolicy-productpage-waypoint";
    expect(graph.direct(viewer)).toEqual(expect.arrayContaining([policy, label]));
    expect(graph.direct(label)).toEqual(
      expect.arrayContaining([policy, "enrolment-namespacepatch"]),
    );
    expect(graph.direct(policy)).toContain("productpage-waypoint-gateway-productpage-waypoint");
  });

  test("for reviews is waypoint, subsets, weights, label", () => {
    expect(graph.direct("reviews-split-servicepatch-reviews")).toEqual(
      expect.arrayContaining(["reviews-split-virtualservice-reviews", "enrolment-namespacepatch"]),
    );
    expect(graph.direct("reviews-split-virtualservice-reviews")).toContain(
      "reviews-split-destinationrule-reviews",
    );
    expect(graph.direct("reviews-split-destinationrule-reviews")).toContain(
      "reviews-waypoint-gateway-reviews-waypoint",
    );
  });
});

describe("a destroy", () => {
  test("deletes objects in the cluster with it, without a request", () => {
    const cluster = graph.get("cluster-cluster");
    expect(cluster.type).toBe("oci:ContainerEngine/cluster:Cluster");
    const left = inCluster().filter((resource) => graph.deletedWith(resource) !== cluster.name);
    expect(left.map(({ name }) => name)).toEqual(["ingress-load-balancer"]);
  });

  test("deletes the LoadBalancer Service by itself, before the cluster", () => {
    const lineage = graph.lineage(graph.get("ingress-load-balancer"));
    expect(lineage.map(({ name }) => name)).toContain("ingress");
    expect(lineage.filter(({ deletedWith }) => deletedWith)).toEqual([]);
    // It is deleted while the way to the API server and the workers are still there.
    const before = [...graph.before("ingress-load-balancer")];
    expect(before.some((name) => name.startsWith("nodes-"))).toBe(true);
  });
});
