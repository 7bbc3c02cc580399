import { identityEnvironmentOf } from "../../components/oke/oci/identity-environment.js";
import { cannotOpen } from "../../components/settings/problems.js";
import { isEncrypted } from "../../components/settings/types.js";
import { ToolError } from "../command-line/errors.js";
import type { Config } from "./stack-config.js";

/**
 * The identity of a stack's oci provider as environment variables for calls to OCI.
 *
 * @throws ToolError if a setting is still encrypted: without it, the calls would go to another tenancy or region.
 * @throws pulumi.RunError for a private key in the configuration.
 */
export function ociIdentityOf(config: Config): Record<string, string> {
  const encrypted: string[] = [];
  const environment = identityEnvironmentOf((key) => {
    const value = config[`oci:${key}`];
    if (isEncrypted(value)) encrypted.push(`oci:${key}`);
    return value === undefined || value === null ? undefined : String(value);
  });
  if (encrypted.length > 0) throw new ToolError(cannotOpen(encrypted));
  return environment;
}
