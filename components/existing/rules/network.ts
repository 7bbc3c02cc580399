// https://kubernetes.io/docs/concepts/services-networking/network-policies/
interface Selector {
  matchLabels?: Record<string, string>;
  matchExpressions?: { key: string; operator: string; values?: string[] }[];
}
interface Peer {
  podSelector?: Selector;
  namespaceSelector?: Selector;
  ipBlock?: { cidr?: string; except?: string[] };
}
interface Rule {
  ports?: { protocol?: string; port?: number | string; endPort?: number }[];
  from?: Peer[];
  to?: Peer[];
}
export interface NetworkPolicy {
  metadata: { name: string; namespace?: string };
  spec: { podSelector?: Selector; policyTypes?: string[]; ingress?: Rule[]; egress?: Rule[] };
}

type Labels = Record<string, string>;

/** A Pod, and a port on which it must be reached from namespaces. */
export interface Need {
  pod: Labels;
  port: number;
  /** Labels of the namespaces by their names. */
  from: Record<string, Labels>;
}

/**
 * The policies that together keep some namespace from the Pod's port; empty if every one reaches it. Whether the
 * cluster's network enforces policies is not known.
 */
export function shutsPort(policies: NetworkPolicy[], { pod, port, from }: Need): NetworkPolicy[] {
  const selecting = policies.filter(
    ({ spec }) =>
      selects(spec.podSelector, pod) && (spec.policyTypes ?? ["Ingress"]).includes("Ingress"),
  );
  const isOpenFor = (namespace: string) =>
    selecting.some(({ spec, metadata }) =>
      (spec.ingress ?? []).some(
        (rule) =>
          coversPort(rule, port) &&
          admits(rule.from, { namespace, labels: from[namespace] ?? {}, own: metadata.namespace }),
      ),
    );
  return Object.keys(from).every(isOpenFor) ? [] : selecting;
}

/**
 * The policies that together keep a Pod from that port of the Pods of its own namespace; empty if it reaches them.
 * Without `policyTypes` a policy is about what leaves if it has rules for that.
 */
export function keepsFrom(
  policies: NetworkPolicy[],
  { pod, port, labels }: { pod: Labels; port: number; labels: Labels },
): NetworkPolicy[] {
  const selecting = policies.filter(
    ({ spec }) =>
      selects(spec.podSelector, pod) &&
      (spec.policyTypes?.includes("Egress") ?? spec.egress !== undefined),
  );
  const isOpen = selecting.some(({ spec, metadata: { namespace = "" } }) =>
    (spec.egress ?? []).some(
      (rule) => coversPort(rule, port) && admits(rule.to, { namespace, labels, own: namespace }),
    ),
  );
  return isOpen ? [] : selecting;
}

function coversPort({ ports }: Rule, wanted: number): boolean {
  if (!ports || ports.length === 0) return true;
  return ports.some(({ protocol = "TCP", port, endPort }) => {
    if (protocol !== "TCP") return false;
    // A name is one of the Pod's own ports, of which the mesh's is none.
    if (port === undefined || typeof port === "string") return port === undefined;
    return endPort === undefined ? port === wanted : port <= wanted && wanted <= endPort;
  });
}

function admits(
  peers: Peer[] | undefined,
  { namespace, labels, own }: { namespace: string; labels: Labels; own?: string },
): boolean {
  if (!peers || peers.length === 0) return true;
  return peers.some(({ ipBlock, podSelector, namespaceSelector }) => {
    // Narrower ranges may hold the Pods' addresses, or not.
    if (ipBlock) return /\/0$/.test(ipBlock.cidr ?? "") && !ipBlock.except?.length;
    if (podSelector && Object.values(podSelector).some((part) => Object.keys(part).length > 0)) {
      return false;
    }
    return namespaceSelector ? selects(namespaceSelector, labels) : namespace === own;
  });
}

function selects(selector: Selector = {}, labels: Labels): boolean {
  const { matchLabels = {}, matchExpressions = [] } = selector;
  return (
    Object.entries(matchLabels).every(([key, value]) => labels[key] === value) &&
    matchExpressions.every(({ key, operator, values = [] }) => {
      const value = labels[key];
      if (operator === "Exists") return value !== undefined;
      if (operator === "DoesNotExist") return value === undefined;
      const isIn = value !== undefined && values.includes(value);
      return operator === "In" ? isIn : !isIn;
    })
  );
}
