import { systemNamespace } from "../mesh/names.js";
import { reaches, type Settings } from "../settings/settings.js";
import { gatewayPodLabels, istiodPodLabels, podsOf, ztunnelPodLabels } from "./pods.js";
import type { Present } from "./present.js";
import {
  keepsFrom,
  keepsFromAddresses,
  shutsAddresses,
  shutsPort,
  type NetworkPolicy,
} from "./rules/network.js";

type Labels = Record<string, string>;

/** ztunnel's port for the mesh's traffic, istiod's for its configuration and for its webhooks, and the gateway's. */
const hbonePort = 15008;
const istiodPort = 15012;
const webhookPort = 15017;
const gatewayPort = 80;

/** NetworkPolicies that keep the walk-through's requests, or the mesh's own, from where they go. */
export function networkWarnings(
  { networkPolicies, namespaces }: Present,
  settings: Settings,
): string[] {
  const { namespace } = settings;
  const labelsOf = (name: string): Labels =>
    namespaces.find((found) => found.name === name)?.labels ?? {
      "kubernetes.io/metadata.name": name,
    };
  const from = Object.fromEntries(
    [namespace, systemNamespace].map((name) => [name, labelsOf(name)]),
  );
  const isEnrolled = reaches(settings.stage)("ambient");
  const port = isEnrolled ? hbonePort : 9080;
  const use = isEnrolled ? "which carries the mesh's requests" : "on which Bookinfo answers";
  const ofNamespace = (wanted: string) =>
    networkPolicies.filter(({ metadata }) => metadata.namespace === wanted);
  const pods = podsOf(settings);
  const servers = pods.filter(({ isServer }) => isServer);
  const own = ofNamespace(namespace);
  const shut = podsByPolicy(servers, (pod) => shutsPort(own, { pod, port, from }));
  const bookinfo = { name: namespace, labels: labelsOf(namespace) };
  const kept = podsByPolicy(pods, (pod) => keepsFrom(own, { pod, port, to: bookinfo }));
  const names = [...new Set([namespace, systemNamespace])].join(" and ");
  const system = ofNamespace(systemNamespace);
  return [
    ...[...shut].map(([policy, of]) =>
      sentence(
        policy,
        `TCP port ${port}, ${use}, from ${of.join(", ")}`,
        `from namespaces ${names}`,
      ),
    ),
    ...[...kept].map(([policy, of]) =>
      sentence(
        policy,
        `${of.join(", ")} from TCP port ${port}, ${use}`,
        `to the Pods of namespace ${namespace}`,
      ),
    ),
    ...systemWarnings(system, { from, bookinfo, port, use, names }),
  ];
}

interface Ways {
  from: Record<string, Labels>;
  bookinfo: { name: string; labels: Labels };
  /** On which Bookinfo's Pods are reached, and what for. */
  port: number;
  use: string;
  /** The namespaces' names, in words. */
  names: string;
}

/** What the mesh's own Pods must reach, and be reached on. */
function systemWarnings(
  policies: NetworkPolicy[],
  { from, bookinfo, port, use, names }: Ways,
): string[] {
  const istiod = {
    name: systemNamespace,
    labels: from[systemNamespace] ?? {},
    pod: istiodPodLabels,
  };
  const configuration = `TCP port ${istiodPort}, from which the mesh gets its configuration`;
  const clients = podsByPolicy(
    [
      { name: "ztunnel", labels: ztunnelPodLabels },
      { name: "the ingress gateway", labels: gatewayPodLabels },
    ],
    (pod) => keepsFrom(policies, { pod, port: istiodPort, to: istiod }),
  );
  const say =
    (what: string, admit: string) =>
    (policy: NetworkPolicy): string =>
      sentence(policy, what, admit);
  return [
    ...shutsPort(policies, { pod: istiodPodLabels, port: istiodPort, from }).map(
      say(`${configuration}, from istiod`, `from namespaces ${names}`),
    ),
    ...shutsAddresses(policies, { pod: istiodPodLabels, port: webhookPort }).map(
      say(
        `TCP port ${webhookPort}, on which the API server calls istiod's webhooks, from istiod`,
        "from the API server's addresses",
      ),
    ),
    ...keepsFromAddresses(policies, istiodPodLabels).map(
      say("istiod from the API server", "to the API server's addresses"),
    ),
    ...[...clients].map(([policy, who]) =>
      sentence(policy, `${who.join(" and ")} from ${configuration}`, "to istiod's Pods"),
    ),
    ...shutsPort(policies, {
      pod: gatewayPodLabels,
      port: gatewayPort,
      from: { [bookinfo.name]: bookinfo.labels },
    }).map(
      say(
        `TCP port ${gatewayPort}, on which the ingress gateway answers, from its Pods`,
        `from namespace ${bookinfo.name}, and from where users come`,
      ),
    ),
    ...keepsFrom(policies, { pod: gatewayPodLabels, port, to: bookinfo }).map(
      say(
        `the ingress gateway from TCP port ${port}, ${use}`,
        `to the Pods of namespace ${bookinfo.name}`,
      ),
    ),
  ];
}

/** The names of the Pods that each policy is in the way of. */
function podsByPolicy(
  pods: { name: string; labels: Labels }[],
  policiesOf: (labels: Labels) => NetworkPolicy[],
): Map<NetworkPolicy, string[]> {
  const names = new Map<NetworkPolicy, string[]>();
  for (const { name, labels } of pods) {
    for (const policy of policiesOf(labels))
      names.set(policy, [...(names.get(policy) ?? []), name]);
  }
  return names;
}

/** @param admit what the policy has to admit: `from namespaces a and b`. */
function sentence({ metadata }: NetworkPolicy, what: string, admit: string): string {
  const { name, namespace } = metadata;
  return `NetworkPolicy ${name} in namespace ${namespace} keeps ${what}. Admit it ${admit}: kubectl edit networkpolicy ${name} -n ${namespace}. If no one needs the policy: kubectl delete networkpolicy ${name} -n ${namespace}`;
}
