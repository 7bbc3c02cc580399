import { beforeAll, describe, expect, jest, test } from "@jest/globals";

import { existing, graphOf, oke, type Graph } from "./graph.js";

jest.setTimeout(60_000);

let graph: Graph;
beforeAll(async () => {
  graph = await graphOf(oke());
});

test("only the LoadBalancer Service is awaited, not the application's Services", () => {
  const services = graph.all.filter(({ type }) =>
    /^kubernetes:core\/v1:Service(Patch)?$/.test(type),
  );
  const awaited = services.filter(({ inputs }) => {
    const { annotations } = inputs["metadata"] as { annotations?: Record<string, string> };
    return annotations?.["pulumi.com/skipAwait"] !== "true";
  });
  expect(services).toHaveLength(7);
  expect(awaited.map(({ name }) => name)).toEqual(["ingress-load-balancer"]);
});

test("every object names its namespace, whichever the kubeconfig's context has", async () => {
  const { all } = await graphOf(oke({ observability: true, load: 5 }));
  const objects = all.filter(({ type }) => /^kubernetes:.*\/v/.test(type));
  const without = objects.filter(({ inputs }) => {
    const metadata = inputs["metadata"] as { namespace?: string } | undefined;
    return !metadata?.namespace && !inputs["namespace"];
  });
  expect(objects.length - without.length).toBeGreaterThan(40);
  const kinds = without.map(({ type }) =>
    type
      .split(":")
      .at(-1)
      ?.replace(/Patch$/, ""),
  );
  expect([...new Set(kinds)].sort()).toEqual([
    "ClusterRole",
    "ClusterRoleBinding",
    "CustomResourceDefinition",
    "Namespace",
  ]);
});

describe("the resource requests on a worker of 2 OCPU (4 CPUs) and 16 GB", () => {
  interface Requests {
    cpu: string;
    memory: string;
  }
  const sum = (requests: Requests[]) => ({
    millicores: requests.reduce((total, { cpu }) => total + millicores(cpu), 0),
    mebibytes: requests.reduce((total, { memory }) => total + mebibytes(memory), 0),
  });
  const millicores = (cpu: string) =>
    cpu.endsWith("m") ? Number.parseInt(cpu) : Number.parseFloat(cpu) * 1000;
  const mebibytes = (memory: string) =>
    Number.parseInt(memory) * (memory.endsWith("Gi") ? 1024 : 1);

  test("leave half of it to the system and rolling updates", () => {
    const containers = graph.all
      .filter(({ type }) => type === "kubernetes:apps/v1:Deployment")
      .flatMap(({ inputs }) => {
        const { template } = inputs["spec"] as {
          template: { spec: { containers: { resources: { requests: Requests } }[] } };
        };
        return template.spec.containers.map(({ resources }) => resources.requests);
      });
    const values = (release: string) =>
      graph.get(release).inputs["values"] as {
        resources: { requests: Requests };
        global: { waypoint: { resources: { requests: Requests } } };
      };
    const releases = ["istio-istiod", "istio-cni", "istio-ztunnel", "ingress-release"];
    const waypoint = values("istio-istiod").global.waypoint.resources.requests;
    const { millicores: cpu, mebibytes: memory } = sum([
      ...containers,
      ...releases.map((release) => values(release).resources.requests),
      waypoint,
      waypoint,
    ]);
    expect(containers).toHaveLength(8);
    expect(cpu).toBeLessThanOrEqual(2000);
    expect(cpu).toBeGreaterThan(500);
    expect(memory).toBeLessThanOrEqual(8 * 1024);
    expect(memory).toBeGreaterThan(1024);
  });
});

