import { istioSupports, kubernetesRange } from "../mesh/compatibility.js";
import { caCertificate, istioCrdNames, systemNamespace, waypointClass } from "../mesh/names.js";
import { reaches, type Settings } from "../settings/settings.js";
import type { ClusterFacts } from "./inspect.js";
import type { Found } from "./present.js";

/** The program's own Helm release of istiod; one by another name or place is somebody else's. */
const ourRelease = "istiod";

/** What keeps the program from working on that cluster: sentences, each with what to do. */
export function problemsOf(facts: ClusterFacts, settings: Settings): string[] {
  const { mesh } = settings;
  const problems: string[] = [];
  const range = kubernetesRange(mesh.version);
  if (!istioSupports(mesh.version, facts.kubernetesVersion)) {
    problems.push(
      `It runs Kubernetes ${facts.kubernetesVersion}; Istio ${mesh.version} supports 1.${range?.first} to 1.${range?.last}. Take another cluster, or another Istio: pulumi config set --path mesh.version <version>`,
    );
  }
  for (const { namespace, version, managedBy } of facts.istiods) {
    if (managedBy === ourRelease && namespace === systemNamespace && isOurMesh(facts)) continue;
    problems.push(
      `Another Istio is there: istiod${version ? ` ${version}` : ""} in namespace ${namespace}. Two of them fight over the same webhooks and nodes; uninstall it first, with what installed it (istioctl uninstall --purge, helm uninstall).`,
    );
  }
  return [...problems, ...(reaches(settings.stage)("mesh") ? inTheWay(facts, settings) : [])];
}

/** What is not this program's under a name that it takes: to create it would end in AlreadyExists. */
function inTheWay(facts: ClusterFacts, { mesh, namespace }: Settings): string[] {
  const { gatewayApi, istioCrds, gatewayClasses, namespaces, caCertificates } = facts.present;
  const problems: string[] = [];
  const say = (problem: string) => void problems.push(problem);
  const theirs = gatewayApi.filter(isTheirs);
  if (mesh.gatewayApi === "existing" && theirs.length === 0) {
    say(
      gatewayApi.length === 0
        ? "mesh.gatewayApi = existing, but Gateway API's CRDs are not there. Let the program install them: pulumi config rm --path mesh.gatewayApi"
        : "mesh.gatewayApi = existing, but the Gateway API's CRDs that are there are this program's own: they would go, and every Gateway with them. Keep them: pulumi config rm --path mesh.gatewayApi",
    );
  }
  if (mesh.gatewayApi !== "existing" && theirs.length > 0) {
    const versions = [...new Set(theirs.map(({ version }) => version ?? "of an unknown version"))];
    say(
      `Gateway API's CRDs are there already, ${versions.join(", ")}, and not this program's. Let it use them, and never delete them: pulumi config set --path mesh.gatewayApi existing`,
    );
  }
  if (theirNamespace(namespaces, namespace) && namespace !== "default") {
    say(
      `Namespace ${namespace} is there already and not this program's. Take default or one that is not there: pulumi config set namespace <name>`,
    );
  }
  // Of an Istio that runs these are no leftovers; what uninstalls it is said above.
  if (facts.istiods.length > 0) return problems;
  const crds = istioCrds.filter(isTheirs);
  if (crds.length > 0) {
    say(
      `CRDs of an earlier Istio are there: ${crds.length}, such as ${crds[0]?.name}. The program brings and removes its own. Where nobody uses them (every object of these kinds goes with them): kubectl get crd -o name | grep -E '${istioCrdNames}' | xargs kubectl delete`,
    );
  }
  if (theirNamespace(namespaces, systemNamespace)) {
    say(
      `Namespace ${systemNamespace} is there without an istiod, left of an earlier Istio. Look what is in it, then: kubectl delete namespace ${systemNamespace}`,
    );
  }
  if (namespace === "default" && theirNamespace(caCertificates, namespace)) {
    say(
      `ConfigMap ${caCertificate} in namespace ${namespace} is left of an earlier Istio: kubectl delete configmap ${caCertificate} -n ${namespace}`,
    );
  }
  if (gatewayClasses.some((found) => found.name === waypointClass && isTheirs(found))) {
    say(
      `GatewayClass ${waypointClass} is left of an earlier Istio: kubectl delete gatewayclass ${waypointClass}`,
    );
  }
  return problems;
}

const isTheirs = ({ ours }: Found) => !ours;

const theirNamespace = (all: Found[], wanted: string) =>
  all.some((found) => found.name === wanted && isTheirs(found));

/** Its namespace or definitions bear the label, whichever of them an `up` came to. */
function isOurMesh({ present: { istioCrds, namespaces } }: ClusterFacts): boolean {
  const system = namespaces.filter(({ name }) => name === systemNamespace);
  return [...istioCrds, ...system].some(({ ours }) => ours);
}
