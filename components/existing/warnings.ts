import { systemNamespace } from "../mesh/names.js";
import { reaches, type Settings } from "../settings/settings.js";
import { mayDeny, rootNamespaceOf } from "./rules/authorization.js";
import { reaching } from "./commands.js";
import type { ClusterFacts } from "./inspect.js";
import { loadBalancerWarning } from "./load-balancer.js";
import { networkWarnings } from "./network-policies.js";
import { applicationObjects } from "./objects.js";
import { gatewayPodLabels, podsOf } from "./pods.js";
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
    ...networkWarnings(facts.present, settings),
  ].map(reaching(settings.existing));
}

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

/** What was not looked at: kinds that this identity may not list. */
export const unlistedSentence = (unlisted: string[]): string =>
  `this identity lacks permission to list ${unlisted.join(", ")}`;
