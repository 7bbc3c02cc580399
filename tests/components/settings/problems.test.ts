import { describe, expect, test } from "@jest/globals";
import { RunError } from "@pulumi/pulumi";

import { parseSettings, SettingsError } from "../../../components/settings/settings.js";
import { nearest } from "../../../components/settings/nearest.js";

const good = {
  compartmentId: "ocid1.compartment.oc1..aaaa",
  network: { apiAllowedCidrs: ["203.0.113.7/32"] },
};

function problems(raw: Record<string, unknown>) {
  try {
    parseSettings(raw);
  } catch (error) {
    if (error instanceof SettingsError) return error.problems;
    throw error;
  }
  return [];
}

/** The configuration, the reported key, and a pattern of the report. */
const bad: [string, Record<string, unknown>, string, RegExp][] = [
  ["a cluster of an unknown kind", { cluster: "eks" }, "cluster", /one of oke, existing/],
  ["no compartment", { compartmentId: undefined }, "compartmentId", /OCID of the compartment/],
  ["a VCN's OCID", { compartmentId: "ocid1.vcn.oc1.phx.aaaa" }, "compartmentId", /OCID of a vcn/],
  ["a name as compartment", { compartmentId: "demo" }, "compartmentId", /ocid1\.compartment/],
  ["no allowed ranges", { network: {} }, "network.apiAllowedCidrs", /ranges that may reach/],
  [
    "apiOpenToAll without a range",
    { network: { apiOpenToAll: true } },
    "network.apiAllowedCidrs",
    /apiAllowedCidrs\[0\]' 0\.0\.0\.0\/0/,
  ],
  [
    "0.0.0.0/0 without apiOpenToAll",
    { network: { apiAllowedCidrs: ["0.0.0.0/0"] } },
    "network.apiAllowedCidrs[0]",
    /apiOpenToAll true/,
  ],
  [
    "a range with host bits",
    { network: { apiAllowedCidrs: ["203.0.113.7/24"] } },
    "network.apiAllowedCidrs[0]",
    /host bits zero/,
  ],
  [
    "an address without a prefix",
    { network: { apiAllowedCidrs: ["203.0.113.7"] } },
    "network.apiAllowedCidrs[0]",
    /203\.0\.113\.7\/32/,
  ],
  [
    "a text for a list",
    { network: { apiAllowedCidrs: "203.0.113.7/32" } },
    "network.apiAllowedCidrs",
    /list of ranges/,
  ],
  ["a prefix of 33", vcn("10.0.0.0/33"), "network.vcnCidr", /such as 10\.0\.0\.0\/16/],
  ["an octet of 256", vcn("10.0.256.0/16"), "network.vcnCidr", /IPv4 range/],
  ["host bits in the VCN", vcn("10.0.1.0/16"), "network.vcnCidr", /host bits zero/],
  ["a VCN over Pods", vcn("10.244.0.0/20"), "network.vcnCidr", /overlap 10\.244\.0\.0\/16.*Pods/],
  ["a VCN over Services", vcn("10.96.0.0/16"), "network.vcnCidr", /overlap.*Services/],
  ["a VCN of /15", vcn("10.0.0.0/15"), "network.vcnCidr", /\/16 to \/26/],
  ["a VCN of /30, workers and all", vcn("10.0.0.0/30"), "network.vcnCidr", /no room.*workers/],
  [
    "more workers than addresses",
    { ...vcn("10.0.0.0/26"), nodes: { count: 15 } },
    "network.vcnCidr",
    /room for 15 workers.*29 addresses/,
  ],
  ["8.10 without quotes", { nodes: { os: 8.1 } }, "nodes.os", /number.*8\.10 becomes 8\.1.*quotes/],
  ["a release without a minor", { nodes: { os: "8" } }, "nodes.os", /"8\.10"/],
  ["an Ampere shape", { nodes: { shape: "VM.Standard.A1.Flex" } }, "nodes.shape", /aarch64/],
  ["a GPU shape", { nodes: { shape: "VM.GPU.A10.1" } }, "nodes.shape", /GPU shape/],
  ["no OCPU", { nodes: { ocpus: 0 } }, "nodes.ocpus", /1 or more/],
  ["too many OCPUs", { nodes: { ocpus: 65, memoryGb: 100 } }, "nodes.ocpus", /1 to 64/],
  ["OCPUs in words", { nodes: { ocpus: "two" } }, "nodes.ocpus", /number of OCPUs/],
  ["memory beyond 64 GB for each OCPU", { nodes: { memoryGb: 129 } }, "nodes.memoryGb", /2 to 128/],
  [
    "memory below 1 GB for each OCPU",
    { nodes: { ocpus: 4, memoryGb: 2 } },
    "nodes.memoryGb",
    /4 to/,
  ],
  ["no worker", { nodes: { count: 0 } }, "nodes.count", /1 to 1000/],
  ["half a worker", { nodes: { count: 1.5 } }, "nodes.count", /whole number/],
  ["a boot volume of 49 GB", { nodes: { bootVolumeGb: 49 } }, "nodes.bootVolumeGb", /50 to 32768/],
  [
    "a compartment's OCID as image",
    { nodes: { imageId: "ocid1.compartment.oc1..a" } },
    "nodes.imageId",
    /OCID of a compartment; expected the OCID of an image/,
  ],
  ["a minor alone", { kubernetesVersion: "1.34" }, "kubernetesVersion", /full version.*v1\.34\.2/],
  [
    "a Kubernetes before Istio's",
    { kubernetesVersion: "v1.31.4" },
    "kubernetesVersion",
    /v1\.32 to v1\.36, which Istio 1\.31\.1 supports/,
  ],
  [
    "a Kubernetes after Istio's",
    { kubernetesVersion: "1.37.0" },
    "kubernetesVersion",
    /v1\.32 to v1\.36/,
  ],
  ["a cluster type in Oracle's words", { clusterType: "BASIC_CLUSTER" }, "clusterType", /basic/],
  [
    "a Service type in small letters",
    { gateway: { serviceType: "nodeport" } },
    "gateway.serviceType",
    /NodePort/,
  ],
  ["an Istio without a patch", { mesh: { version: "1.31" } }, "mesh.version", /"1\.31\.1"/],
  ["an Istio as number", { mesh: { version: 1.31 } }, "mesh.version", /YAML number/],
  [
    "an Istio before waypoints for ingress",
    { mesh: { version: "1.18.0" } },
    "mesh.version",
    /1\.25 or newer/,
  ],
  [
    "a repository of an unknown kind",
    { mesh: { chartRepository: "ftp://charts" } },
    "mesh.chartRepository",
    /https/,
  ],
  [
    "a hub with a tag",
    { mesh: { imageHub: "docker.io/istio:1.31" } },
    "mesh.imageHub",
    /without a tag/,
  ],
  ["a bundle without a digest", { mesh: { gatewayApi: "./crds" } }, "mesh.gatewayApi", /#sha256=/],
  [
    "a version of the Gateway API that is not pinned",
    { mesh: { gatewayApi: "v1.5.1" }, stage: "cluster" },
    "mesh.gatewayApi",
    /expected v1\.6\.0, existing .* or a path or URL/,
  ],
  [
    "a bundle in clear",
    { mesh: { gatewayApi: `http://example.org/crds#sha256=${"0".repeat(64)}` } },
    "mesh.gatewayApi",
    /https URL/,
  ],
  ["an unknown platform", { mesh: { platform: "oke" } }, "mesh.platform", /k3d/],
  [
    "values for an unknown chart",
    { mesh: { helmValues: { istio: {} } } },
    "mesh.helmValues.istio",
    /mean mesh\.helmValues\.istiod/,
  ],
  [
    "values that are not an object",
    { mesh: { helmValues: { cni: 3 } } },
    "mesh.helmValues.cni",
    /object of Helm values/,
  ],
  ["a namespace in capitals", { namespace: "Books" }, "namespace", /lowercase/],
  ["Istio's namespace", { namespace: "istio-system" }, "namespace", /belongs to/],
  [
    "an unknown stage",
    { stage: "l5" },
    "stage",
    /cluster, mesh, bookinfo, ambient, l4, l7, traffic/,
  ],
  ["a percent of 101", { reviews: { v2Percent: 101 } }, "reviews.v2Percent", /0 to 100/],
  ["a percent of -1", { reviews: { v2Percent: -1 } }, "reviews.v2Percent", /0 to 100/],
  ["half a percent", { reviews: { v2Percent: 0.5 } }, "reviews.v2Percent", /whole percentage/],
  ["verify in words", { verify: "yes" }, "verify", /true or false/],
  ["no time to settle", { verifySettleSeconds: 0 }, "verifySettleSeconds", /1 to 3600/],
  ["an unknown key", { compartementId: "x" }, "compartementId", /did you mean compartmentId\?/],
  ["an unknown field", { nodes: { memoryGB: 16 } }, "nodes.memoryGB", /mean nodes\.memoryGb\?/],
  [
    "an unknown field unlike any",
    { reviews: { starsAndStripes: 1 } },
    "reviews.starsAndStripes",
    /expected one of v2Percent/,
  ],
  meshConfig({ accessLogFile: true }, "accessLogFile", /text, in quotes.*ignore its whole/),
  meshConfig({ outboundTrafficPolicy: "ALLOW_ANY" }, "outboundTrafficPolicy", /object.*mode/),
  meshConfig(
    { outboundTrafficPolicy: { mode: "ALLOW" } },
    "outboundTrafficPolicy.mode",
    /one of REGISTRY_ONLY, ALLOW_ANY/,
  ),
  meshConfig({ enable_tracing: "true" }, "enable_tracing", /without quotes/),
  meshConfig({ connectTimeout: 10 }, "connectTimeout", /duration such as "10s"/),
  meshConfig({ proxyListenPort: "many" }, "proxyListenPort", /whole number/),
  meshConfig({ trustDomainAliases: "old" }, "trustDomainAliases", /a list/),
  meshConfig(
    { discoverySelectors: [{ matchLabels: [] }] },
    "discoverySelectors[0].matchLabels",
    /object/,
  ),
  meshConfig(
    { defaultConfig: { proxyMetadata: { "A.B": 1 } } },
    'defaultConfig.proxyMetadata["A.B"]',
    /text, in quotes/,
  ),
  meshConfig(
    { extensionProviders: [{ name: "otel", opentelemetry: { service: "otel", port: "x" } }] },
    "extensionProviders[0].opentelemetry.port",
    /whole number/,
  ),
  meshConfig(
    { trustDomain: "mesh.example.org" },
    "trustDomain",
    /cluster\.local.*config rm --path/,
  ),
  meshConfig(
    { accesLogFile: "/dev/stdout" },
    "accesLogFile",
    /skip it; did you mean accessLogFile\?/,
  ),
  helm({ istiod: { revision: "canary" } }, "istiod.revision", /no revision: waypoints/),
  helm(
    { ztunnel: { global: { istioNamespace: "mesh" } } },
    "ztunnel.global.istioNamespace",
    /istio-system/,
  ),
  helm({ cni: { profile: "default" } }, "cni.profile", /expected ambient/),
  helm({ istiod: { configMap: false } }, "istiod.configMap", /no value of meshConfig reaches/),
  helm({ istiod: { configMap: null } }, "istiod.configMap", /expected true/),
  helm(
    { istiod: { global: { proxy: { clusterDomain: "corp.local" } } } },
    "istiod.global.proxy.clusterDomain",
    /expected cluster\.local, the DNS domain of OKE/,
  ),
  ...["PILOT_ENABLE_AMBIENT", "PILOT_ENABLE_GATEWAY_API_DEPLOYMENT_CONTROLLER"].map((name) =>
    helm({ istiod: { env: { [name]: false } } }, `istiod.env.${name}`, /expected "true": without/),
  ),
  helm(
    { istiod: { pilot: { env: { PILOT_ENABLE_AMBIENT: "false" } } } },
    "istiod.pilot.env.PILOT_ENABLE_AMBIENT",
    /no ambient mode/,
  ),
  helm(
    { istiod: { env: { CA_TRUSTED_NODE_ACCOUNTS: "kube-system/ztunnel" } } },
    "istiod.env.CA_TRUSTED_NODE_ACCOUNTS",
    /istio-system\/ztunnel/,
  ),
  helm({ istiod: { trustedZtunnelName: "zt" } }, "istiod.trustedZtunnelName", /expected ztunnel/),
  helm(
    { istiod: { global: { operatorManageWebhooks: true } } },
    "istiod.global.operatorManageWebhooks",
    /gets its image from istiod's webhook/,
  ),
  helm({ istiod: { replicaCount: 0 } }, "istiod.replicaCount", /1 or more/),
  helm({ cni: { ambient: { enabled: false } } }, "cni.ambient.enabled", /no Pod joins the mesh/),
  helm({ cni: { cni: { ambient: { enabled: false } } } }, "cni.cni.ambient.enabled", /no Pod/),
  helm(
    { cni: { excludeNamespaces: ["kube-system", "default"] } },
    "cni.excludeNamespaces",
    /without the namespace of Bookinfo/,
  ),
  helm({ ztunnel: { resourceName: "zt" } }, "ztunnel.resourceName", /expected ztunnel/),
  helm({ ztunnel: { resourceScope: "namespace" } }, "ztunnel.resourceScope", /expected all/),
  helm({ gateway: { name: "gw" } }, "gateway.name", /expected istio-ingressgateway/),
  helm({ gateway: { labels: { istio: "gw" } } }, "gateway.labels.istio", /Service selects/),
  helm(
    { gateway: { serviceAccount: { name: "gw" } } },
    "gateway.serviceAccount.name",
    /which the policies admit/,
  ),
  helm(
    { gateway: { service: { type: "NodePort" } } },
    "gateway.service.type",
    /pulumi config set --path gateway\.serviceType/,
  ),
  ["a text for an object", { nodes: "VM.Standard.E4.Flex" }, "nodes", /--path nodes\.<field>/],
  ["a list for an object", { nodes: [] }, "nodes", /expected an object/],
];

function helm(helmValues: object, key: string, expected: RegExp): (typeof bad)[number] {
  const at = `mesh.helmValues.${key}`;
  return [at, { mesh: { helmValues } }, at, expected];
}

function meshConfig(config: object, key: string, expected: RegExp): (typeof bad)[number] {
  const at = `mesh.helmValues.istiod.meshConfig.${key}`;
  return [at, { mesh: { helmValues: { istiod: { meshConfig: config } } } }, at, expected];
}

function vcn(vcnCidr: string) {
  return { network: { apiAllowedCidrs: ["203.0.113.7/32"], vcnCidr } };
}

describe("an invalid configuration", () => {
  test.each(bad)("%s", (_, raw, key, expectation) => {
    const found = problems({ ...good, ...raw });
    expect(found.map((problem) => problem.key)).toEqual([key]);
    expect(found[0]?.expected).toMatch(expectation);
  });

  test("is reported in one message, each problem with key, value and expectation", () => {
    const raw = Object.assign({}, ...bad.slice(18).map(([, one]) => one)) as Record<
      string,
      unknown
    >;
    const found = problems({ ...raw, cluster: "eks", compartmentId: "x" });
    expect(found.length).toBeGreaterThan(10);
    const { message } = new SettingsError(found);
    for (const { key, expected } of found) {
      const line = message.split("\n").find((text) => text.startsWith(`  ${key} `));
      expect(line).toContain(expected);
    }
    expect(message).toContain('  cluster = "eks": expected one of oke, existing');
  });

  test("has no stack trace in Pulumi's output", () => {
    expect(RunError.isInstance(new SettingsError([]))).toBe(true);
  });

  test("never shows a kubeconfig", () => {
    const { message } = new SettingsError([
      { key: "existing.kubeconfig", value: "token: abc", expected: "x" },
    ]);
    expect(message).not.toContain("abc");
  });
});

test("Helm values that hold are accepted, and so are fields of an Istio that is newer than the known ones", () => {
  const accepted = (istiod: object, version = "1.31.1") =>
    problems({ ...good, mesh: { version, helmValues: { istiod } } });
  expect(accepted({ revision: "", profile: "ambient", resources: null })).toEqual([]);
  const env = { PILOT_ENABLE_AMBIENT: true, CA_TRUSTED_NODE_ACCOUNTS: "a/b,istio-system/ztunnel" };
  expect(accepted({ configMap: true, replicaCount: 2, env, pilot: { env } })).toEqual([]);
  expect(
    accepted({ meshConfig: { trustDomain: "cluster.local", accessLogFile: "/dev/stdout" } }),
  ).toEqual([]);
  expect(
    accepted({ meshConfig: { defaultConfig: { concurrency: "2", tracing: { sampling: 1.5 } } } }),
  ).toEqual([]);
  expect(accepted({ meshConfig: { somethingOfLongAgo: 1, connectTimeout: null } })).toEqual([]);
  expect(accepted({ meshConfig: { accessLogFiles: ["a"] } }, "1.40.0")).toEqual([]);
});

test("the DNS domain of an existing cluster may be another", () => {
  const istiod = { global: { proxy: { clusterDomain: "corp.local" } } };
  expect(problems({ cluster: "existing", mesh: { helmValues: { istiod } } })).toEqual([]);
});

describe("a configuration that Pulumi stored in a way of its own", () => {
  test("is read as a mistake of `config set` without --path, with the removal that works", () => {
    const [found] = problems({ ...good, "nodes.ocpus": "4" });
    expect(found?.key).toBe("nodes.ocpus");
    expect(found?.expected).toContain(
      "without --path. Remove it with `pulumi config rm 'nodes.ocpus'`",
    );
    expect(found?.expected).toContain("`pulumi config set --path 'nodes.ocpus' <value>`");
  });

  test("gets no advice that fails: `config rm --path` does not find a key with a dot in its name", () => {
    const footer = (more: Record<string, unknown>) => {
      try {
        parseSettings({ ...good, ...more });
      } catch (error) {
        return (error as Error).message.split("\n").at(-1);
      }
      return undefined;
    };
    const mistake = { "nodes.ocpus": "4" };
    expect(footer(mistake)).toBe(
      "Set a value with `pulumi config set --path <key> <value>`. Pulumi.yaml describes the keys.",
    );
    expect(footer({ ...mistake, stage: "l5" })).toContain(
      ", remove any other with `pulumi config rm --path <key>`.",
    );
    expect(footer({ stage: "l5" })).toContain(", remove one with `pulumi config rm --path <key>`.");
  });

  test.each<[string, Record<string, unknown>]>([
    ["compartmentId", { compartmentId: { secure: "v1:abc" } }],
    ["network", { network: { secure: "v1:abc" } }],
    [
      "network.apiAllowedCidrs[1]",
      { network: { apiAllowedCidrs: ["203.0.113.7/32", { secure: "v1:abc" }] } },
    ],
    ["existing.kubeconfig", { existing: { kubeconfig: { secure: "v1:abc" } } }],
    ["mesh.chartRepository", { mesh: { chartRepository: { secure: "v1:abc" } } }],
  ])("says that %s is encrypted, not that its value is wrong", (key, raw) => {
    const found = problems({ ...good, ...raw });
    // The list of ranges is missing if its object can't be decrypted.
    expect(found[0]?.key).toBe(key);
    const { message } = new SettingsError(found.slice(0, 1));
    expect(message).toContain(
      `  ${key} is encrypted and can't be opened: set PULUMI_CONFIG_PASSPHRASE`,
    );
    expect(message).not.toContain("v1:abc");
  });
});

describe("the closest known key", () => {
  test.each([
    ["vcncidr", "vcnCidr"],
    ["memory", "memoryGb"],
    ["shap", "shape"],
  ])("of %s is %s", (word, key) => {
    expect(nearest(word, ["os", "shape", "memoryGb", "vcnCidr"])).toBe(key);
  });

  test("is undefined if no key is close", () => {
    expect(nearest("zzzzzzzz", ["os", "shape"])).toBeUndefined();
  });
});
