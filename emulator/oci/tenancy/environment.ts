import { dirname } from "node:path";

import { type ApiKey, configFile, region, tenancyId, userId } from "./identity.js";

/** The provider's and the SDK's clients that the endpoint can answer. */
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
 * The environment that makes the oci provider and Oracle's tools call the endpoint as the key's user. The provider
 * defines the names: https://docs.oracle.com/en-us/iaas/Content/dev/terraform/configuring.htm
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
