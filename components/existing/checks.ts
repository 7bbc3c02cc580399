import { istioSupports, kubernetesRange } from "../mesh/compatibility.js";
import { caCertificate, istioCrdNames, systemNamespace, waypointClass } from "../mesh/names.js";
import { reaches, type Settings } from "../settings/settings.js";
import type { ClusterFacts } from "./inspect.js";
import type { Found } from "./present.js";

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
  for (const { namespace, version, managedBy } of facts.istiods) {
    if (managedBy === ourRelease && namespace === systemNamespace && isOurMesh(facts)) continue;
    problems.push(
      `The cluster has another Istio: istiod${version ? ` ${version}` : ""} in namespace ${namespace}. Two Istios conflict over webhooks and nodes. Uninstall it first, the way it was installed (istioctl uninstall --purge, helm uninstall).`,
    );
  }
  return [...problems, ...(reaches(settings.stage)("mesh") ? conflicts(facts, settings) : [])];
}

/** Existing objects with names that the program needs, whose creation would fail with AlreadyExists. */
function conflicts(facts: ClusterFacts, { mesh, namespace }: Settings): string[] {
  const { gatewayApi, istioCrds, gatewayClasses, namespaces, caCertificates } = facts.present;
  const problems: string[] = [];
  const report = (problem: string) => void problems.push(problem);
  const foreign = gatewayApi.filter(isForeign);
  if (mesh.gatewayApi === "existing" && foreign.length === 0) {
    report(
      gatewayApi.length === 0
        ? "mesh.gatewayApi = existing, but the cluster has no Gateway API CRDs. To let the program install them: pulumi config rm --path mesh.gatewayApi"
        : "mesh.gatewayApi = existing, but this program installed the cluster's Gateway API CRDs and would delete them, and every Gateway with them. To keep them: pulumi config rm --path mesh.gatewayApi",
    );
  }
  if (mesh.gatewayApi !== "existing" && foreign.length > 0) {
    const versions = [...new Set(foreign.map(({ version }) => version ?? "of an unknown version"))];
    report(
      `The cluster already has Gateway API CRDs, ${versions.join(", ")}, that this program did not install. To use them and never delete them: pulumi config set --path mesh.gatewayApi existing`,
    );
  }
  if (isForeignIn(namespaces, namespace) && namespace !== "default") {
    report(
      `Namespace ${namespace} already exists, and this program did not create it. Use default or a new name: pulumi config set namespace <name>`,
    );
  }
  // The rest belongs to a running Istio, if there is one.
  if (facts.istiods.length > 0) return problems;
  const crds = istioCrds.filter(isForeign);
  if (crds.length > 0) {
    report(
      `The cluster has ${crds.length} CRDs of an earlier Istio, such as ${crds[0]?.name}. The program installs and deletes its own. If no one uses them (deleting them deletes every object of these kinds): kubectl get crd -o name | grep -E '${istioCrdNames}' | xargs kubectl delete`,
    );
  }
  if (isForeignIn(namespaces, systemNamespace)) {
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

/** Whether its namespace or definitions have the program's label; an interrupted `up` has created only some of them. */
function isOurMesh({ present: { istioCrds, namespaces } }: ClusterFacts): boolean {
  const system = namespaces.filter(({ name }) => name === systemNamespace);
  return [...istioCrds, ...system].some(({ ours }) => ours);
}
