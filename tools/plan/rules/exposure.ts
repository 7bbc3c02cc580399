import { overlap, parseCidr } from "../../../components/oke/network/cidr.js";
import type { Entry, Plan } from "../plan.js";
import { at } from "./rule.js";
import type { GuardRail, Json, Violation } from "./rule.js";

const kubernetesApi = 6443;

export const openOnlyAsConfigured: GuardRail = {
  name: "open only as configured",
  why: "The Kubernetes API is as open as its subnet's rules, so a rule must not admit more than the settings name.",
  seesSecrets: true,
  check: (plan) => {
    const lists = plan.entries.filter(({ type }) => type === "oci:Core/securityList:SecurityList");
    const { apiLists, loadBalancerLists } = roles(plan);
    return [
      ...withoutList(plan),
      ...lists.flatMap((list) =>
        outside(list, plan).flatMap((rule) => {
          if (apiLists.has(list.name)) return apiRule(list, rule, plan);
          if (loadBalancerLists.has(list.name)) return loadBalancerRule(list, rule, plan);
          if (isPathDiscovery(rule)) return [];
          return [
            {
              resource: list.name,
              problem: `admits ${describe(rule)}; except for path MTU discovery (ICMP 3,4), only the subnets of the API endpoint and the load balancers may admit outside traffic`,
            },
          ];
        }),
      ),
    ];
  },
};

/** A subnet without a security list gets the VCN's default one, which admits SSH from everywhere. */
function withoutList({ entries }: Plan): Violation[] {
  return entries
    .filter(({ type }) => type === "oci:Core/subnet:Subnet")
    .filter(({ inputs }) => ((inputs["securityListIds"] ?? []) as unknown[]).length === 0)
    .map(({ name }) => ({
      resource: name,
      problem: "has no security list, so it gets the VCN's default one, open to SSH",
    }));
}

/** Names of the security lists of the API endpoint's subnet and of the load balancers' subnets. */
function roles({ entries }: Plan) {
  const cluster = entries.find(({ type }) => type === "oci:ContainerEngine/cluster:Cluster");
  const listsOf = (subnets: unknown[]) =>
    new Set(
      entries
        .filter(
          ({ type, name }) => type === "oci:Core/subnet:Subnet" && subnets.includes(`<${name}.id>`),
        )
        .flatMap(({ inputs }) => (inputs["securityListIds"] ?? []) as string[])
        .map((id) => id.replace(/^<(.*)\.id>$/, "$1")),
    );
  const loadBalancerSubnets = at(cluster?.inputs, "options", "serviceLbSubnetIds") ?? [];
  return {
    apiLists: listsOf([at(cluster?.inputs, "endpointConfig", "subnetId")]),
    loadBalancerLists: listsOf(loadBalancerSubnets as unknown[]),
  };
}

/** Ingress rules whose source is outside the VCN. */
function outside(list: Entry, { entries }: Plan): Json[] {
  const vcn = entries.find(({ type }) => type === "oci:Core/vcn:Vcn");
  const blocks = ((vcn?.inputs["cidrBlocks"] ?? []) as string[]).flatMap(
    (block) => parseCidr(block) ?? [],
  );
  const rules = (list.inputs["ingressSecurityRules"] ?? []) as Json[];
  return rules.filter(({ source }) => {
    const range = parseCidr(String(source));
    return (
      !range || !blocks.some((block) => range.bitmask >= block.bitmask && overlap(block, range))
    );
  });
}

function apiRule(list: Entry, rule: Json, { settings }: Plan): Violation[] {
  const { apiAllowedCidrs } = settings.network;
  const ports = portsOf(rule);
  if (
    apiAllowedCidrs.includes(String(rule["source"])) &&
    ports?.min === kubernetesApi &&
    ports.max === kubernetesApi
  ) {
    return [];
  }
  return [
    {
      resource: list.name,
      problem: `admits ${describe(rule)}; network.apiAllowedCidrs allows ${apiAllowedCidrs.join(", ") || "no range"}, on port ${kubernetesApi}`,
    },
  ];
}

function loadBalancerRule(list: Entry, rule: Json, { entries }: Plan): Violation[] {
  const offered = entries
    .filter(
      ({ type, inputs }) =>
        type === "kubernetes:core/v1:Service" && at(inputs, "spec", "type") === "LoadBalancer",
    )
    .flatMap(({ inputs }) => at(inputs, "spec", "ports") as Json[])
    .map(({ port }) => Number(port));
  // At stage `cluster` the rules for the gateway's listeners exist before the gateway.
  const expected = offered.length > 0 ? offered : [80, 443];
  const ports = portsOf(rule);
  if (ports && ports.min === ports.max && expected.includes(ports.min)) return [];
  return [
    {
      resource: list.name,
      problem: `admits ${describe(rule)}; the gateway listens on ${expected.join(" and ")}`,
    },
  ];
}

/**
 * "Fragmentation needed", the only ICMP message that routers anywhere send and that workers need: without it they hang on
 * large packets (https://docs.oracle.com/en-us/iaas/Content/ContEng/Concepts/contengnetworkconfig.htm#securitylistconfig).
 */
function isPathDiscovery(rule: Json): boolean {
  const { type, code } = (rule["icmpOptions"] ?? {}) as Json;
  return rule["protocol"] === "1" && type === 3 && code === 4;
}

function portsOf(rule: Json): { min: number; max: number } | undefined {
  const { min, max } = (rule["tcpOptions"] ?? {}) as Json;
  return rule["protocol"] === "6" && min !== undefined
    ? { min: Number(min), max: Number(max) }
    : undefined;
}

function describe(rule: Json): string {
  const ports = portsOf(rule);
  const { type, code } = (rule["icmpOptions"] ?? {}) as Json;
  const which = ports
    ? `TCP ${ports.min}-${ports.max}`
    : rule["protocol"] === "1"
      ? `ICMP ${type ?? "of every type"}${code === undefined ? "" : `,${code}`}`
      : `protocol ${rule["protocol"]}`;
  return `${rule["source"]} (${which})`;
}
