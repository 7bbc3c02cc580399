import { describe, expect, test } from "@jest/globals";
import * as pulumi from "@pulumi/pulumi";

import type { AuthorizationPolicy } from "../../../components/existing/rules/authorization.js";
import type { NetworkPolicy } from "../../../components/existing/rules/network.js";
import { nothingPresent, type Present } from "../../../components/existing/present.js";
import { warningsOf } from "../../../components/existing/warnings.js";
import { parseSettings, type Settings } from "../../../components/settings/settings.js";

const warn = (
  present: Partial<Present>,
  settings: Record<string, unknown> = {},
  kubernetesVersion = "v1.34.2",
  change: (settings: Settings) => void = () => undefined,
) => {
  const parsed = parseSettings({ cluster: "existing", ...settings });
  change(parsed);
  const facts = { name: "x", uid: "1", kubernetesVersion, istiods: [] };
  return warningsOf({ ...facts, present: { ...nothingPresent, ...present } }, parsed);
};

describe("the platform", () => {
  const signs = (labels: Record<string, string>, crds: string[] = [], name = "worker") => ({
    signs: { node: { name, labels }, crds },
  });

  test.each<[string, string, Partial<Present>]>([
    ["k3s", "v1.34.2+k3s1", {}],
    ["k3d", "v1.34.2+k3s1", signs({}, [], "k3d-mesh-server-0")],
    ["gke", "v1.34.2-gke.1093000", {}],
    ["microk8s", "v1.34.2", signs({ "microk8s.io/cluster": "true" })],
    ["minikube", "v1.34.2", signs({ "minikube.k8s.io/name": "minikube" })],
    ["openshift", "v1.34.2", signs({}, ["clusterversions.config.openshift.io"])],
  ])("%s is recognized, and the setting named", (value, version, present) => {
    expect(warn(present, {}, version)).toEqual([
      expect.stringMatching(`pulumi config set --path mesh\\.platform ${value}$`),
    ]);
    expect(warn(present, { mesh: { platform: value } }, version)).toEqual([]);
  });

  test.each([
    ["RKE2", "v1.34.2+rke2r1"],
    ["EKS", "v1.34.2-eks-3abbec1"],
  ])("%s has no value, so the CNI agent's directories are named", (name, version) => {
    expect(warn({}, {}, version)).toEqual([
      expect.stringMatching(
        `looks like ${name}, for which mesh\\.platform has no value.*mesh\\.helmValues\\.cni\\.cniConfDir`,
      ),
    ]);
  });

  test.each([
    { cniConfDir: "/etc/cni/net.d" },
    { cniBinDir: "/opt/cni/bin" },
    { global: { platform: "k3s" } },
  ])("is not asked for with %j", (cni) => {
    expect(warn({}, { mesh: { helmValues: { cni } } }, "v1.34.2+k3s1")).toEqual([]);
  });

  test("is not asked for if the values are secret, nor before the mesh", () => {
    const secret = (settings: Settings) => {
      settings.mesh.helmValues.cni = pulumi.secret({});
    };
    expect(warn({}, {}, "v1.34.2+k3s1", secret)).toEqual([]);
    expect(warn({}, { stage: "cluster" }, "v1.34.2+k3s1")).toEqual([]);
  });
});

describe("a namespace with a label for sidecars", () => {
  const labeled = (labels: Record<string, string>, settings: Record<string, unknown> = {}) =>
    warn({ namespaces: [{ name: "default", ours: false, labels }] } as Partial<Present>, settings);

  test.each([
    [{ "istio-injection": "enabled" }, "istio-injection=enabled", "istio-injection-"],
    [{ "istio.io/rev": "stable" }, "istio.io/rev=stable", "istio.io/rev-"],
  ])("is named with the command that removes it: %j", (labels, shown, removed) => {
    expect(labeled(labels)).toEqual([
      expect.stringContaining(`Namespace default has the label ${shown}: istiod may add a sidecar`),
    ]);
    expect(labeled(labels)[0]).toContain(`kubectl label namespace default ${removed}`);
    expect(labeled(labels, { stage: "mesh" })).toEqual([]);
  });

  test("that turns them off is fine", () => {
    expect(labeled({ "istio-injection": "disabled", team: "theirs" })).toEqual([]);
  });
});

