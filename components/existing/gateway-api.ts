import { gatewayApiGroup, neededResources, pinnedBundles } from "../mesh/gateway-api-pins.js";
import type { Settings } from "../settings/settings.js";
import type { Present } from "./present.js";

/** The problem with the cluster's Gateway API, with the next command. */
export function gatewayApiProblem(
  { gatewayApi, gatewayApiV1 }: Pick<Present, "gatewayApi" | "gatewayApiV1">,
  { gatewayApi: configured }: Settings["mesh"],
): string | undefined {
  const useExisting = configured === "existing";
  const foreign = gatewayApi.filter(({ ours }) => !ours);
  if (foreign.length === 0) {
    if (!useExisting) return undefined;
    return gatewayApi.length === 0
      ? "mesh.gatewayApi = existing, but the cluster has no Gateway API CRDs. To let the program install them: pulumi config rm --path mesh.gatewayApi"
      : "mesh.gatewayApi = existing, but this program installed the cluster's Gateway API CRDs and would delete them, and every Gateway with them. To keep them: pulumi config rm --path mesh.gatewayApi";
  }
  const versions = [...new Set(foreign.map(({ version }) => version ?? "of an unknown version"))];
  const missing = neededResources.filter((resource) => !gatewayApiV1.includes(resource));
  if (missing.length > 0) {
    const names = foreign.map(({ name }) => name.replace(`.${gatewayApiGroup}`, ""));
    const set = useExisting ? "" : ", then: pulumi config set --path mesh.gatewayApi existing";
    return `The cluster has only a part of the Gateway API, or an old one: ${names.join(", ")} (${versions.join(", ")}), installed by someone else. The mesh needs ${missing.join(" and ")} in v1, which releases from v1.0 on have. To complete it: kubectl apply --server-side -f ${releaseUrl()}${set}. If no one uses it (deleting the CRDs deletes every object of these kinds): kubectl delete crd ${foreign.map(({ name }) => name).join(" ")}${useExisting ? ", then: pulumi config rm --path mesh.gatewayApi" : ""}`;
  }
  if (useExisting) return undefined;
  return `The cluster already has Gateway API CRDs, ${versions.join(", ")}, that this program did not install. To use them and never delete them: pulumi config set --path mesh.gatewayApi existing`;
}

const releaseUrl = () => Object.values(pinnedBundles).at(-1)?.url ?? "<URL of a release>";
