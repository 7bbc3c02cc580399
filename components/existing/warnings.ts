import { ingress, systemNamespace } from "../mesh/names.js";
import { reaches, type Settings } from "../settings/settings.js";
import { mayDeny, rootNamespaceOf } from "./rules/authorization.js";
import { reaching } from "./commands.js";
import type { ClusterFacts } from "./inspect.js";
import { loadBalancerWarning } from "./load-balancer.js";
import { keepsFrom, shutsPort, type Need, type NetworkPolicy } from "./rules/network.js";
import { applicationObjects } from "./objects.js";
import { platformOf, platformWarning } from "./platform.js";
import type { Present } from "./present.js";

/** What may keep the mesh from working in that cluster: sentences, each with the next command. */
export function warningsOf(facts: ClusterFacts, settings: Settings): string[] {
  if (!reaches(settings.stage)("mesh")) return [];
  const platform = platformWarning(
    platformOf({ ...facts.present.signs, kubernetesVersion: facts.kubernetesVersion }),
    settings,
  );
  return [
    ...(platform ? [platform] : []),
    ...(facts.lacksLoadBalancers ? [loadBalancerWarning] : []),
    ...sidecars(facts.present, settings),
    ...deniedRequests(facts.present, settings),
    ...shutPorts(facts.present, settings),
  ].map(reaching(settings.existing));
}

type Labels = Record<string, string>;

/** istiod's webhook adds sidecars by these labels in ambient mode too, and ztunnel carries no Pod that has one. */
function sidecars({ namespaces }: Present, { namespace, stage }: Settings): string[] {
  const { labels = {} } = namespaces.find(({ name }) => name === namespace) ?? {};
  const found = ["istio-injection", "istio.io/rev"].filter(
    (key) => key in labels && labels[key] !== "disabled",
  );
  if (!reaches(stage)("bookinfo") || found.length === 0) return [];
  const shown = found.map((key) => `${key}=${labels[key]}`).join(" and ");
  return [
    `Namespace ${namespace} has the label ${shown}: istiod may add a sidecar to Bookinfo's Pods, which are then not in the ambient mesh. Remove it: kubectl label namespace ${namespace} ${found.map((key) => `${key}-`).join(" ")}`,
  ];
}

/** The Deployments' Pods; a client has no port. */
function podsOf(settings: Settings): { name: string; labels: Labels; isServer: boolean }[] {
  return applicationObjects(settings)
    .filter(({ kind }) => kind === "Deployment")
    .map(({ metadata, spec }) => {
      const { template } = spec as {
        template: { metadata: { labels: Labels }; spec: { containers: { ports?: unknown[] }[] } };
      };
      const isServer = template.spec.containers.some(({ ports }) => ports !== undefined);
      return { name: metadata.name, labels: template.metadata.labels, isServer };
    });
}

/** With those that the chart adds to the Pods of its gateway. */
const gatewayPodLabels = {
  ...ingress.labels,
  "app.kubernetes.io/name": ingress.name,
  "app.kubernetes.io/instance": ingress.name,
};

function deniedRequests({ authorizationPolicies }: Present, settings: Settings): string[] {
  const { namespace } = settings;
  const reached = {
    pods: [
      ...podsOf(settings).map(({ labels }) => ({ namespace, labels })),
      { namespace: systemNamespace, labels: gatewayPodLabels },
    ],
    targets: applicationObjects(settings)
      .filter(({ kind }) => kind === "Service" || kind === "Gateway")
      .map(({ metadata: { name } }) => ({ namespace, name })),
    rootNamespace: rootNamespaceOf(settings),
  };
  return authorizationPolicies
    .filter((policy) => mayDeny(policy, reached))
    .map(({ metadata: { name, namespace }, spec }) => {
      const what = spec?.rules?.length ? "may deny" : "denies";
      return `AuthorizationPolicy ${name} in namespace ${namespace} ${what} the walk-through's requests, and the verification expects its answers. To look at it: kubectl get authorizationpolicy ${name} -n ${namespace} -o yaml. If no one needs it: kubectl delete authorizationpolicy ${name} -n ${namespace}`;
    });
}

/** ztunnel's port for the mesh's traffic, and istiod's for its configuration. */
const hbonePort = 15008;
const istiodPort = 15012;

function shutPorts({ networkPolicies, namespaces }: Present, settings: Settings): string[] {
  const { namespace } = settings;
  const from: Need["from"] = Object.fromEntries(
    [namespace, systemNamespace].map((name) => [
      name,
      namespaces.find((found) => found.name === name)?.labels ?? {
        "kubernetes.io/metadata.name": name,
      },
    ]),
  );
  const isEnrolled = reaches(settings.stage)("ambient");
  const port = isEnrolled ? hbonePort : 9080;
  const use = isEnrolled ? "which carries the mesh's requests" : "on which Bookinfo answers";
  const ofNamespace = (wanted: string) =>
    networkPolicies.filter(({ metadata }) => metadata.namespace === wanted);
  const pods = podsOf(settings);
  const servers = pods.filter(({ isServer }) => isServer);
  const own = ofNamespace(namespace);
  const labels = from[namespace] ?? {};
  const shut = podsByPolicy(servers, (pod) => shutsPort(own, { pod, port, from }));
  const kept = podsByPolicy(pods, (pod) => keepsFrom(own, { pod, port, labels }));
  const istiod = { pod: { app: "istiod" }, port: istiodPort, from };
  const fromBoth = `from namespaces ${[...new Set([namespace, systemNamespace])].join(" and ")}`;
  return [
    ...[...shut].map(([policy, names]) =>
      sentence(policy, `TCP port ${port}, ${use}, from ${names.join(", ")}`, fromBoth),
    ),
    ...[...kept].map(([policy, names]) =>
      sentence(
        policy,
        `${names.join(", ")} from TCP port ${port}, ${use}`,
        `to the Pods of namespace ${namespace}`,
      ),
    ),
    ...shutsPort(ofNamespace(systemNamespace), istiod).map((policy) =>
      sentence(
        policy,
        `TCP port ${istiodPort}, from which the mesh gets its configuration, from istiod`,
        fromBoth,
      ),
    ),
  ];
}

type Pod = ReturnType<typeof podsOf>[number];

/** The names of the Pods that each policy is in the way of. */
function podsByPolicy(
  pods: Pod[],
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
