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

type Direction = "Ingress" | "Egress";

/** Without `policyTypes` a policy is about what comes, and about what leaves if it has rules for that. */
function selecting(policies: NetworkPolicy[], pod: Labels, direction: Direction): NetworkPolicy[] {
  return policies.filter(({ spec: { podSelector, policyTypes, egress } }) => {
    const isAbout = direction === "Ingress" || egress !== undefined;
    return selects(podSelector, pod) && (policyTypes?.includes(direction) ?? isAbout);
  });
}

/**
 * The policies that together keep some namespace from the Pod's port; empty if every one reaches it. Whether the
 * cluster's network enforces policies is not known.
 */
export function shutsPort(policies: NetworkPolicy[], { pod, port, from }: Need): NetworkPolicy[] {
  const found = selecting(policies, pod, "Ingress");
  const isOpenFor = (namespace: string) =>
    found.some(({ spec, metadata }) =>
      (spec.ingress ?? []).some(
        (rule) =>
          coversPort(rule, port) &&
          admits(rule.from, { namespace, labels: from[namespace] ?? {}, own: metadata.namespace }),
      ),
    );
  return Object.keys(from).every(isOpenFor) ? [] : found;
}

/** A namespace whose Pods must be reached; `pod` has the labels of the only ones. */
export interface Destination {
  name: string;
  labels: Labels;
  pod?: Labels;
}

/** The policies that together keep a Pod from that port of the destination; empty if it reaches it. */
export function keepsFrom(
  policies: NetworkPolicy[],
  { pod, port, to }: { pod: Labels; port: number; to: Destination },
): NetworkPolicy[] {
  const found = selecting(policies, pod, "Egress");
  const isOpen = found.some(({ spec, metadata }) =>
    (spec.egress ?? []).some(
      (rule) =>
        coversPort(rule, port) &&
        admits(rule.to, {
          namespace: to.name,
          labels: to.labels,
          own: metadata.namespace,
          pod: to.pod,
        }),
    ),
  );
  return isOpen ? [] : found;
}

/** The policies that together admit no address outside of the Pods' to the Pod's port: any range may be the one. */
export function shutsAddresses(
  policies: NetworkPolicy[],
  { pod, port }: { pod: Labels; port: number },
): NetworkPolicy[] {
  const found = selecting(policies, pod, "Ingress");
  const isOpen = found.some(({ spec }) =>
    (spec.ingress ?? []).some((rule) => coversPort(rule, port) && mayBeAddress(rule.from)),
  );
  return isOpen ? [] : found;
}

/** The policies that together let a Pod reach no address outside of the Pods', on whichever port. */
export function keepsFromAddresses(policies: NetworkPolicy[], pod: Labels): NetworkPolicy[] {
  const found = selecting(policies, pod, "Egress");
  const isOpen = found.some(({ spec }) =>
    (spec.egress ?? []).some((rule) => coversSomeTcp(rule) && mayBeAddress(rule.to)),
  );
  return isOpen ? [] : found;
}

const mayBeAddress = (peers: Peer[] | undefined): boolean =>
  !peers || peers.length === 0 || peers.some(({ ipBlock }) => ipBlock !== undefined);

const coversSomeTcp = ({ ports }: Rule): boolean =>
  !ports || ports.length === 0 || ports.some(({ protocol = "TCP" }) => protocol === "TCP");

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
  {
    namespace,
    labels,
    own,
    pod,
  }: { namespace: string; labels: Labels; own?: string; pod?: Labels },
): boolean {
  if (!peers || peers.length === 0) return true;
  return peers.some(({ ipBlock, podSelector, namespaceSelector }) => {
    // Narrower ranges may hold the Pods' addresses, or not.
    if (ipBlock) return /\/0$/.test(ipBlock.cidr ?? "") && !ipBlock.except?.length;
    const isNarrow = Object.values(podSelector ?? {}).some((part) => Object.keys(part).length > 0);
    if (isNarrow && !(pod && selects(podSelector, pod))) return false;
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
