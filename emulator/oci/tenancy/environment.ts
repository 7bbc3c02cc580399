import { dirname } from "node:path";

import { type ApiKey, configFile, region, tenancyId, userId } from "./identity.js";

/** Clients of the oci provider and of this program that are led to the endpoint. */
const clients = [
  "oci_core.VirtualNetworkClient",
  "oci_core.ComputeClient",
  "oci_core.BlockstorageClient",
  "oci_identity.IdentityClient",
  "oci_containerengine.ContainerEngineClient",
  "oci_load_balancer.LoadBalancerClient",
  "oci_limits.LimitsClient",
];

/**
 * The environment in which the oci provider and Oracle's own tools ask an endpoint, as the key's user. The names are
 * the provider's: https://docs.oracle.com/en-us/iaas/Content/dev/terraform/configuring.htm
 */
export function clientEnvironment(
  url: string,
  { path, fingerprint }: Pick<ApiKey, "path" | "fingerprint">,
): Record<string, string> {
  const config = configFile(dirname(path));
  return {
    CLIENT_HOST_OVERRIDES: clients.map((client) => `${client}=${url}`).join(";"),
    TF_VAR_tenancy_ocid: tenancyId,
    TF_VAR_user_ocid: userId,
    TF_VAR_fingerprint: fingerprint,
    TF_VAR_private_key_path: path,
    TF_VAR_region: region,
    OCI_CONFIG_FILE: config,
    OCI_CLI_CONFIG_FILE: config,
  };
}
