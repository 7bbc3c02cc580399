import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";

import { afterAll, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";

import { problemsOf } from "../../../components/existing/checks.js";
import { inspect } from "../../../components/existing/inspect.js";
import { warningsOf } from "../../../components/existing/warnings.js";
import { parseSettings } from "../../../components/settings/settings.js";

// An API server of an empty cluster, until a test adds to it.
let server: Server;
let answers: Record<string, unknown>;
let asked: string[];
const empty: Record<string, unknown> = {
  "/api/v1/namespaces/kube-system": { metadata: { name: "kube-system", uid: "6c3d" } },
  "/version": { gitVersion: "v1.34.2" },
  "/api/v1/namespaces": list({ name: "default" }, { name: "kube-system" }),
};

function list(...metadata: object[]) {
  return { items: metadata.map((each) => ({ metadata: each })) };
}

beforeAll(async () => {
  server = createServer((request, response) => {
    const { method, url = "" } = request;
    request.resume().on("end", () => {
      const [path = ""] = url.split("?");
      asked.push(`${method} ${url}`);
      const isReview = path.endsWith("selfsubjectaccessreviews");
      const answer = isReview ? { status: { allowed: true } } : (answers[url] ?? answers[path]);
      const isPod = method === "POST" && path.endsWith("/pods");
      const { code = isReview || isPod ? 201 : answer ? 200 : 404 } = (answer ?? {}) as {
        code?: number;
      };
      response.writeHead(code, { "content-type": "application/json" });
      response.end(JSON.stringify(answer ?? {}));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
});
afterAll(() => {
  server.close();
  server.closeAllConnections();
});
beforeEach(() => {
  answers = { ...empty };
  asked = [];
});

const settingsOf = (more: Record<string, unknown>) => {
  const { port } = server.address() as AddressInfo;
  const kubeconfig = JSON.stringify({
    "current-context": "one",
    clusters: [{ name: "c", cluster: { server: `http://127.0.0.1:${port}` } }],
    contexts: [{ name: "one", context: { cluster: "c" } }],
  });
  return parseSettings({ cluster: "existing", existing: { kubeconfig }, ...more });
};
async function look(present: Record<string, unknown> = {}, more: Record<string, unknown> = {}) {
  Object.assign(answers, present);
  const settings = settingsOf(more);
  const facts = await inspect(settings);
  return { facts, problems: problemsOf(facts, settings), warnings: warningsOf(facts, settings) };
}

describe("an existing cluster that is empty", () => {
  test("has no problems, and each list is asked for once", async () => {
    const { facts, problems, warnings } = await look();
    expect(facts).toMatchObject({ name: "one", uid: "6c3d", kubernetesVersion: "v1.34.2" });
    expect([problems, warnings, facts.present.unlisted]).toEqual([[], [], []]);
    const lists = asked.filter((request) => request.startsWith("GET"));
    expect(lists.filter((each, index) => lists.indexOf(each) !== index)).toEqual([]);
  });

  test("is asked for less at an earlier stage", async () => {
    await look({}, { stage: "mesh", gateway: { serviceType: "NodePort" } });
    expect(asked.join("\n")).not.toMatch(/networkpolicies|resourcequotas|services|pods/);
  });
});

describe("a cluster's load balancers", () => {
  const nodes = "/api/v1/nodes?limit=1";
  const services = "/api/v1/services";
  const crds = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
  const systemPods = "/api/v1/namespaces/kube-system/pods";
  const node = (providerID?: string, name = "worker") => ({
    items: [{ metadata: { name }, spec: { providerID } }],
  });
  const bare = {
    [nodes]: node(),
    [services]: { items: [{ metadata: { name: "theirs" }, status: { loadBalancer: {} } }] },
    [systemPods]: list({ name: "coredns-x" }, { name: "kube-proxy-x" }),
  };
  const address = { status: { loadBalancer: { ingress: [{ ip: "10.0.0.9" }] } } };

  test.each<[string, Record<string, unknown>]>([
    ["without a cloud", bare],
    ["of kind", { ...bare, [nodes]: node("kind://docker/kind/worker") }],
    ["without any Service", { ...bare, [services]: list() }],
  ])("are missed in one %s, with the setting that does without", async (_, present) => {
    const { problems, warnings } = await look(present);
    expect([problems, warnings]).toEqual([
      [],
      [
        expect.stringMatching(
          /^Nothing in the cluster seems to give .*istio-ingressgateway.*15 minutes.*: pulumi config set --path gateway\.serviceType NodePort$/,
        ),
      ],
    ]);
  });

  test.each<[string, Record<string, unknown>]>([
    ["a Service has an address", { ...bare, [services]: { items: [address] } }],
    ["a cloud has made the nodes", { ...bare, [nodes]: node("ocid1.instance.oc1..a") }],
    ["MetalLB is there", { ...bare, [crds]: list({ name: "ipaddresspools.metallb.io" }) }],
    ["kube-vip is there", { ...bare, [systemPods]: list({ name: "kube-vip-ds-x" }) }],
    ["Docker Desktop gives them", { ...bare, [nodes]: node(undefined, "docker-desktop") }],
    ["there is no node", { ...bare, [nodes]: list() }],
    ["the nodes can't be listed", { ...bare, [nodes]: { code: 403 } }],
    ["the Services can't be listed", { ...bare, [services]: { code: 403 } }],
    ["the Pods can't be listed", { ...bare, [systemPods]: { code: 403 } }],
    ["Services can't be selected by type", { ...bare, [services]: { code: 400 } }],
  ])("are not missed where %s", async (_, present) => {
    expect((await look(present)).warnings).toEqual([]);
  });

  test("are not asked for where the ingress needs none", async () => {
    const nodePort = { gateway: { serviceType: "NodePort" } };
    expect((await look(bare, nodePort)).warnings).toEqual([]);
    expect((await look(bare, { stage: "cluster" })).warnings).toEqual([]);
    expect(asked.join("\n")).not.toMatch(/spec\.type|kube-system\/pods/);
  });
});

test("with observability, rights to create its roles are asked for too", async () => {
  const reviews = async (more: object) => {
    asked = [];
    await look({}, { ...more });
    return asked.filter((request) => request.endsWith("selfsubjectaccessreviews")).length;
  };
  const without = await reviews({});
  expect(await reviews({ observability: true })).toBe(without + 4);
  expect(await reviews({ observability: true, stage: "mesh" })).toBe(without + 2);
  expect(await reviews({ observability: true, stage: "cluster" })).toBe(without);
});

describe("what is in a cluster", () => {
  const labels = { "app.kubernetes.io/managed-by": "oke-ambient-mesh" };
  const managedFields = [{ manager: "kubelet" }, { manager: "pulumi-kubernetes-1a2b" }];
  const accounts = "/api/v1/namespaces/default/serviceaccounts";

  test("belongs to the program if it has its label, and not because another Pulumi project manages it", async () => {
    const { facts, problems } = await look({
      [accounts]: list({ name: "notsleep", labels }, { name: "sleep", managedFields }),
    });
    expect(facts.present.application).toEqual([
      expect.objectContaining({ name: "sleep", ours: false }),
      expect.objectContaining({ name: "notsleep", ours: true }),
    ]);
    expect(problems).toEqual([expect.stringMatching(/walk-through's.*: ServiceAccount sleep\./)]);
  });

  test("belongs to an earlier version of the program if Pulumi manages it and the mesh is the program's", async () => {
    const { problems } = await look({
      "/api/v1/namespaces": list({ name: "default" }, { name: "istio-system", labels }),
      [accounts]: list(
        { name: "notsleep", managedFields },
        { name: "sleep", managedFields: [{ manager: "kubectl" }] },
      ),
    });
    expect(problems).toEqual([expect.stringMatching(/walk-through's.*: ServiceAccount sleep\./)]);
  });

  test("is a policy of another Pulumi project, and not one of the program's", async () => {
    const path = "/apis/security.istio.io/v1/namespaces/default/authorizationpolicies";
    const policy = (name: string, more: object) => ({
      metadata: { name, namespace: "default", ...more },
    });
    const items = [policy("theirs", { managedFields }), policy("productpage-viewer", { labels })];
    for (const stage of ["traffic", "ambient"]) {
      expect((await look({ [path]: { items } }, { stage })).warnings).toEqual([
        expect.stringMatching(/^AuthorizationPolicy theirs in namespace default denies/),
      ]);
    }
  });

  test("is a namespace that is being deleted, with what holds it", async () => {
    const deleted = { name: "istio-system", deletionTimestamp: "2026-11-28T10:00:00Z" };
    const message = "Some content in the namespace has finalizers remaining: x in 1 instance";
    const conditions = [
      { status: "False", message: "All content successfully deleted" },
      { status: "True", message },
    ];
    const { problems } = await look({
      "/api/v1/namespaces": list({ name: "default" }, deleted),
      "/api/v1/namespaces/istio-system": { metadata: deleted, status: { conditions } },
    });
    expect(problems).toEqual([expect.stringContaining(`What holds it: ${message}.`)]);
  });

  test("is what another installer left, and a Gateway API in part", async () => {
    const { problems } = await look({
      "/apis/apiextensions.k8s.io/v1/customresourcedefinitions": list({
        name: "tcproutes.gateway.networking.k8s.io",
      }),
      "/apis/gateway.networking.k8s.io/v1": { resources: [{ name: "tcproutes" }] },
      "/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations": list({
        name: "istiod-default-validator",
      }),
    });
    expect(problems).toEqual([
      expect.stringMatching(/only a part of the Gateway API.*: tcproutes/),
      expect.stringMatching(/ValidatingWebhookConfiguration istiod-default-validator\./),
    ]);
  });

  test.each<[object]>([
    [{ platform: "openshift" }],
    [{ helmValues: { cni: { global: { platform: "openshift" } } } }],
    [{ helmValues: { cni: { provider: "multus" } } }],
  ])("is the CNI agent's own network for Multus, with %j", async (mesh) => {
    const path = "/apis/k8s.cni.cncf.io/v1/namespaces/default/network-attachment-definitions";
    const present = { [path]: list({ name: "istio-cni" }) };
    expect((await look(present, { mesh })).problems).toEqual([
      expect.stringMatching(/Helm does not own.*: NetworkAttachmentDefinition istio-cni\./),
    ]);
    expect((await look(present)).problems).toEqual([]);
  });

  test("is a policy in the root namespace", async () => {
    const path = "/apis/security.istio.io/v1/namespaces/istio-config/authorizationpolicies";
    const policy = { metadata: { name: "nothing", namespace: "istio-config" } };
    const meshConfig = { rootNamespace: "istio-config" };
    const mesh = { helmValues: { istiod: { meshConfig } } };
    expect((await look({ [path]: { items: [policy] } }, { mesh })).warnings).toEqual([
      expect.stringMatching(/AuthorizationPolicy nothing in namespace istio-config denies/),
    ]);
  });

  test("is a rule that refuses Pods, found by a dry run", async () => {
    const pod =
      'pods "oke-ambient-mesh-dry-run" is forbidden: violates PodSecurity "restricted:latest"';
    const { problems } = await look({
      "/api/v1/namespaces/default/pods": { code: 403, message: pod },
      "/apis/apps/v1/namespaces/default/deployments": list({
        name: "sleep",
        labels,
      }),
    });
    expect(problems).toEqual([
      expect.stringMatching(
        /refuse the Pods of details-v1, ratings-v1, .*, notsleep, productpage-waypoint, reviews-waypoint in namespace default: violates PodSecurity/,
      ),
    ]);
    const posts = asked.filter((request) => request.includes("/pods"));
    expect(posts).toEqual(Array(9).fill("POST /api/v1/namespaces/default/pods?dryRun=All"));
  });

  test.each([
    ["this identity may not create Pods", 'User "me" cannot create resource "pods"'],
    ["a webhook knows no dry run", 'admission webhook "x" does not support dry run'],
  ])("is no rule where %s", async (_, message) => {
    const { problems } = await look({
      "/api/v1/namespaces/default/pods": { code: 403, message },
    });
    expect(problems).toEqual([]);
  });

  test("may be hidden: what this identity can't list is not checked", async () => {
    const { facts, problems } = await look({
      "/apis/networking.k8s.io/v1/namespaces/default/networkpolicies": { code: 403 },
      "/apis/networking.k8s.io/v1/namespaces/istio-system/networkpolicies": { code: 403 },
    });
    expect([problems, facts.present.unlisted]).toEqual([[], ["networkpolicies"]]);
  });

  test("tells its platform by a node, and its policies", async () => {
    const present = {
      "/api/v1/nodes?limit=1": list({ name: "n", labels: { "microk8s.io/cluster": "true" } }),
      "/apis/security.istio.io/v1/namespaces/istio-system/authorizationpolicies": {
        items: [{ metadata: { name: "nothing", namespace: "istio-system" } }],
      },
      "/apis/networking.k8s.io/v1/namespaces/default/networkpolicies": {
        items: [{ metadata: { name: "deny", namespace: "default" }, spec: { podSelector: {} } }],
      },
    };
    const { warnings } = await look(present, { gateway: { serviceType: "NodePort" } });
    expect(warnings).toEqual([
      expect.stringMatching(/looks like MicroK8s/),
      expect.stringMatching(/AuthorizationPolicy nothing/),
      expect.stringMatching(/NetworkPolicy deny .* port 15008/),
    ]);
  });
});
