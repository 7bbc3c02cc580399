import { describe, expect, test } from "@jest/globals";

import { problemsOf } from "../../../components/existing/checks.js";
import type { ClusterFacts } from "../../../components/existing/inspect.js";
import { kindsOf, applicationObjects } from "../../../components/existing/objects.js";
import { nothingPresent, type Present } from "../../../components/existing/present.js";
import { quantity } from "../../../components/existing/rules/quota.js";
import { kialiObjects, releaseObjects } from "../../../components/existing/releases.js";
import { parseSettings } from "../../../components/settings/settings.js";

const check = (
  present: Partial<Present>,
  facts: Partial<ClusterFacts> = {},
  settings: Record<string, unknown> = {},
) =>
  problemsOf(
    {
      name: "kind-mesh",
      uid: "6c3d",
      kubernetesVersion: "v1.34.2",
      istiods: [],
      ...facts,
      present: { ...nothingPresent, ...present },
    },
    parseSettings({ cluster: "existing", ...settings }),
  );
const helms = (release: string, namespace = "istio-system") => ({
  labels: { "app.kubernetes.io/managed-by": "Helm" },
  annotations: {
    "meta.helm.sh/release-name": release,
    "meta.helm.sh/release-namespace": namespace,
  },
});

describe("objects of the Helm releases", () => {
  test("that Helm does not own are named, with the command that removes them", () => {
    const role = "istiod-clusterrole-istio-system";
    const found = [
      ...releaseObjects("ClusterRole", [{ name: role }, { name: "theirs" }]),
      ...releaseObjects("ClusterRoleBinding", [{ name: role, ...helms("istiod", "mesh") }]),
      ...releaseObjects("MutatingWebhookConfiguration", [{ name: "istio-sidecar-injector" }]),
      ...releaseObjects("ValidatingWebhookConfiguration", [
        { name: "istiod-default-validator", ...helms("other") },
      ]),
    ];
    expect(check({ releaseObjects: found })).toEqual([
      expect.stringMatching(
        /Helm does not own.*: ClusterRole istiod-clusterrole-istio-system, ClusterRoleBinding istiod-.*, MutatingWebhookConfiguration istio-sidecar-injector, ValidatingWebhookConfiguration istiod-default-validator\. .*: kubectl delete clusterrole\/istiod-clusterrole-istio-system clusterrolebinding\/istiod-clusterrole-istio-system mutatingwebhookconfiguration\/istio-sidecar-injector validatingwebhookconfiguration\/istiod-default-validator$/,
      ),
    ]);
  });

  test("in another namespace are named with it", () => {
    const found = [
      ...releaseObjects("ClusterRole", [{ name: "istio-cni" }]),
      ...releaseObjects("NetworkAttachmentDefinition", [{ name: "istio-cni" }, { name: "theirs" }]),
    ];
    expect(check({ releaseObjects: found })).toEqual([
      expect.stringMatching(
        /: ClusterRole istio-cni, NetworkAttachmentDefinition istio-cni\. .*: kubectl delete clusterrole\/istio-cni networkattachmentdefinition\.k8s\.cni\.cncf\.io\/istio-cni -n default$/,
      ),
    ]);
  });

  test("that belong to their release are no problem", () => {
    const found = releaseObjects("ClusterRole", [
      { name: "ztunnel", ...helms("ztunnel") },
      { name: "istio-cni", ...helms("istio-cni") },
    ]);
    expect(found).toHaveLength(2);
    expect(check({ releaseObjects: found })).toEqual([]);
  });
});

describe("a namespace that is being deleted", () => {
  test.each(["istio-system", "default", "shop"])("is named with what holds it: %s", (name) => {
    const problems = check(
      { namespaces: [{ name, ours: name === "shop", isBeingDeleted: true }] },
      { heldNamespaces: { [name]: "Some content has finalizers remaining: a in 1 instance" } },
      { namespace: name === "istio-system" ? "default" : name },
    );
    expect(problems).toEqual([
      expect.stringMatching(
        `Namespace ${name} is being deleted.*What holds it: .*finalizers remaining: a in 1 instance\\. Wait for it: kubectl wait --for=delete namespace/${name}`,
      ),
    ]);
  });

  test("is no problem if it is another one", () => {
    expect(check({ namespaces: [{ name: "x", ours: false, isBeingDeleted: true }] })).toEqual([]);
  });
});