describe("an AuthorizationPolicy", () => {
  const policy = (spec: AuthorizationPolicy["spec"], namespace = "default"): Partial<Present> => ({
    authorizationPolicies: [{ metadata: { name: "theirs", namespace }, spec }],
  });
  const rules = [{ from: [{ source: { principals: ["x"] } }] }];

  test.each<[string, Partial<Present>]>([
    ["that admits nothing", policy({})],
    ["that admits nothing in the whole mesh", policy(undefined, "istio-system")],
    ["that admits others", policy({ rules })],
    ["that denies", policy({ action: "DENY", rules })],
    ["that asks someone else", policy({ action: "CUSTOM", rules })],
    ["for one Pod", policy({ selector: { matchLabels: { app: "reviews" } } })],
    ["for a Service", policy({ targetRefs: [{ kind: "Service", name: "productpage" }], rules })],
    [
      "for every waypoint",
      policy({ targetRef: { kind: "GatewayClass", name: "istio-waypoint" } }, "istio-system"),
    ],
    [
      "for the ingress gateway",
      policy({ selector: { matchLabels: { istio: "ingressgateway" } } }, "istio-system"),
    ],
    [
      "for the ingress gateway, by a label of its chart",
      policy(
        { selector: { matchLabels: { "app.kubernetes.io/name": "istio-ingressgateway" } } },
        "istio-system",
      ),
    ],
  ])("%s is named", (_, present) => {
    expect(warn(present)).toEqual([
      expect.stringMatching(
        /^AuthorizationPolicy theirs in namespace \S+ (may deny|denies) .*kubectl delete authorizationpolicy theirs -n \S+$/,
      ),
    ]);
  });

  test.each<[string, Partial<Present>]>([
    ["that admits everything", policy({ rules: [{}] })],
    ["that denies nothing", policy({ action: "DENY" })],
    ["that only audits", policy({ action: "AUDIT", rules })],
    ["for other Pods", policy({ selector: { matchLabels: { app: "theirs" } } })],
    ["for another Service", policy({ targetRefs: [{ kind: "Service", name: "theirs" }] })],
    [
      "for a Service of another namespace",
      policy({ targetRefs: [{ kind: "Service", name: "productpage" }] }, "istio-system"),
    ],
    [
      "for a gateway in another namespace",
      policy({ selector: { matchLabels: { istio: "ingressgateway" } } }),
    ],
  ])("%s is not", (_, present) => {
    expect(warn(present)).toEqual([]);
  });

  test.each<[string, boolean]>([
    ["true", true],
    ["T", true],
    ["1", true],
    ["false", false],
    ["yes", false],
  ])("with the annotation istio.io/dry-run: %j only reports, or not: %j", (value, isDryRun) => {
    const { authorizationPolicies: [theirs] = [] } = policy({ rules });
    if (!theirs) throw new Error("no policy");
    theirs.metadata.annotations = { "istio.io/dry-run": value };
    expect(warn({ authorizationPolicies: [theirs] })).toHaveLength(isDryRun ? 0 : 1);
  });

  test("in the root namespace that the mesh configuration names is one for the whole mesh", () => {
    const meshConfig = { rootNamespace: "istio-config" };
    const rooted = { mesh: { helmValues: { istiod: { meshConfig } } } };
    expect(warn(policy({}, "istio-config"), rooted)).toEqual([
      expect.stringContaining("AuthorizationPolicy theirs in namespace istio-config denies"),
    ]);
    const selector = { matchLabels: { app: "reviews" } };
    expect(warn(policy({ selector }, "istio-system"), rooted)).toEqual([]);
    expect(warn(policy({ selector }, "istio-config"))).toEqual([]);
  });
});

