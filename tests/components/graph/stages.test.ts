import { beforeAll, describe, expect, jest, test } from "@jest/globals";

import { stages, type Stage } from "../../../components/settings/settings.js";
import { graphOf, oke, type Graph } from "./graph.js";

/** The resources that each stage adds, by logical name; of the bundle's definitions only the first. */
const added: Record<Exclude<Stage, "cluster">, string[]> = {
  mesh: [
    "gateway-api",
    "gateway-api-customresourcedefinition-backendtlspolicies.gateway.networking.k8s.io",
    "istio-base",
    "istio-base-namespace",
    "istio-base-base",
    "istio",
    "istio-istiod",
    "istio-cni",
    "istio-ztunnel",
    "ingress",
    "ingress-release",
    "ingress-load-balancer",
  ],
  bookinfo: [
    "bookinfo",
    ...["details", "ratings", "reviews", "productpage"].flatMap((app) => [
      `bookinfo-service-${app}`,
      `bookinfo-serviceaccount-bookinfo-${app}`,
    ]),
    ...["details-v1", "ratings-v1", "reviews-v1", "reviews-v2", "reviews-v3", "productpage-v1"].map(
      (workload) => `bookinfo-deployment-${workload}`,
    ),
    "clients",
    "clients-serviceaccount-sleep",
    "clients-deployment-sleep",
    "clients-serviceaccount-notsleep",
    "clients-deployment-notsleep",
    "routes",
    "routes-gateway-bookinfo-gateway",
    "routes-virtualservice-bookinfo-gateway",
  ],
  ambient: ["enrolment", "enrolment-namespacepatch"],
  l4: ["authorization", "authorization-authorizationpolicy-productpage-viewer"],
  l7: [
    "productpage-waypoint",
    "productpage-waypoint-gateway-productpage-waypoint",
    "authorization-authorizationpolicy-productpage-waypoint",
    "authorization-servicepatch-productpage",
  ],
  traffic: [
    "reviews-waypoint",
    "reviews-waypoint-gateway-reviews-waypoint",
    "reviews-split",
    "reviews-split-destinationrule-reviews",
    "reviews-split-virtualservice-reviews",
    "reviews-split-servicepatch-reviews",
  ],
};

const otherDefinitions = /^gateway-api-customresourcedefinition-(?!backendtlspolicies)/;

jest.setTimeout(60_000);

const graphs = new Map<Stage, Graph>();
const at = (stage: Stage) => graphs.get(stage) as Graph;
beforeAll(async () => {
  for (const stage of stages) graphs.set(stage, await graphOf(oke({ stage })));
});

describe("a stage", () => {
  const steps = stages.slice(1).map((stage, index) => [stage, stages[index]] as [Stage, Stage]);

  test.each(steps)("%s adds exactly its resources to those of %s", (stage, before) => {
    const old = new Set(at(before).names);
    const news = at(stage).names.filter((name) => !old.has(name) && !otherDefinitions.test(name));
    expect(news.sort()).toEqual([...added[stage as keyof typeof added]].sort());
    expect([...old].filter((name) => !at(stage).names.includes(name))).toEqual([]);
  });

  test.each(steps)(
    "%s changes no resource of %s, except productpage's policy at l7",
    (stage, before) => {
      const changed = at(before)
        .all.filter(({ custom }) => custom)
        .filter(({ name, inputs }) => {
          return JSON.stringify(at(stage).get(name).inputs) !== JSON.stringify(inputs);
        })
        .map(({ name }) => name);
      const policy = "authorization-authorizationpolicy-productpage-viewer";
      expect(changed).toEqual(stage === "l7" ? [policy] : []);
    },
  );

  test("cluster registers no object in the cluster", () => {
    const inside = at("cluster").all.filter(({ type }) => type.startsWith("kubernetes:"));
    expect(inside).toEqual([]);
    expect(at("cluster").get("kubernetes").type).toBe("pulumi:providers:kubernetes");
    expect(at("cluster").get("nodes").type).toBe("oke-ambient-mesh:oke:NodePool");
  });

  test("has its outputs", () => {
    const keys = (stage: Stage) => Object.keys(at(stage).outputs).sort();
    expect(keys("cluster")).toEqual(["clusterId", "kubeconfig", "stage", "versions"]);
    expect(keys("mesh")).toEqual([
      "clusterId",
      "gatewayAddress",
      "kubeconfig",
      "stage",
      "versions",
    ]);
    expect(keys("traffic")).toEqual([
      "clusterId",
      "gatewayAddress",
      "kubeconfig",
      "productpageUrl",
      "stage",
      "versions",
    ]);
    expect(at("l4").outputs).toMatchObject({
      kubeconfig: "<secret>",
      productpageUrl: expect.stringMatching(/^http:\/\/<.+>\/productpage$/),
      stage: "l4",
      versions: { istio: "1.31.1", gatewayApi: "v1.6.0" },
    });
  });
});