describe("Istio charts", () => {
  const values = (name: string, from = graph) =>
    from.get(name).inputs["values"] as Record<string, unknown>;

  test("come from the repository in one version, are awaited, and are rolled back if they fail", () => {
    for (const name of [
      "istio-base-base",
      "istio-istiod",
      "istio-cni",
      "istio-ztunnel",
      "ingress-release",
    ]) {
      expect(graph.get(name).inputs).toMatchObject({
        namespace: "istio-system",
        version: "1.31.1",
        repositoryOpts: { repo: expect.stringContaining("https://") },
        atomic: true,
        cleanupOnFail: true,
        skipAwait: false,
        createNamespace: false,
      });
    }
  });

  test("have no webhook that rejects objects before istiod can validate them", () => {
    expect(values("istio-base-base")).toEqual({});
    expect(values("istio-istiod")).toMatchObject({ base: { validationFailurePolicy: "Fail" } });
  });

  test("have the ambient profile at the top level, where the charts read it", () => {
    expect(values("istio-istiod")).toHaveProperty("profile", "ambient");
    expect(values("istio-cni")).toHaveProperty("profile", "ambient");
    for (const name of ["istio-istiod", "istio-cni", "istio-ztunnel"]) {
      expect(values(name)).toMatchObject({
        global: { hub: "registry.istio.io/release", tag: "1.31.1" },
      });
      expect(values(name)).not.toHaveProperty("platform");
    }
  });

  test("keep one replica, because one worker has no room for five", () => {
    expect(values("istio-istiod")).toHaveProperty("autoscaleEnabled", false);
    expect(values("ingress-release")).toMatchObject({ autoscaling: { enabled: false } });
  });

  test("accept a folder, another hub, a platform and the user's values", async () => {
    const other = await graphOf(
      oke({
        mesh: {
          chartRepository: "/opt/charts",
          imageHub: "registry.example/istio",
          platform: "k3d",
          helmValues: {
            base: { base: { validationURL: "https://localhost/validate" } },
            istiod: { global: { logAsJson: true } },
            gateway: { resources: { requests: { cpu: "50m" } } },
          },
        },
      }),
    );
    const istiod = other.get("istio-istiod").inputs;
    expect(istiod).toMatchObject({ chart: "/opt/charts/istiod" });
    expect(istiod).not.toHaveProperty("version");
    expect(istiod).not.toHaveProperty("repositoryOpts");
    expect(values("istio-istiod", other)).toMatchObject({
      platform: "k3d",
      profile: "ambient",
      global: { hub: "registry.example/istio", tag: "1.31.1", logAsJson: true },
    });
    expect(values("istio-base-base", other)).toEqual({
      base: { validationURL: "https://localhost/validate" },
    });
    expect(values("ingress-release", other)).toMatchObject({
      resources: { requests: { cpu: "50m", memory: "128Mi" } },
    });
  });

  test("keep a null, which removes a chart's default", async () => {
    const other = await graphOf(oke({ mesh: { helmValues: { istiod: { resources: null } } } }));
    expect(values("istio-istiod", other)).toHaveProperty("resources", null);
  });
});

describe("the ingress", () => {
  test("on OKE is a load balancer with the stack's tags, for the gateway's Pods", () => {
    const { metadata, spec } = graph.get("ingress-load-balancer").inputs as {
      metadata: { name: string; annotations: Record<string, string> };
      spec: { type: string; selector: Record<string, string>; ports: { port: number }[] };
    };
    expect(metadata.name).toBe("istio-ingressgateway");
    expect(spec.type).toBe("LoadBalancer");
    expect(spec.ports.map(({ port }) => port)).toEqual([80, 443]);
    const tags = metadata.annotations["oci.oraclecloud.com/initial-freeform-tags-override"] ?? "";
    expect(JSON.parse(tags)).toMatchObject({ "oke-ambient-mesh-stack": "dev" });
    // The chart labels the Pods after the release's name.
    const { name, values } = graph.get("ingress-release").inputs as {
      name: string;
      values: { service: { type: string } };
    };
    expect(spec.selector).toEqual({ app: name, istio: name.replace(/^istio-/, "") });
    expect(values.service.type).toBe("None");
  });

  test.each([
    ["LoadBalancer", { "pulumi.com/waitFor": "jsonpath={.status.loadBalancer.ingress[0]}" }],
    ["NodePort", { "pulumi.com/skipAwait": "true" }],
    ["ClusterIP", { "pulumi.com/skipAwait": "true" }],
  ])("as a %s waits for no Pods, which a failed istiod would never let come", async (type, own) => {
    const other = await graphOf(existing({ stage: "mesh", gateway: { serviceType: type } }));
    const { metadata } = other.get("ingress-load-balancer").inputs;
    expect(metadata).toHaveProperty("annotations", own);
  });

  test("has a Gateway that selects those Pods", () => {
    const { spec } = graph.get("routes-gateway-bookinfo-gateway").inputs as {
      spec: { selector: Record<string, string>; servers: { port: { number: number } }[] };
    };
    expect(spec.selector).toEqual({ istio: "ingressgateway" });
    expect(spec.servers.map(({ port }) => port.number)).toEqual([80]);
  });
});