describe("objects with the walk-through's names", () => {
  const sleep = {
    kind: "ServiceAccount",
    name: "sleep",
    target: "serviceaccount/sleep",
    ours: false,
  };
  const page = { kind: "Service", name: "productpage", target: "service/productpage", ours: false };

  test("are named before the first create", () => {
    expect(check({ application: [sleep, page] })).toEqual([
      expect.stringMatching(
        /ServiceAccount sleep, Service productpage\. .*kubectl delete -n default serviceaccount\/sleep service\/productpage\. .*pulumi config set namespace <name>/,
      ),
    ]);
  });

  test("are no problem if they are the program's, or if the stage has none", () => {
    expect(check({ application: [{ ...sleep, ours: true }] })).toEqual([]);
    expect(check({ application: [sleep] }, {}, { stage: "mesh" })).toEqual([]);
  });

  test("are looked for in every kind that the stage creates", () => {
    const kinds = (stage: "mesh" | "bookinfo" | "traffic") =>
      kindsOf(applicationObjects({ stage })).map(({ api, plural }) => `${api}/${plural}`);
    expect(kinds("mesh")).toEqual([]);
    expect(kinds("bookinfo")).toEqual([
      "/api/v1/services",
      "/api/v1/serviceaccounts",
      "/apis/apps/v1/deployments",
      "/apis/networking.istio.io/v1/gateways",
      "/apis/networking.istio.io/v1/virtualservices",
    ]);
    expect(kinds("traffic")).toEqual([
      ...kinds("bookinfo"),
      "/apis/security.istio.io/v1/authorizationpolicies",
      "/apis/gateway.networking.k8s.io/v1/gateways",
      "/apis/networking.istio.io/v1/destinationrules",
    ]);
  });
});

describe("observability and load", () => {
  test("look for their objects in the application's namespace", () => {
    const names = (change: object) =>
      applicationObjects({ stage: "bookinfo", ...change }).map(
        ({ kind, metadata }) => `${kind} ${metadata.name}`,
      );
    const without = names({});
    const added = (change: object) => names(change).filter((name) => !without.includes(name));
    expect(added({ observability: true })).toEqual(["Role prometheus", "RoleBinding prometheus"]);
    expect(added({ load: 3 })).toEqual([
      "ServiceAccount load",
      "Deployment load",
      "Deployment load-notsleep",
    ]);
    expect(applicationObjects({ stage: "mesh", observability: true, load: 3 })).toEqual([]);
  });

  test("refuse another Kiali's names, unless they are off", () => {
    const theirs = kialiObjects("ClusterRole", [{ name: "kiali" }, { name: "kiali-viewer" }]);
    expect(check({ kiali: theirs }, {}, { observability: true })).toEqual([
      expect.stringMatching(
        /^The cluster has the ClusterRole kiali of another Kiali.*: pulumi config set observability false.*: kubectl delete clusterrole\/kiali$/,
      ),
    ]);
    expect(check({ kiali: theirs })).toEqual([]);
    const labels = { "app.kubernetes.io/managed-by": "oke-ambient-mesh" };
    const ours = kialiObjects("ClusterRoleBinding", [{ name: "kiali", labels }]);
    expect(check({ kiali: ours }, {}, { observability: true })).toEqual([]);
  });
});

describe("the Gateway API's CRDs", () => {
  const crd = (name: string, version?: string) => ({
    name: `${name}.gateway.networking.k8s.io`,
    version,
    ours: false,
  });
  const existing = { mesh: { gatewayApi: "existing" } };

  test.each<[string, Partial<Present>, RegExp]>([
    [
      "in part",
      { gatewayApi: [crd("tcproutes", "v1.2.0")], gatewayApiV1: [] },
      /only a part .*tcproutes \(v1\.2\.0\).*needs gatewayclasses and gateways in v1/,
    ],
    [
      "too old",
      { gatewayApi: [crd("gateways", "v0.8.1"), crd("gatewayclasses", "v0.8.1")] },
      /gateways, gatewayclasses \(v0\.8\.1\).*needs gatewayclasses and gateways in v1, which releases from v1\.0 on have/,
    ],
    [
      "without one kind",
      { gatewayApi: [crd("gateways", "v1.5.0")], gatewayApiV1: ["gateways"] },
      /needs gatewayclasses in v1/,
    ],
  ])("%s name what is missing, in either setting", (_, present, words) => {
    const [used] = check(present, {}, existing);
    expect(used).toMatch(words);
    expect(used).toMatch(/kubectl apply --server-side -f https:\S+standard-install\.yaml\. If/);
    expect(used).toMatch(
      /kubectl delete crd \S+.*, then: pulumi config rm --path mesh\.gatewayApi$/,
    );
    const [own] = check(present);
    expect(own).toMatch(words);
    expect(own).toMatch(/\.yaml, then: pulumi config set --path mesh\.gatewayApi existing\. If/);
  });
});