describe("the admitted clients", () => {
  const principals = (graph: Graph, policy: string) => {
    const { inputs } = graph.get(`authorization-authorizationpolicy-${policy}`);
    const { rules } = inputs["spec"] as {
      rules: { from: { source: { principals: string[] } }[] }[];
    };
    return rules.flatMap(({ from }) => from.flatMap(({ source }) => source.principals));
  };
  const account = (name: string, namespace = "default") =>
    `cluster.local/ns/${namespace}/sa/${name}`;
  const gateway = account("istio-ingressgateway-service-account", "istio-system");

  test("are sleep and the gateway, admitted by ztunnel, at l4", () => {
    expect(principals(at("l4"), "productpage-viewer")).toEqual([account("sleep"), gateway]);
  });

  test.each(["l7", "traffic"] as const)(
    "are the same, admitted by the waypoint, and ztunnel admits only the waypoint, at %s",
    (stage) => {
      expect(principals(at(stage), "productpage-viewer")).toEqual([
        account("productpage-waypoint"),
      ]);
      expect(principals(at(stage), "productpage-waypoint")).toEqual([account("sleep"), gateway]);
      const { spec } = at(stage).get("authorization-authorizationpolicy-productpage-waypoint")
        .inputs as {
        spec: Record<string, unknown>;
      };
      expect(spec).toMatchObject({
        targetRefs: [{ group: "", kind: "Service", name: "productpage" }],
        rules: [{ to: [{ operation: { methods: ["GET"] } }] }],
      });
      expect(spec).not.toHaveProperty("selector");
    },
  );

  test("include the gateway by the service account in its chart's values", () => {
    const { values } = at("mesh").get("ingress-release").inputs as {
      values: { serviceAccount: { name: string } };
    };
    expect(gateway).toBe(account(values.serviceAccount.name, "istio-system"));
  });

  test("are those of another namespace if Bookinfo is there", async () => {
    const graph = await graphOf(oke({ namespace: "shop" }));
    expect(graph.get("bookinfo-namespace").inputs).toMatchObject({ metadata: { name: "shop" } });
    expect(principals(graph, "productpage-viewer")).toEqual([
      account("productpage-waypoint", "shop"),
    ]);
    expect(principals(graph, "productpage-waypoint")).toEqual([account("sleep", "shop"), gateway]);
    const places = graph.all
      .filter(
        ({ name, custom }) =>
          custom && !/^(gateway-api|istio|ingress|enrol|bookinfo-namespace)/.test(name),
      )
      .filter(({ type }) => type.startsWith("kubernetes:"))
      .map(({ inputs }) => (inputs["metadata"] as { namespace?: string }).namespace);
    expect(new Set(places)).toEqual(new Set(["shop"]));
    expect(places.length).toBeGreaterThan(25);
    expect(graph.get("enrolment-namespacepatch").inputs).toMatchObject({
      metadata: { name: "shop", labels: { "istio.io/dataplane-mode": "ambient" } },
    });
  });

  test("namespace default is labeled, never created", () => {
    expect(at("traffic").names).not.toContain("bookinfo-namespace");
    expect(at("traffic").get("enrolment-namespacepatch").type).toBe(
      "kubernetes:core/v1:NamespacePatch",
    );
  });
});

describe("the split of reviews", () => {
  const weights = (graph: Graph) => {
    const { spec } = graph.get("reviews-split-virtualservice-reviews").inputs as {
      spec: { http: { route: { destination: { subset: string }; weight: number }[] }[] };
    };
    return spec.http.flatMap(({ route }) =>
      route.map(({ destination, weight }) => [destination.subset, weight]),
    );
  };

  test("is 90 to v1, 10 to v2, none to v3", () => {
    expect(weights(at("traffic"))).toEqual([
      ["v1", 90],
      ["v2", 10],
    ]);
  });

  test.each([0, 100])("with reviews.v2Percent %i changes one object", async (v2Percent) => {
    const graph = await graphOf(oke({ reviews: { v2Percent } }));
    expect(weights(graph)).toEqual([
      ["v1", 100 - v2Percent],
      ["v2", v2Percent],
    ]);
    const changed = graph.all.filter(
      ({ name, inputs }) =>
        JSON.stringify(inputs) !== JSON.stringify(at("traffic").get(name).inputs),
    );
    expect(changed.map(({ name }) => name)).toEqual(["reviews-split-virtualservice-reviews"]);
  });
});
