import { istioSupports, kubernetesRange } from "../mesh/compatibility.js";
import { pinnedBundles } from "../mesh/gateway-api-pins.js";
import {
  overlap,
  parseCidr,
  podsCidr,
  servicesCidr,
  smallestVcnPrefix,
  workerCapacity,
} from "../oke/network/cidr.js";
import { chartValues, readableMeshConfig, trustDomain } from "./helm-checks.js";
import type { Problem } from "./problems.js";
import { flexLimits, isFlexible, memoryPerOcpuGb, unsuitableShape } from "../oke/shapes.js";
import type { Partially, Settings } from "./types.js";

/** Problems between fields. Each check skips fields that are missing or invalid. */
export function crossChecks(settings: Partially<Settings>): Problem[] {
  const checks = [
    reservedNamespace,
    ambientIstio,
    supportedKubernetes,
    bundle,
    readableMeshConfig,
    trustDomain,
    chartValues,
  ];
  const ofOke = [required, allowList, vcn, shape, workers];
  return [...checks, ...(settings.cluster === "existing" ? [] : ofOke)].flatMap((check) =>
    check(settings),
  );
}

function required({ compartmentId, network }: Partially<Settings>): Problem[] {
  const problems: Problem[] = [];
  if (!compartmentId) {
    problems.push({
      key: "compartmentId",
      expected:
        "expected the OCID of the compartment to deploy to: pulumi config set compartmentId ocid1.compartment.oc1..…",
    });
  }
  if (network?.apiAllowedCidrs?.length === 0) {
    // The flag only permits 0.0.0.0/0 in the list.
    const expected = network.apiOpenToAll
      ? "expected a range; network.apiOpenToAll only permits 0.0.0.0/0: pulumi config set --path 'network.apiAllowedCidrs[0]' 0.0.0.0/0"
      : "expected the ranges that may reach the Kubernetes API, starting with your own address: pulumi config set --path 'network.apiAllowedCidrs[0]' 203.0.113.7/32";
    problems.push({ key: "network.apiAllowedCidrs", expected });
  }
  return problems;
}

function allowList({ network }: Partially<Settings>): Problem[] {
  return (network?.apiAllowedCidrs ?? []).flatMap((value, i) => {
    const key = `network.apiAllowedCidrs[${i}]`;
    const range = parseCidr(value);
    if (!range) return [{ key, value, expected: rangeExpected("203.0.113.7/32") }];
    if (range.bitmask > 0 || network?.apiOpenToAll) return [];
    return [
      {
        key,
        value,
        expected:
          "this opens the Kubernetes API to the whole internet; use your own range, or permit it: pulumi config set --path network.apiOpenToAll true",
      },
    ];
  });
}

function vcn({ network, nodes }: Partially<Settings>): Problem[] {
  const value = network?.vcnCidr;
  if (!value) return [];
  const key = "network.vcnCidr";
  const range = parseCidr(value);
  if (!range) return [{ key, value, expected: rangeExpected("10.0.0.0/16") }];
  if (range.bitmask < 16 || range.bitmask > smallestVcnPrefix) {
    return [
      {
        key,
        value,
        expected: `expected /16 to /${smallestVcnPrefix}: OCI allows no larger range, and a smaller one has no room for the API endpoint, the load balancers and the workers`,
      },
    ];
  }
  const taken = [
    { cidr: podsCidr, owner: "Pods" },
    { cidr: servicesCidr, owner: "Services" },
    { cidr: "169.254.0.0/16", owner: "OCI's services" },
  ].filter((other) => overlap(range, parseCidr(other.cidr) ?? range));
  if (taken.length > 0) {
    return taken.map(({ cidr, owner }) => ({
      key,
      value,
      expected: `expected a range that does not overlap ${cidr}, which ${owner} use`,
    }));
  }
  const capacity = workerCapacity(range);
  // A basic cluster replaces its pool by a new one beside it.
  return nodes?.count && nodes.count * 2 > capacity
    ? [
        {
          key,
          value,
          expected: `expected room for ${nodes.count} workers and as many replacements, but its worker subnet has ${capacity} addresses; use a larger range or a smaller nodes.count`,
        },
      ]
    : [];
}