describe("the application's namespace", () => {
  test("whose quota is too small is refused with what is needed and left", () => {
    const quota = {
      metadata: { name: "small" },
      status: {
        hard: { pods: "10", "requests.memory": "1Gi", services: "20", "limits.cpu": "1" },
        used: { pods: "8", "requests.memory": "512Mi" },
      },
    };
    expect(check({ quotas: [quota] })).toEqual([
      expect.stringMatching(
        /ResourceQuota small in namespace default .*: pods \(10 needed, 2 left\), requests\.memory \(1312Mi needed, 512Mi left\), limits\.cpu \(4 needed, 1 left\)\. .*kubectl edit resourcequota small -n default/,
      ),
    ]);
    expect(check({ quotas: [{ ...quota, spec: { scopes: ["BestEffort"] } }] })).toEqual([]);
    const scoped = { ...quota, spec: { scopes: ["NotTerminating", "NotBestEffort"] } };
    expect(check({ quotas: [scoped] })).toHaveLength(1);
  });

  test("needs nothing for what is there", () => {
    const application = applicationObjects({ stage: "traffic" }).map(({ kind, metadata }) => ({
      kind,
      name: metadata.name,
      target: "",
      ours: true,
    }));
    const full = {
      metadata: { name: "full" },
      status: { hard: { pods: "8" }, used: { pods: "8" } },
    };
    expect(check({ application, quotas: [full] })).toEqual([]);
  });

  test.each([
    ["100m", 0.1],
    ["2", 2],
    ["16Mi", 16 * 2 ** 20],
    ["1e3", 1000],
    ["1.5Gi", 1.5 * 2 ** 30],
    ["2k", 2000],
  ])("counts %s as %d", (text, number) => {
    expect(quantity(text)).toBe(number);
  });

  test.each([
    [
      'violates PodSecurity "restricted:latest": runAsNonRoot != true',
      /Pods of reviews-v1, sleep in namespace default: violates PodSecurity .* true\. .*kubectl label namespace default pod-security\.kubernetes\.io\/enforce=baseline/,
    ],
    [
      "minimum cpu usage per Container is 1",
      /minimum cpu usage .* 1\. Change the limits: kubectl edit limitrange -n default, or use another/,
    ],
    ["webhook policy denied the request", /denied the request\. Change that rule, or use another/],
  ])("that refuses the Pods is refused: %s", (reason, words) => {
    const refusedPods = [{ deployments: ["reviews-v1", "sleep"], reason }];
    expect(check({}, { refusedPods })).toEqual([expect.stringMatching(words)]);
  });
});

describe("the commands in a problem", () => {
  const namespaces = [{ name: "istio-system", ours: false, isBeingDeleted: true }];

  test.each<[Record<string, string>, string]>([
    [{}, "kubectl wait"],
    [{ context: "kind-mesh" }, "kubectl --context kind-mesh wait"],
    [{ kubeconfig: "~/my kube/config" }, "kubectl --kubeconfig ~/'my kube/config' wait"],
    [
      { kubeconfig: "apiVersion: v1" },
      "kubectl --kubeconfig <(pulumi config get --path existing.kubeconfig) wait",
    ],
  ])("reach the inspected cluster with %j", (existing, command) => {
    const [problem] = check({ namespaces }, {}, { existing });
    expect(problem).toContain(`: ${command} --for=delete namespace/istio-system`);
    expect(problem).toContain(`xargs -n 1 ${command.replace("wait", "get")} -n istio-system`);
  });
});
