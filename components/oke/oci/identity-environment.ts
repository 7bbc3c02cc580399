import * as pulumi from "@pulumi/pulumi";

/** Settings of the oci provider that identify the caller and are not secret, by their environment variables. */
const plain = {
  auth: "auth",
  configFileProfile: "config_file_profile",
  region: "region",
  tenancyOcid: "tenancy_ocid",
  userOcid: "user_ocid",
  fingerprint: "fingerprint",
  privateKeyPath: "private_key_path",
} as const;

/** Settings of the oci provider that are secret and are not passed on. */
const secret = ["privateKey", "privateKeyPassword"] as const;

/**
 * The oci provider's identity as environment variables, for commands that run beside it and can't read its
 * configuration.
 *
 * @throws pulumi.RunError for a private key in the configuration, which would be passed on in clear text.
 */
export function identityEnvironment(): Record<string, string> {
  return identityEnvironmentOf((key) => new pulumi.Config("oci").get(key));
}

/** {@link identityEnvironment} for a given configuration. */
export function identityEnvironmentOf(
  get: (key: string) => string | undefined,
): Record<string, string> {
  const secrets = secret.filter((key) => get(key));
  if (secrets.length > 0) {
    throw new pulumi.RunError(
      [
        `${secrets.map((key) => `oci:${key}`).join(" and ")} can't be used: a separate command creates the token for the Kubernetes API and would get the key in clear text.`,
        "Use the path of the key file instead:",
        `  ${secrets.map((key) => `pulumi config rm oci:${key}`).join(" && ")} && pulumi config set oci:privateKeyPath <file>`,
        "Or a profile of ~/.oci/config: pulumi config set oci:configFileProfile DEFAULT. Or the environment: TF_VAR_private_key.",
      ].join("\n"),
    );
  }
  // The provider reads TF_VAR_ first: https://docs.oracle.com/en-us/iaas/Content/dev/terraform/configuring.htm
  return Object.fromEntries(
    Object.entries(plain).flatMap(([key, name]) => {
      const value = get(key);
      return value ? [[`TF_VAR_${name}`, value]] : [];
    }),
  );
}
