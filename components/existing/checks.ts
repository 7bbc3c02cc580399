import { istioSupports, kubernetesRange } from "../mesh/compatibility.js";
import { caCertificate, istioCrdNames, systemNamespace, waypointClass } from "../mesh/names.js";
import { reaches, type Settings } from "../settings/settings.js";
import { applicationProblems } from "./application.js";
import { reaching } from "./commands.js";
import { gatewayApiProblem } from "./gateway-api.js";
import type { ClusterFacts } from "./inspect.js";
import { isOurMesh, type Found } from "./present.js";
import { deletionOf } from "./releases.js";

/** The program's Helm release of istiod. */
const ourRelease = "istiod";

/** Why the program can't use that cluster: sentences, each with the next command. */
export function problemsOf(facts: ClusterFacts, settings: Settings): string[] {
  const { mesh } = settings;
  const problems: string[] = [];
  const range = kubernetesRange(mesh.version);
  if (!istioSupports(mesh.version, facts.kubernetesVersion)) {
    problems.push(
      `It runs Kubernetes ${facts.kubernetesVersion}; Istio ${mesh.version} supports 1.${range?.first} to 1.${range?.last}. Use another cluster or another Istio: pulumi config set --path mesh.version <version>`,
    );
  }
  for (const { namespace, version } of othersIstiods(facts)) {
    problems.push(
      `The cluster has another Istio: istiod${version ? ` ${version}` : ""} in namespace ${namespace}. Two Istios conflict over webhooks and nodes. Uninstall it first, the way it was installed (istioctl uninstall --purge, helm uninstall).`,
    );
  }
  if (reaches(settings.stage)("mesh")) problems.push(...conflicts(facts, settings));
  return problems.map(reaching(settings.existing));
}

function othersIstiods(facts: ClusterFacts): ClusterFacts["istiods"] {
  return facts.istiods.filter(
    ({ namespace, managedBy }) =>
      !(managedBy === ourRelease && namespace === systemNamespace && isOurMesh(facts.present)),
  );
}

/** What the cluster would refuse to create, or what a namespace that is being deleted would take along. */
function conflicts(facts: ClusterFacts, settings: Settings): string[] {
  const gatewayApi = gatewayApiProblem(facts.present, settings.mesh);
  return [
    ...beingDeleted(facts, settings),
    ...(gatewayApi ? [gatewayApi] : []),
    ...applicationProblems(facts, settings),
    ...anotherKiali(facts, settings),
    ...leftovers(facts, settings),
  ];
}

function beingDeleted({ present, heldNamespaces = {} }: ClusterFacts, { namespace }: Settings) {
  const names = [...new Set([systemNamespace, namespace])];
  return present.namespaces
    .filter(({ name, isBeingDeleted }) => isBeingDeleted && names.includes(name))
    .map(({ name }) => {
      const held = heldNamespaces[name];
      return `Namespace ${name} is being deleted, and nothing can be created in it.${held ? ` What holds it: ${held.replace(/\.?$/, ".")}` : ""} Wait for it: kubectl wait --for=delete namespace/${name} --timeout=5m. To see what is left in it: kubectl api-resources --verbs=list --namespaced -o name | xargs -n 1 kubectl get -n ${name} --show-kind --ignore-not-found`;
    });
}

/** Cluster-wide names are the same for every Kiali. */
function anotherKiali({ present }: ClusterFacts, { observability }: Settings): string[] {
  const others = present.kiali.filter(({ ours }) => !ours);
  if (!observability || others.length === 0) return [];
  const names = others.map(({ kind }) => `${kind} kiali`).join(" and ");
  const targets = others.map(({ kind }) => `${kind.toLowerCase()}/kiali`).join(" ");
  return [
    `The cluster has the ${names} of another Kiali, and this program's Kiali needs the same names. Leave Prometheus and Kiali out: pulumi config set observability false. Or, if no one uses the other one: kubectl delete ${targets}`,
  ];
}

/** What an earlier Istio or another installer has left. */
function leftovers(facts: ClusterFacts, { namespace }: Settings): string[] {
  const { istioCrds, gatewayClasses, namespaces, caCertificates, releaseObjects } = facts.present;
  const problems: string[] = [];
  const report = (problem: string) => void problems.push(problem);
  // The rest belongs to a running Istio, if there is one.
  if (othersIstiods(facts).length > 0) return [];
  const unowned = releaseObjects.filter(({ isReleases }) => !isReleases);
  if (unowned.length > 0) {
    const names = unowned.map(({ kind, name }) => `${kind} ${name}`).join(", ");
    report(
      `The cluster has objects that the program's Helm releases create and that Helm does not own, left by another installer of Istio: ${names}. Helm refuses to install over them. If no one uses them: kubectl delete ${deletionOf(unowned)}`,
    );
  }
  if (facts.istiods.length > 0) return problems;
  const crds = istioCrds.filter(isForeign);
  if (crds.length > 0) {
    report(
      `The cluster has ${crds.length} CRDs of an earlier Istio, such as ${crds[0]?.name}. The program installs and deletes its own. If no one uses them (deleting them deletes every object of these kinds): kubectl get crd -o name | grep -E '${istioCrdNames}' | xargs kubectl delete`,
    );
  }
  const system = namespaces.find(({ name }) => name === systemNamespace);
  if (system && isForeign(system) && !system.isBeingDeleted) {
    report(
      `Namespace ${systemNamespace} exists without an istiod, left by an earlier Istio. Check what is in it, then: kubectl delete namespace ${systemNamespace}`,
    );
  }
  if (namespace === "default" && isForeignIn(caCertificates, namespace)) {
    report(
      `ConfigMap ${caCertificate} in namespace ${namespace} is left by an earlier Istio: kubectl delete configmap ${caCertificate} -n ${namespace}`,
    );
  }
  if (gatewayClasses.some((found) => found.name === waypointClass && isForeign(found))) {
    report(
      `GatewayClass ${waypointClass} is left by an earlier Istio: kubectl delete gatewayclass ${waypointClass}`,
    );
  }
  return problems;
}

const isForeign = ({ ours }: Found) => !ours;

const isForeignIn = (all: Found[], wanted: string) =>
  all.some((found) => found.name === wanted && isForeign(found));
