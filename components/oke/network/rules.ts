import type * as oci from "@pulumi/oci";

/** Both directions of a security list. */
export interface SecurityListRules {
  ingressSecurityRules: oci.types.input.Core.SecurityListIngressSecurityRule[];
  egressSecurityRules: oci.types.input.Core.SecurityListEgressSecurityRule[];
}

/** A rule of a security list. */
export interface Rule {
  direction: "in" | "out";
  /** A range, or the name of a service range such as `all-fra-services-in-oracle-services-network`. */
  peer: string;
  peerType: "CIDR_BLOCK" | "SERVICE_CIDR_BLOCK";
  protocol: "tcp" | "udp" | "icmp" | "all";
  /** First and last destination port; left out: all. */
  ports?: readonly [number, number];
  /** Why the rule exists, shown in the console. */
  description: string;
}

/** The ranges that rules refer to. */
export interface Peers {
  api: string;
  workers: string;
  loadBalancers: string;
  /** Ranges that may reach the Kubernetes API from outside. */
  apiClients: readonly string[];
  /** `cidrBlock` of "All <region> Services In Oracle Services Network". */
  services: string;
}

const everywhere = "0.0.0.0/0";
const nodePorts = [30000, 32767] as const;
/** kube-proxy's health port, which OCI load balancers check. */
const healthPort = [10256, 10256] as const;
const kubernetesApi = [6443, 6443] as const;
/** Port of OKE's control plane on which workers register. */
const controlPlane = [12250, 12250] as const;
const https = [443, 443] as const;

/**
 * The API endpoint's rules: Oracle's table for flannel and a public endpoint
 * (https://docs.oracle.com/en-us/iaas/Content/ContEng/Concepts/contengnetworkconfig.htm#securitylistconfig).
 * All TCP ports to the workers, not only the kubelet's: the API server calls istiod's webhooks on 15017
 * (https://istio.io/latest/docs/ops/deployment/application-requirements/#ports-used-by-istio).
 */
export function apiRules(peers: Peers): Rule[] {
  return [
    ...peers.apiClients.map((client) => tcp("in", client, kubernetesApi, "Kubernetes API clients")),
    tcp("in", peers.workers, kubernetesApi, "Workers to the Kubernetes API"),
    tcp("in", peers.workers, controlPlane, "Workers to the control plane"),
    pathDiscovery("in", peers.workers),
    service("out", peers.services, https, "Control plane to OKE"),
    // Not in that table, but in Oracle's example: https://docs.oracle.com/en-us/iaas/Content/ContEng/Concepts/contengnetworkconfigexample.htm
    { ...pathDiscovery("out", peers.services), peerType: "SERVICE_CIDR_BLOCK" },
    tcp("out", peers.workers, undefined, "Control plane to kubelets and webhooks"),
    pathDiscovery("out", peers.workers),
  ];
}

/** The workers' rules. "all" between workers admits flannel's VXLAN, which carries the mesh's HBONE (15008) and XDS (15012). */
export function workerRules(peers: Peers): Rule[] {
  return [
    all("in", peers.workers, "Pods and mesh between workers"),
    tcp("in", peers.api, undefined, "Control plane to kubelets and webhooks"),
    // Any router on the path of an image pull may report that it forwards only smaller packets.
    pathDiscovery("in", everywhere),
    tcp("in", peers.loadBalancers, nodePorts, "Load balancers to node ports"),
    {
      ...tcp("in", peers.loadBalancers, nodePorts, "Load balancers to node ports"),
      protocol: "udp",
    },
    tcp("in", peers.loadBalancers, healthPort, "Load balancers' health checks"),
    all("out", peers.workers, "Pods and mesh between workers"),
    tcp("out", peers.api, kubernetesApi, "Workers to the Kubernetes API"),
    tcp("out", peers.api, controlPlane, "Workers to the control plane"),
    pathDiscovery("out", peers.api),
    service("out", peers.services, https, "Workers to OCI's services"),
    pathDiscovery("out", everywhere),
    all("out", everywhere, "Image pulls and egress through the NAT gateway"),
  ];
}

/** The load balancers' rules: two listeners in, node ports and health checks out. */
export function loadBalancerRules(peers: Peers): Rule[] {
  return [
    tcp("in", everywhere, [80, 80], "HTTP listener"),
    tcp("in", everywhere, https, "HTTPS listener"),
    tcp("out", peers.workers, nodePorts, "Node ports"),
    { ...tcp("out", peers.workers, nodePorts, "Node ports"), protocol: "udp" },
    tcp("out", peers.workers, healthPort, "Health checks"),
  ];
}

/** Rules in the form of OCI's security lists. */
export function securityListRules(rules: readonly Rule[]): SecurityListRules {
  return {
    ingressSecurityRules: rules
      .filter(({ direction }) => direction === "in")
      .map(({ peer, peerType, ...rule }) => ({
        source: peer,
        sourceType: peerType,
        ...match(rule),
      })),
    egressSecurityRules: rules
      .filter(({ direction }) => direction === "out")
      .map(({ peer, peerType, ...rule }) => ({
        destination: peer,
        destinationType: peerType,
        ...match(rule),
      })),
  };
}

/** IANA's protocol numbers. */
const protocolNumbers = { icmp: "1", tcp: "6", udp: "17", all: "all" } as const;

function match({ protocol, ports, description }: Pick<Rule, "protocol" | "ports" | "description">) {
  const range = ports && { min: ports[0], max: ports[1] };
  return {
    description,
    protocol: protocolNumbers[protocol],
    stateless: false,
    ...(protocol === "tcp" && range && { tcpOptions: range }),
    ...(protocol === "udp" && range && { udpOptions: range }),
    // Type 3 code 4, "fragmentation needed": without it connections hang on large packets.
    ...(protocol === "icmp" && { icmpOptions: { type: 3, code: 4 } }),
  };
}

function tcp(
  direction: Rule["direction"],
  peer: string,
  ports: Rule["ports"],
  description: string,
): Rule {
  return { direction, peer, peerType: "CIDR_BLOCK", protocol: "tcp", ports, description };
}

function service(
  direction: Rule["direction"],
  peer: string,
  ports: Rule["ports"],
  description: string,
): Rule {
  return { ...tcp(direction, peer, ports, description), peerType: "SERVICE_CIDR_BLOCK" };
}

function all(direction: Rule["direction"], peer: string, description: string): Rule {
  return { direction, peer, peerType: "CIDR_BLOCK", protocol: "all", description };
}

function pathDiscovery(direction: Rule["direction"], peer: string): Rule {
  return {
    direction,
    peer,
    peerType: "CIDR_BLOCK",
    protocol: "icmp",
    description: "Path MTU discovery",
  };
}
