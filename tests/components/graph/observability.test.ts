import { beforeAll, describe, expect, jest, test } from "@jest/globals";

import { existing, graphOf, oke, type Graph } from "./graph.js";

jest.setTimeout(120_000);

const on = { observability: true, load: "5" };
const own = /^(observability|waypoint-metrics|load)(-|$)/;
const ownOf = (graph: Graph) => graph.names.filter((name) => own.test(name));

interface Inputs {
  metadata: { namespace?: string };
  data: Record<string, string>;
  spec: {
    template: {
      metadata: { annotations?: Record<string, string> };
      spec: { containers: { env: { name: string; value: string }[] }[] };
    };
  };
}
const inputs = (graph: Graph, name: string) => graph.get(name).inputs as unknown as Inputs;

describe("observability and load", () => {
  let graph: Graph;
  beforeAll(async () => {
    graph = await graphOf(oke({ ...on, namespace: "bookinfo" }));
  });

  test("add nothing when they are off", async () => {
    expect(ownOf(await graphOf(oke()))).toEqual([]);
  });

  test("start with their stages, so that the stages can go back and forth", async () => {
    const at = async (stage: string) => ownOf(await graphOf(existing({ ...on, stage })));
    expect(await at("cluster")).toEqual([]);
    const mesh = await at("mesh");
    expect(mesh).toContain("observability-deployment-prometheus");
    expect(mesh.filter((name) => /^(waypoint-metrics|load)/.test(name))).toEqual([]);
    const bookinfo = await at("bookinfo");
    expect(bookinfo).toEqual(expect.arrayContaining([...mesh, "waypoint-metrics", "load"]));
    expect(await at("traffic")).toEqual(bookinfo);
  });

  test("delay nothing: only the verification waits for them", () => {
    const waiting = graph.names.filter(
      (name) => !own.test(name) && [...graph.before(name)].some((before) => own.test(before)),
    );
    expect(waiting).toEqual([]);
    const before = graph.before("observability-deployment-prometheus");
    expect([...before].filter((name) => name.startsWith("istio-istiod"))).toEqual([]);
  });

  test("start the Pods after their rights and their configuration", () => {
    expect(graph.direct("observability-deployment-kiali")).toEqual(
      expect.arrayContaining([
        "observability-serviceaccount-kiali",
        "observability-clusterrolebinding-kiali",
        "observability-configmap-kiali",
      ]),
    );
    expect(graph.direct("observability-clusterrolebinding-kiali")).toContain(
      "observability-clusterrole-kiali",
    );
  });

  test("ask for the waypoints and the graph of the application's namespace", () => {
    const prometheus = inputs(graph, "observability-configmap-prometheus");
    expect(prometheus.data["prometheus.yml"]).toContain('names: ["bookinfo"]');
    expect(prometheus.data["prometheus.yml"]).not.toContain("default");
    expect(inputs(graph, "observability-configmap-kiali").data["config.yaml"]).toContain(
      'namespaces: ["bookinfo"]',
    );
    expect(inputs(graph, "waypoint-metrics-role-prometheus").metadata.namespace).toBe("bookinfo");
    expect(inputs(graph, "observability-role-prometheus").metadata.namespace).toBe("istio-system");
  });

  test("start new Pods when the configuration changes", async () => {
    const annotation = (of: Graph) =>
      inputs(of, "observability-deployment-prometheus").spec.template.metadata.annotations;
    const other = await graphOf(oke({ ...on, namespace: "shop" }));
    expect(annotation(other)).toEqual({
      "oke-ambient-mesh/configuration": expect.stringMatching(/^[0-9a-f]{16}$/),
    });
    expect(annotation(other)).not.toEqual(annotation(graph));
  });

  test("send as many requests as the setting says", () => {
    const [container] = inputs(graph, "load-deployment-load").spec.template.spec.containers;
    expect(container?.env).toContainEqual({ name: "RATE", value: "5" });
  });
});
