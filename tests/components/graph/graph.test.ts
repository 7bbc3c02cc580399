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

  test("of a name of its own", () => {
    expect(new Set(graph.names).size).toBe(graph.all.length);
  });

  test("at the top level is one of those that a reader of index.ts meets", () => {
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

  test("in the cluster goes through the one provider, but for the Service that may be forgotten", () => {
    const { urn } = graph.get("kubernetes");
    const others = inCluster().filter(({ provider }) => provider !== urn);
    expect(others.map(({ name, provider }) => [name, provider])).toEqual([
      ["ingress-load-balancer", graph.get("kubernetes-load-balancer").urn],
    ]);
    expect(inCluster().length).toBeGreaterThan(40);
  });

  test("in the cluster has a name that nobody makes up", () => {
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

  test("Bookinfo and its clients wait for workers and for nothing of the mesh", () => {
    for (const name of bookinfo()) {
      const before = [...graph.before(name)];
      expect(before.filter((other) => /^(gateway-api|istio|ingress|routes)/.test(other))).toEqual(
        [],
      );
      expect(before.filter((other) => other.startsWith("nodes-"))).not.toEqual([]);
    }
    expect(bookinfo()).toHaveLength(18);
  });

  test("nothing of the mesh waits for Bookinfo, clients or routes", () => {
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

  test("the load balancer starts beside istiod, as soon as workers and namespace are there", () => {
    const before = graph.before("ingress-load-balancer");
    expect(before).toContain("istio-base-namespace");
    expect([...before].some((name) => name.startsWith("nodes-"))).toBe(true);
    expect(before).not.toContain("istio-istiod");
    expect(before).not.toContain("istio-base-base");
  });

  test("the label comes after the data plane and the running workloads, and after nothing else", () => {
    const needed = graph
      .direct("enrolment-namespacepatch")
      .filter((name) => !/^(bookinfo|clients)-/.test(name));
    expect(needed.sort()).toEqual(["istio-cni", "istio-ztunnel"]);
    expect(graph.direct("enrolment-namespacepatch")).toEqual(expect.arrayContaining(bookinfo()));
  });

  test("waypoints start beside ztunnel; nothing but istiod is before them that is not before it", () => {
    const before = graph.before("productpage-waypoint-gateway-productpage-waypoint");
    for (const name of ["istio-ztunnel", "istio-cni", "enrolment-namespacepatch"]) {
      expect(before).not.toContain(name);
    }
  });

  test("to productpage: waypoint, its policy, the label, and last what ztunnel admits", () => {
    const viewer = "authorization-authorizationpolicy-productpage-viewer";
    const label = "authorization-servicepatch-productpage";
    const policy = "authorization-authorizationpolicy-productpage-waypoint";
    expect(graph.direct(viewer)).toEqual(expect.arrayContaining([policy, label]));
    expect(graph.direct(label)).toEqual(
      expect.arrayContaining([policy, "enrolment-namespacepatch"]),
    );
    expect(graph.direct(policy)).toContain("productpage-waypoint-gateway-productpage-waypoint");
  });

  test("to reviews: waypoint, subsets, weights, label", () => {
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

describe("the end", () => {
  test("what is in the cluster goes with it, without a call", () => {
    const cluster = graph.get("cluster-cluster");
    expect(cluster.type).toBe("oci:ContainerEngine/cluster:Cluster");
    const left = inCluster().filter((resource) => graph.deletedWith(resource) !== cluster.name);
    expect(left.map(({ name }) => name)).toEqual(["ingress-load-balancer"]);
  });

  test("but the load balancer's Service: neither it nor anything above it goes with the cluster", () => {
    const lineage = graph.lineage(graph.get("ingress-load-balancer"));
    expect(lineage.map(({ name }) => name)).toContain("ingress");
    expect(lineage.filter(({ deletedWith }) => deletedWith)).toEqual([]);
    // It is deleted while the way to the API server and the workers are still there.
    const before = [...graph.before("ingress-load-balancer")];
    expect(before.some((name) => name.startsWith("nodes-"))).toBe(true);
  });
});
