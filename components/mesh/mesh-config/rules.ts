import { areLabels, isAddress, isHostPattern, nanoseconds } from "./formats.js";

/** What istiod expects, if it refuses this value; the value's type is right. */
type Rule = (value: unknown) => string | undefined;

type Message = Record<string, unknown>;

const rule =
  (accepts: (value: never) => boolean, expected: string): Rule =>
  (value) =>
    accepts(value as never) ? undefined : `expected ${expected}`;

/** Numbers may be in quotes. */
const between = (first: number, last: number, what: string) =>
  rule(
    (value: unknown) => Number(value) >= first && Number(value) <= last,
    `${what} from ${first} to ${last}`,
  );
const atLeast = (least: number) =>
  rule((value: unknown) => Number(value) >= least, `${least} or more`);
const port = between(1, 65535, "a port");
const percentage = between(0, 100, "a percentage");

const ms = 1e6;
const hour = 36e11;
const inSteps = (step: number, least: number, most = Infinity) => {
  return (text: string) => {
    const length = nanoseconds(text) ?? 0;
    return length >= least && length <= most && length % step === 0;
  };
};
const duration = rule(inSteps(ms, ms), "a duration of 1ms or more in whole milliseconds");
const notNegative = rule(inSteps(1, 0), "a duration that is not negative");

const notEmpty = rule((text: string) => text !== "", "text that is not empty");
const anAddress = 'a host with its port, such as "collector.example.com:9411"';
const address = rule(isAddress, anAddress);
const addressIfAny = rule((text: string) => text === "" || isAddress(text), anAddress);
const trustDomain = rule(areLabels, 'a domain name such as "cluster.local"');

const isTraced = ({ address }: Message) =>
  typeof address === "string" && isAddress(address.replace("$(HOST_IP)", "127.0.0.1"));
const tracer = rule(isTraced, `address: ${anAddress}`);
const poller = rule(
  ({ pollDelay }: Message) => typeof pollDelay === "string" && nanoseconds(pollDelay) !== 0,
  "pollDelay, a duration that is not zero",
);

const isEmpty = (value: unknown) => Object.keys(value ?? {}).length === 0;
const region = "topology.kubernetes.io/region";
const automatic = [region, "topology.kubernetes.io/zone", "topology.istio.io/subzone"];
const namesTopology = (labels: unknown) =>
  ((labels ?? []) as unknown[]).some((each) => automatic.includes(each as string));