function shape({ nodes }: Partially<Settings>): Problem[] {
  const name = nodes?.shape;
  const unsuitable = name && unsuitableShape(name);
  return unsuitable
    ? [
        {
          key: "nodes.shape",
          value: name,
          expected: `this is ${unsuitable}; expected an x86_64 shape without GPU, such as VM.Standard.E4.Flex`,
        },
      ]
    : [];
}

function workers({ nodes }: Partially<Settings>): Problem[] {
  const { shape: name, ocpus, memoryGb } = nodes ?? {};
  if (!name || !isFlexible(name)) return [];
  const { maxOcpus, maxMemoryGb } = flexLimits(name);
  const problems: Problem[] = [];
  if (ocpus && ocpus > maxOcpus) {
    problems.push({
      key: "nodes.ocpus",
      value: ocpus,
      expected: `expected 1 to ${maxOcpus}, the range of ${name}`,
    });
  }
  if (memoryGb && ocpus) {
    const max = Math.min(maxMemoryGb, ocpus * memoryPerOcpuGb.max);
    const min = ocpus * memoryPerOcpuGb.min;
    if (memoryGb > max || memoryGb < min) {
      problems.push({
        key: "nodes.memoryGb",
        value: memoryGb,
        expected: `expected ${min} to ${max}: ${name} allows ${memoryPerOcpuGb.min} to ${memoryPerOcpuGb.max} GB for each of ${ocpus} OCPUs, at most ${maxMemoryGb}`,
      });
    }
  }
  return problems;
}

function reservedNamespace({ namespace }: Partially<Settings>): Problem[] {
  return namespace && /^(kube-.*|istio-system)$/.test(namespace)
    ? [
        {
          key: "namespace",
          value: namespace,
          expected: "expected a namespace for Bookinfo; this one belongs to Kubernetes or Istio",
        },
      ]
    : [];
}

/** Istio 1.25 introduced `istio.io/ingress-use-waypoint`: https://istio.io/latest/news/releases/1.25.x/ */
function ambientIstio({ mesh }: Partially<Settings>): Problem[] {
  const minor = Number(mesh?.version?.split(".")[1]);
  return minor < 25
    ? [
        {
          key: "mesh.version",
          value: mesh?.version,
          expected: "expected 1.25 or newer: older ingress gateways bypass waypoints",
        },
      ]
    : [];
}

function supportedKubernetes({ kubernetesVersion, mesh }: Partially<Settings>): Problem[] {
  const istio = mesh?.version;
  if (!kubernetesVersion || !istio || istioSupports(istio, kubernetesVersion)) return [];
  const range = kubernetesRange(istio);
  return [
    {
      key: "kubernetesVersion",
      value: kubernetesVersion,
      expected: `expected v1.${range?.first} to v1.${range?.last}, which Istio ${istio} supports`,
    },
  ];
}

function bundle({ mesh }: Partially<Settings>): Problem[] {
  const key = "mesh.gatewayApi";
  const value = mesh?.gatewayApi;
  if (value?.startsWith("http://")) return [{ key, value, expected: "expected an https URL" }];
  if (!value || !/^v[\d.]+$/.test(value) || value in pinnedBundles) return [];
  const known = Object.keys(pinnedBundles).join(", ");
  return [
    {
      key,
      value,
      expected: `this version's digest is unknown; expected ${known}, existing where the cluster has the definitions, or a path or URL of them followed by #sha256=<64 hex digits>`,
    },
  ];
}

const rangeExpected = (example: string) =>
  `expected an IPv4 range with all host bits zero, such as ${example}`;