describe("a NetworkPolicy", () => {
  const policy = (spec: NetworkPolicy["spec"], namespace = "default"): NetworkPolicy => ({
    metadata: { name: "theirs", namespace },
    spec,
  });
  const warned = (spec: NetworkPolicy["spec"], settings: Record<string, unknown> = {}) =>
    warn({ networkPolicies: [policy(spec)] }, settings);
  const system = {
    namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "istio-system" } },
  };
  const own = { podSelector: {} };
  const mesh = [{ protocol: "TCP", port: 15008 }];

  test.each<[string, NetworkPolicy["spec"]]>([
    ["that admits nothing", { podSelector: {}, policyTypes: ["Ingress"] }],
    ["that admits another port", { ingress: [{ ports: [{ port: 9080 }] }] }],
    ["that admits UDP", { ingress: [{ ports: [{ protocol: "UDP", port: 15008 }] }] }],
    ["that admits its own namespace alone", { ingress: [{ from: [own] }] }],
    [
      "that admits some Pods",
      { ingress: [{ from: [{ podSelector: { matchLabels: { a: "b" } }, ...system }] }] },
    ],
    [
      "for one Pod",
      { podSelector: { matchExpressions: [{ key: "app", operator: "In", values: ["reviews"] }] } },
    ],
  ])("%s is named with the port", (_, spec) => {
    expect(warned(spec)).toEqual([
      expect.stringMatching(
        /^NetworkPolicy theirs in namespace default keeps TCP port 15008, .*reviews-v1.*namespaces default and istio-system: kubectl edit networkpolicy theirs -n default/,
      ),
    ]);
  });

  test.each<[string, NetworkPolicy["spec"]]>([
    ["that admits everything", { ingress: [{}] }],
    ["that admits the port", { ingress: [{ ports: mesh }] }],
    ["that admits a range of ports", { ingress: [{ ports: [{ port: 15000, endPort: 15100 }] }] }],
    ["that admits both namespaces", { ingress: [{ ports: mesh, from: [own, system] }] }],
    ["that admits every address", { ingress: [{ from: [{ ipBlock: { cidr: "0.0.0.0/0" } }] }] }],
    ["that lets all requests leave", { policyTypes: ["Egress"], egress: [{}] }],
    [
      "that lets the mesh's leave",
      { policyTypes: ["Egress"], egress: [{ ports: mesh, to: [own] }] },
    ],
    ["for clients", { podSelector: { matchLabels: { app: "sleep" } } }],
  ])("%s is not", (_, spec) => {
    expect(warned(spec)).toEqual([]);
  });

  test.each<[string, NetworkPolicy["spec"]]>([
    ["that lets nothing leave", { policyTypes: ["Egress"] }],
    ["that lets DNS leave", { egress: [{ ports: [{ protocol: "UDP", port: 53 }] }] }],
    ["that lets requests to another namespace leave", { egress: [{ to: [system] }] }],
  ])("%s is named with the clients", (_, spec) => {
    // Without policyTypes it is about what comes, too.
    const found = warned(spec).filter((sentence) => sentence.includes(" from TCP port "));
    expect(found).toEqual([
      expect.stringMatching(
        /^NetworkPolicy theirs in namespace default keeps .*\bsleep\b.* from TCP port 15008, which carries the mesh's requests\. Admit it to the Pods of namespace default: kubectl edit networkpolicy theirs -n default/,
      ),
    ]);
  });

  test("counts together with others for the same Pods", () => {
    const admits = {
      ...policy({ ingress: [{ ports: mesh }] }),
      metadata: { name: "b", namespace: "default" },
    };
    expect(warn({ networkPolicies: [policy({}), admits] })).toEqual([]);
  });

  test("must admit Bookinfo's own port before the namespace joins the mesh", () => {
    expect(warned({}, { stage: "bookinfo" })).toEqual([expect.stringMatching(/TCP port 9080, /)]);
  });

  const inSystem = (...specs: NetworkPolicy["spec"][]) =>
    warn({ networkPolicies: specs.map((spec) => policy(spec, "istio-system")) }).map(
      (found) =>
        /^NetworkPolicy theirs in namespace istio-system keeps (.*?)\. Admit it/.exec(found)?.[1],
    );
  const istiod = { matchLabels: { app: "istiod" } };
  const gateway = { matchLabels: { istio: "ingressgateway" } };
  const configuration = "TCP port 15012, from which the mesh gets its configuration";
  const dropped = {
    istiod: `${configuration}, from istiod`,
    webhook: "TCP port 15017, on which the API server calls istiod's webhooks, from istiod",
    gateway: "TCP port 80, on which the ingress gateway answers, from its Pods",
    apiServer: "istiod from the API server",
    clients: `ztunnel and the ingress gateway from ${configuration}`,
    bookinfo: "the ingress gateway from TCP port 15008, which carries the mesh's requests",
  };
  const allEgress = [dropped.apiServer, dropped.clients, dropped.bookinfo];

  test.each<[string, NetworkPolicy["spec"], string[]]>([
    ["that admits nothing", {}, [dropped.istiod, dropped.webhook, dropped.gateway]],
    ["for the gateway that admits nothing", { podSelector: gateway }, [dropped.gateway]],
    [
      "for the gateway that admits another port",
      { podSelector: gateway, ingress: [{ ports: [{ port: 15021 }] }] },
      [dropped.gateway],
    ],
    [
      "for istiod that admits its configuration alone",
      { podSelector: istiod, ingress: [{ ports: [{ port: 15012 }] }] },
      [dropped.webhook],
    ],
    [
      "for istiod that admits Pods alone to its webhooks",
      { podSelector: istiod, ingress: [{ from: [{ namespaceSelector: {} }] }] },
      [dropped.webhook],
    ],
    ["that lets nothing leave", { policyTypes: ["Egress"] }, allEgress],
    [
      "that lets DNS leave",
      { policyTypes: ["Egress"], egress: [{ ports: [{ protocol: "UDP", port: 53 }] }] },
      allEgress,
    ],
    [
      "that lets requests to its own namespace leave",
      { policyTypes: ["Egress"], egress: [{ to: [own] }] },
      [dropped.apiServer, dropped.bookinfo],
    ],
    [
      "for ztunnel that lets nothing leave",
      { podSelector: { matchLabels: { app: "ztunnel" } }, policyTypes: ["Egress"] },
      [`ztunnel from ${configuration}`],
    ],
  ])("in Istio's namespace %s is named with what it cuts", (_, spec, expected) => {
    expect(inSystem(spec)).toEqual(expected);
  });

  test.each<[string, NetworkPolicy["spec"][]]>([
    ["for other Pods", [{ podSelector: { matchLabels: { app: "theirs" } } }]],
    ["that lets everything leave", [{ policyTypes: ["Egress"], egress: [{}] }]],
    ["that admits all to the gateway", [{ podSelector: gateway, ingress: [{}] }]],
    [
      "that admits a range, which may be the API server's, to the webhooks",
      [
        {
          podSelector: istiod,
          ingress: [
            { ports: [{ port: 15012 }] },
            { ports: [{ port: 15017 }], from: [{ ipBlock: { cidr: "10.0.0.0/28" } }] },
          ],
        },
      ],
    ],
    [
      "beside others that let the mesh's own requests leave",
      [
        { policyTypes: ["Egress"] },
        {
          policyTypes: ["Egress"],
          egress: [
            { ports: [{ port: 15012 }], to: [{ podSelector: istiod }] },
            { ports: mesh, to: [{ namespaceSelector: {} }] },
            { ports: [{ port: 6443 }] },
          ],
        },
      ],
    ],
  ])("in Istio's namespace %s is not", (_, specs) => {
    expect(inSystem(...specs)).toEqual([]);
  });
});