const failover = rule(
  ({ from, to }: Message) =>
    (from || undefined) !== (to || undefined) &&
    ![from, to].some((each) => /[/*]/.test(String(each))),
  "two different regions, from and to, without a zone or a wildcard",
);
const isLocality = (text: unknown) =>
  typeof text === "string" &&
  text.split("/", 3).every((part) => part !== "") &&
  /^[^*]*\*?$/.test(text);

const alike = (message: string, fields: string[], check: Rule) =>
  Object.fromEntries(fields.map((field) => [`${message}.${field}`, check]));

/**
 * What istiod's validation requires beyond the types, by message, and by field; of a list each element, of a map each
 * value. istiod ignores its whole configuration for one that it refuses, too. Left out: localities that overlap.
 * https://github.com/istio/istio/blob/1.31.1/pkg/config/validation/agent/validation.go
 */
export const meshConfigRules: Record<string, Rule> = {
  "MeshConfig.proxyListenPort": port,
  "MeshConfig.connectTimeout": rule(
    inSteps(ms, ms, hour),
    "a duration from 1ms to 1h in whole milliseconds",
  ),
  "MeshConfig.protocolDetectionTimeout": rule(
    inSteps(ms, -Infinity),
    "a duration in whole milliseconds",
  ),
  "MeshConfig.trustDomain": trustDomain,
  "MeshConfig.trustDomainAliases": trustDomain,
  "MeshConfig.meshMTLS": rule(
    ({ ecdhCurves }: Message) => isEmpty(ecdhCurves),
    "no ecdhCurves, which only tlsDefaults has",
  ),
  "ServiceSettings.hosts": rule(isHostPattern, 'a host such as "*.example.com"'),

  ...alike("ProxyConfig", ["configPath", "binaryPath", "serviceCluster"], notEmpty),
  ...alike("ProxyConfig", ["proxyAdminPort", "statusPort"], port),
  ...alike("ProxyConfig", ["statsdUdpAddress", "envoyMetricsServiceAddress"], addressIfAny),
  "ProxyConfig.discoveryAddress": address,
  "ProxyConfig.drainDuration": rule(
    inSteps(1000 * ms, 1000 * ms),
    "a duration of 1s or more in whole seconds",
  ),
  "ProxyConfig.controlPlaneAuthPolicy": rule(
    (policy: string | number) => ["NONE", "MUTUAL_TLS", 0, 1].includes(policy),
    "NONE or MUTUAL_TLS",
  ),
  "RemoteService.address": addressIfAny,
  Zipkin: tracer,
  Datadog: tracer,
  Lightstep: rule(
    ({ address, accessToken }: Message) =>
      typeof address === "string" && isAddress(address) && !!accessToken,
    `accessToken, and address: ${anAddress}`,
  ),
  "Tracing.tlsSettings": rule(
    ({ mode, credentialName, clientCertificate, privateKey }: Message) =>
      (mode !== "MUTUAL" && mode !== 2) ||
      !!credentialName ||
      (!!clientCertificate && !!privateKey),
    "credentialName, or clientCertificate and privateKey, with mode MUTUAL",
  ),
  PrivateKeyProvider: rule(({ cryptomb, qat }: Message) => !!cryptomb || !!qat, "cryptomb or qat"),
  CryptoMb: poller,
  QAT: poller,
  ...alike(
    "ConnectionSettings",
    ["httpIdleTimeout", "httpMaxConnectionDuration", "httpDrainTimeout", "httpRequestTimeout"],
    notNegative,
  ),
  ...alike(
    "ConnectionSettings",
    ["httpRequestHeadersTimeout", "httpStreamIdleTimeout", "httpMaxStreamDuration"],
    notNegative,
  ),
  ...alike(
    "ConnectionSettings",
    ["listenerPerConnectionBufferLimitBytes", "clusterPerConnectionBufferLimitBytes"],
    atLeast(0),
  ),
  ...alike(
    "ConnectionSettings",
    ["http2InitialStreamWindowSize", "http2InitialConnectionWindowSize"],
    atLeast(65535),
  ),
  ...alike(
    "ConnectionSettings",
    ["httpMaxConcurrentStreams", "listenerConnectionLimit", "globalDownstreamConnectionLimit"],
    atLeast(1),
  ),

  LocalityLoadBalancerSetting: rule(
    ({ distribute, failover, failoverPriority }: Message) =>
      isEmpty(failover) || (isEmpty(distribute) && !namesTopology(failoverPriority)),
    `failover without distribute, and without ${region} in failoverPriority`,
  ),
  Distribute: rule(({ from, to }: Message) => {
    const weights = Object.entries((to ?? {}) as Record<string, unknown>);
    return (
      [from, ...weights.map(([each]) => each)].every(isLocality) &&
      weights.every(([, weight]) => Number(weight) > 0) &&
      weights.reduce((sum, [, weight]) => sum + Number(weight), 0) === 100
    );
  }, "localities such as region/zone/*, with weights that are 100 together"),
  "LocalityLoadBalancerSetting.Failover": failover,
  ZoneAwareLoadBalancerSetting: rule(
    ({ failoverPriority }: Message) => !namesTopology(failoverPriority),
    "failoverPriority without region, zone, and subzone",
  ),
  "ZoneAwareLoadBalancerSetting.Failover": failover,

  ConnectionPoolSettings: rule(({ tcp, http }: Message) => !!tcp || !!http, "tcp or http"),
  ...alike("TCPSettings", ["connectTimeout", "maxConnectionDuration"], duration),
  "TCPSettings.maxConnections": atLeast(0),
  "TCPSettings.idleTimeout": rule(
    (text: string) => Math.abs(nanoseconds(text) ?? 0) < ms || duration(text) === undefined,
    "a duration in whole milliseconds",
  ),
  "TCPSettings.tcpKeepalive": rule(
    ({ time, interval }: Message) =>
      [time, interval].every((each) => typeof each !== "string" || duration(each) === undefined),
    "time and interval of 1ms or more in whole milliseconds",
  ),
  ...alike(
    "HTTPSettings",
    ["http1MaxPendingRequests", "http2MaxRequests", "maxRequestsPerConnection"],
    atLeast(0),
  ),
  ...alike("HTTPSettings", ["maxRetries", "maxConcurrentStreams"], atLeast(0)),
  "HTTPSettings.idleTimeout": duration,
  HTTPSettings: rule(
    ({ h2UpgradePolicy, useClientProtocol }: Message) =>
      !useClientProtocol || (h2UpgradePolicy !== "UPGRADE" && h2UpgradePolicy !== 2),
    "useClientProtocol false with h2UpgradePolicy UPGRADE",
  ),
  ...alike("OutlierDetection", ["baseEjectionTime", "interval"], duration),
  ...alike("OutlierDetection", ["maxEjectionPercent", "minHealthPercent"], percentage),
  OutlierDetection: rule(
    ({ splitExternalLocalOriginErrors, consecutiveLocalOriginFailures }: Message) =>
      !!splitExternalLocalOriginErrors || !Number(consecutiveLocalOriginFailures ?? 0),
    "splitExternalLocalOriginErrors true with consecutiveLocalOriginFailures",
  ),
};
