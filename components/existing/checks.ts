import { istioSupports, kubernetesRange } from "../compatibility.js";
import type { Settings } from "../settings.js";
import type { ClusterFacts } from "./inspect.js";

/** The program's own Helm release of istiod; one by another name or place is somebody else's. */
const ourRelease = "istiod";
const ourNamespace = "istio-system";

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
    if (namespace === ourNamespace && managedBy === ourRelease) continue;
    problems.push(
      `Another Istio is there: istiod${version ? ` ${version}` : ""} in namespace ${namespace}. Two of them fight over the same webhooks and nodes; uninstall it first, with what installed it (istioctl uninstall --purge, helm uninstall).`,
    );
  }
  if (facts.forbidden.length > 0) {
    problems.push(
      `The identity may not ${facts.forbidden.join(", nor ")}. Needed: the ClusterRole cluster-admin, kubectl create clusterrolebinding <name> --clusterrole=cluster-admin --user=<user>`,
    );
  }
  if (mesh.gatewayApi === "existing" && facts.gatewayApi.length === 0) {
    problems.push(
      "mesh.gatewayApi = existing, but Gateway API's CRDs are not there. Let the program install them: pulumi config rm --path mesh.gatewayApi",
    );
  }
  return problems;
}