describe("on an existing cluster", () => {
  let guest: Graph;
  beforeAll(async () => {
    guest = await graphOf(existing());
  });
  const values = (name: string, from = guest) =>
    from.get(name).inputs["values"] as Record<string, unknown>;
  const definition = "istio-base-customresourcedefinition-gateways.networking.istio.io";

  test("no resource is Oracle's or is deleted with the cluster", () => {
    expect(guest.all.filter(({ type }) => /oci|oke:/.test(type))).toEqual([]);
    expect(guest.all.filter(({ deletedWith }) => deletedWith)).toEqual([]);
    expect(guest.outputs).not.toHaveProperty("kubeconfig");
    expect(guest.outputs).toMatchObject({
      clusterId: "c5ca7b2e-0000-4000-8000-000000000000",
      versions: { kubernetes: "v1.35.0", istio: "1.31.1", gatewayApi: "v1.6.0" },
    });
    const { annotations } = guest.get("ingress-load-balancer").inputs["metadata"] as {
      annotations: object;
    };
    expect(Object.keys(annotations)).toEqual(["pulumi.com/waitFor"]);
  });

  test("Istio's definitions are resources of the stack instead of the chart's", () => {
    const { inputs } = guest.get(definition);
    expect(inputs["metadata"]).toEqual({
      name: "gateways.networking.istio.io",
      annotations: { note: "stays" },
      labels: { "app.kubernetes.io/managed-by": "oke-ambient-mesh" },
    });
    expect(values("istio-base-base")).toEqual({
      base: { excludedCRDs: ["gateways.networking.istio.io"] },
    });
    expect(guest.before("istio-istiod")).toContain(definition);
    expect(values("istio-base-base", graph)).not.toHaveProperty("base.excludedCRDs");
    expect(graph.names).not.toContain(definition);
  });

  test("istiod discovers only the mesh's namespaces", () => {
    expect(values("istio-istiod")).toMatchObject({
      meshConfig: {
        discoverySelectors: [
          { matchLabels: { "kubernetes.io/metadata.name": "istio-system" } },
          { matchLabels: { "kubernetes.io/metadata.name": "default" } },
        ],
      },
    });
    expect(values("istio-istiod", graph)).not.toHaveProperty("meshConfig");
  });

  test("objects that istiod would leave behind are deleted after istiod", () => {
    const traces = ["istio-gatewayclass-istio-waypoint", "istio-configmap-istio-ca-root-cert"];
    expect(guest.direct("istio-istiod")).toEqual(expect.arrayContaining(traces));
    expect(guest.get("istio-configmap-istio-ca-root-cert").ignoreChanges).toEqual(["data"]);
    expect(values("istio-istiod")).toMatchObject({
      env: { PILOT_ENABLE_GATEWAY_API_GATEWAYCLASS_CONTROLLER: "false" },
    });
    for (const name of traces) expect(graph.names).not.toContain(name);
  });

  test("a namespace of the stack is deleted together with the certificate", async () => {
    const own = await graphOf(existing({ namespace: "shop" }));
    expect(own.names).not.toContain("istio-configmap-istio-ca-root-cert");
    expect(own.names).toContain("bookinfo-namespace");
  });

  test("an existing Gateway API is used and never changed", async () => {
    const used = await graphOf(existing({ mesh: { gatewayApi: "existing" } }));
    expect(used.names.filter((name) => name.startsWith("gateway-api"))).toEqual([]);
    expect(used.names).toContain("istio-gatewayclass-istio-waypoint");
    expect(used.outputs).toMatchObject({ versions: { gatewayApi: "existing" } });
  });

  test.each([
    ["NodePort", "http://<node>:"],
    ["ClusterIP", "http://istio-ingressgateway.istio-system.svc.cluster.local/productpage"],
  ])("without a load balancer, the URL uses the %s", async (serviceType, url) => {
    const other = await graphOf(existing({ gateway: { serviceType } }));
    expect(other.get("ingress-load-balancer").inputs).toMatchObject({
      spec: { type: serviceType },
    });
    expect(other.outputs["productpageUrl"]).toEqual(expect.stringContaining(url));
  });

  test("the order of Bookinfo, policies and split is the same", () => {
    for (const name of graph.names.filter((other) =>
      /^(bookinfo|auth|reviews|enrol)/.test(other),
    )) {
      const ours = (from: Graph) =>
        from.direct(name).filter((other) => !/^(nodes|cluster|network)/.test(other));
      expect([name, ours(guest).sort()]).toEqual([name, ours(graph).sort()]);
    }
  });
});
