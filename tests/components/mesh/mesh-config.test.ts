import { describe, expect, test } from "@jest/globals";

import { unreadableValues } from "../../../components/mesh/mesh-config/inspect.js";

const found = (meshConfig: object) =>
  unreadableValues(meshConfig, "1.31.1").map(
    ({ path, expected }) => `${path.join(".")}: ${expected}`,
  );

const proxy = (defaultConfig: object) => ({ defaultConfig });
const tracing = (fields: object) => proxy({ tracing: fields });
const traffic = (defaultTrafficPolicy: object) => ({ defaultTrafficPolicy });

// Each was given to the function with which istiod reads its configuration: mesh.ApplyMeshConfig in
// https://github.com/istio/istio/blob/1.31.1/pkg/config/mesh/mesh.go
describe("a mesh configuration that istiod refuses", () => {
  test.each<[object, RegExp]>([
    [{ tcpKeepalive: { time: 10 } }, /^tcpKeepalive\.time: .*duration such as "10s"/],
    [{ localityLbSetting: { enabled: "true" } }, /^localityLbSetting\.enabled: .*without quotes/],
    [{ defaultHttpRetryPolicy: { attempts: "two" } }, /^defaultHttpRetryPolicy\.attempts: .*whole/],
    [proxy({ image: "distroless" }), /^defaultConfig\.image: .*an object.*imageType/],
    [proxy({ readinessProbe: { httpGet: { port: -1 } } }), /httpGet\.port: .*from 0 to 4294967295/],
    [proxy({ statusPort: "0x10" }), /^defaultConfig\.statusPort: .*whole number/],
    [tracing({ tlsSettings: { mode: "STRICT" } }), /tlsSettings\.mode: .*one of DISABLE, SIMPLE/],
    [
      traffic({ connectionPool: { tcp: { maxConnections: 1e10 } } }),
      /maxConnections: .*from -2147/,
    ],
  ])("because of the type of a field of a message: %j", (config, expected) => {
    expect(found(config)).toEqual([expect.stringMatching(expected)]);
  });

  test.each<[object, string]>([
    [{ proxyListenPort: 70000 }, "proxyListenPort: expected a port from 1 to 65535"],
    [
      { connectTimeout: "0s" },
      "connectTimeout: expected a duration from 1ms to 1h in whole milliseconds",
    ],
    [
      { connectTimeout: "2h" },
      "connectTimeout: expected a duration from 1ms to 1h in whole milliseconds",
    ],
    [
      { protocolDetectionTimeout: "500us" },
      "protocolDetectionTimeout: expected a duration in whole milliseconds",
    ],
    [
      { trustDomain: "mesh_of_ours" },
      'trustDomain: expected a domain name such as "cluster.local"',
    ],
    [
      { trustDomainAliases: ["old", ""] },
      'trustDomainAliases.1: expected a domain name such as "cluster.local"',
    ],
    [
      { serviceSettings: [{ hosts: ["*a.b"] }, { hosts: ["a_b.c"] }] },
      'serviceSettings.1.hosts.0: expected a host such as "*.example.com"',
    ],
    [
      { meshMTLS: { ecdhCurves: ["P-256"] } },
      "meshMTLS: expected no ecdhCurves, which only tlsDefaults has",
    ],
    [
      proxy({ drainDuration: "1500ms" }),
      "defaultConfig.drainDuration: expected a duration of 1s or more in whole seconds",
    ],
    [
      proxy({ discoveryAddress: "istiod" }),
      'defaultConfig.discoveryAddress: expected a host with its port, such as "collector.example.com:9411"',
    ],
    [proxy({ proxyAdminPort: 0 }), "defaultConfig.proxyAdminPort: expected a port from 1 to 65535"],
    [
      proxy({ controlPlaneAuthPolicy: "INHERIT" }),
      "defaultConfig.controlPlaneAuthPolicy: expected NONE or MUTUAL_TLS",
    ],
    [
      proxy({ envoyAccessLogService: { address: "als:x" } }),
      'defaultConfig.envoyAccessLogService.address: expected a host with its port, such as "collector.example.com:9411"',
    ],
    [
      proxy({ connectionSettings: { httpIdleTimeout: "-1s" } }),
      "defaultConfig.connectionSettings.httpIdleTimeout: expected a duration that is not negative",
    ],
    [
      proxy({ privateKeyProvider: { qat: {} } }),
      "defaultConfig.privateKeyProvider.qat: expected pollDelay, a duration that is not zero",
    ],
    [
      tracing({ zipkin: { address: "zipkin" } }),
      'defaultConfig.tracing.zipkin: expected address: a host with its port, such as "collector.example.com:9411"',
    ],
    [
      tracing({ lightstep: { address: "a.b:443" } }),
      'defaultConfig.tracing.lightstep: expected accessToken, and address: a host with its port, such as "collector.example.com:9411"',
    ],
    [
      { localityLbSetting: { failover: [{ from: "a", to: "a" }] } },
      "localityLbSetting.failover.0: expected two different regions, from and to, without a zone or a wildcard",
    ],
    [
      { localityLbSetting: { distribute: [{ from: "a/*", to: { "b/*": 90 } }] } },
      "localityLbSetting.distribute.0: expected localities such as region/zone/*, with weights that are 100 together",
    ],
    [traffic({ connectionPool: {} }), "defaultTrafficPolicy.connectionPool: expected tcp or http"],
    [
      traffic({ outlierDetection: { maxEjectionPercent: 200 } }),
      "defaultTrafficPolicy.outlierDetection.maxEjectionPercent: expected a percentage from 0 to 100",
    ],
  ])("because of its validation: %j", (config, expected) => {
    expect(found(config)).toEqual([expected]);
  });
});

test.each<[object]>([
  [{ protocolDetectionTimeout: "0s", connectTimeout: "1h", trustDomain: "cluster.local." }],
  [{ tcpKeepalive: { time: "0s" }, dnsRefreshRate: "0s", h2UpgradePolicy: 1 }],
  [proxy({ discoveryAddress: "[::1]:15012", statsdUdpAddress: "", statusPort: "15020" })],
  [tracing({ zipkin: { address: "$(HOST_IP):9411" }, sampling: 1.5 })],
  [{ localityLbSetting: { distribute: [{ from: "a/*", to: { "b/*": 80, "c/z": "20" } }] } }],
  [{ extensionProviders: [{ name: "x", zipkin: { port: 70000 } }] }],
  [traffic({ connectionPool: { tcp: { idleTimeout: "0s", tcpKeepalive: { time: "1s" } } } })],
])("a mesh configuration that istiod accepts is accepted: %j", (config) => {
  expect(found(config)).toEqual([]);
});
