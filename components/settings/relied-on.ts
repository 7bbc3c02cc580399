import { ingress, systemNamespace, type Chart } from "../mesh/names.js";
import type { Partially, Settings } from "./types.js";

/** A value of the charts that the rest of the program relies on. */
export interface ReliedOn {
  /** Charts that read it; default: all. */
  charts?: Chart[];
  /** Its key in the chart's values: `global.istioNamespace`. */
  key: string;
  /** Default: always. */
  when?: (settings: Partially<Settings>) => boolean;
  holds: (value: unknown, settings: Partially<Settings>) => boolean;
  /** `expected true: …`. */
  expected: string;
}

const oneOf =
  (...allowed: unknown[]) =>
  (value: unknown) =>
    allowed.includes(value);
const isTrue = oneOf(true, "true");
const isFalse = oneOf(false, "false", null);
const isNotZero = (value: unknown) => value !== 0 && value !== "0";
/** istiod reads its switches as Go's strconv.ParseBool does. */
const isOn = (value: unknown) => value === null || /^(1|t|true)$/i.test(String(value));

const switches: [name: string, without: string][] = [
  ["PILOT_ENABLE_AMBIENT", "istiod has no ambient mode"],
  ["PILOT_ENABLE_AMBIENT_WAYPOINTS", "istiod deploys no waypoint"],
  ["PILOT_ENABLE_SENDING_HBONE", "the ingress gateway does not use the mesh"],
  ["AMBIENT_ENABLE_STATUS", "istiod reports no condition that the verification reads"],
  ["PILOT_ENABLE_GATEWAY_API", "istiod ignores the waypoints"],
  ["PILOT_ENABLE_GATEWAY_API_STATUS", "istiod reports no waypoint as programmed"],
  ["PILOT_ENABLE_GATEWAY_API_DEPLOYMENT_CONTROLLER", "istiod deploys no waypoint"],
];

/**
 * Values with which the charts install and the walk-through does not work.
 * https://github.com/istio/istio/tree/1.31.1/manifests/charts
 */
export const reliedOn: readonly ReliedOn[] = [
  {
    key: "revision",
    holds: oneOf("", null),
    expected:
      "expected no revision: waypoints and gateways belong to the default one, which there would not be",
  },
  ...["global.istioNamespace", "istioNamespace"].map((key) => ({
    key,
    holds: oneOf(systemNamespace),
    expected: `expected ${systemNamespace}, where the program deploys`,
  })),
  {
    key: "profile",
    holds: oneOf("ambient"),
    expected: "expected ambient, the mode that the walk-through shows",
  },
  ...["global.resourceScope", "resourceScope"].map((key) => ({
    key,
    holds: oneOf("all", null),
    expected: "expected all: any other leaves out the chart's Pods, or what they need",
  })),
  {
    // Another cluster's domain may be another.
    key: "global.proxy.clusterDomain",
    when: ({ cluster }) => cluster === "oke",
    holds: oneOf("cluster.local", null),
    expected: "expected cluster.local, the DNS domain of OKE's clusters",
  },
  {
    charts: ["istiod"],
    key: "configMap",
    holds: isTrue,
    expected: "expected true: without ConfigMap istio no value of meshConfig reaches istiod",
  },
  {
    charts: ["istiod"],
    key: "meshConfig.defaultConfig.proxyMetadata.ISTIO_META_ENABLE_HBONE",
    holds: oneOf("true", null),
    expected: 'expected "true": without it the ingress gateway does not use the mesh',
  },
  ...switches.map(([name, without]): ReliedOn => ({
    charts: ["istiod"],
    key: `env.${name}`,
    holds: isOn,
    expected: `expected "true": without it ${without}`,
  })),
  {
    charts: ["istiod"],
    key: "env.CA_TRUSTED_NODE_ACCOUNTS",
    holds: (value) => value === null || String(value).split(",").includes("istio-system/ztunnel"),
    expected: "expected istio-system/ztunnel in it: istiod gives certificates to no other ztunnel",
  },
  {
    charts: ["istiod"],
    key: "trustedZtunnelName",
    holds: oneOf("ztunnel", "", null),
    expected: "expected ztunnel, the name of its ServiceAccount",
  },
  {
    charts: ["istiod"],
    key: "trustedZtunnelNamespace",
    holds: oneOf(systemNamespace, "", null),
    expected: `expected ${systemNamespace}, where ztunnel is`,
  },
  ...["global.operatorManageWebhooks", "global.omitSidecarInjectorConfigMap"].map(
    (key): ReliedOn => ({
      charts: ["istiod"],
      key,
      holds: isFalse,
      expected: "expected false: the ingress gateway's Pod gets its image from istiod's webhook",
    }),
  ),
  {
    charts: ["istiod", "gateway"],
    key: "replicaCount",
    holds: isNotZero,
    expected: "expected 1 or more: the walk-through needs its Pod",
  },
  {
    charts: ["cni"],
    key: "ambient.enabled",
    holds: isTrue,
    expected: "expected true: no Pod joins the mesh without it",
  },
  {
    charts: ["cni"],
    key: "env.AMBIENT_ENABLED",
    holds: isOn,
    expected: 'expected "true": no Pod joins the mesh without it',
  },
  {
    charts: ["cni"],
    key: "excludeNamespaces",
    holds: (value, { namespace }) => !Array.isArray(value) || !value.includes(namespace),
    expected: "expected a list without the namespace of Bookinfo, whose Pods join the mesh",
  },
  {
    charts: ["ztunnel"],
    key: "resourceName",
    holds: oneOf("ztunnel", "", null),
    expected: "expected ztunnel: istiod gives certificates to that ServiceAccount alone",
  },
  {
    charts: ["gateway"],
    key: "name",
    holds: oneOf(ingress.name, "", null),
    expected: `expected ${ingress.name}, the name that the verification looks for`,
  },
  {
    charts: ["gateway"],
    key: "kind",
    holds: oneOf("Deployment", "", null),
    expected: "expected Deployment, the kind that the verification looks for",
  },
  ...Object.entries(ingress.labels).map(([label, value]): ReliedOn => ({
    charts: ["gateway"],
    key: `labels.${label}`,
    holds: oneOf(value, null),
    expected: `expected ${value}: the ingress Service selects its Pods by this label`,
  })),
  {
    charts: ["gateway"],
    key: "serviceAccount.create",
    holds: isTrue,
    expected: "expected true: no one else creates the gateway's ServiceAccount",
  },
  {
    charts: ["gateway"],
    key: "serviceAccount.name",
    holds: oneOf(ingress.serviceAccount),
    expected: `expected ${ingress.serviceAccount}, which the policies admit`,
  },
  {
    charts: ["gateway"],
    key: "service.type",
    holds: oneOf("None"),
    expected:
      "expected None: the program creates the Service itself. To set its type: pulumi config set --path gateway.serviceType <type>",
  },
];
