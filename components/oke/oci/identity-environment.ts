import * as pulumi from "@pulumi/pulumi";

/** Settings of the oci provider that name an identity and hold nothing secret. */
const plain = {
  auth: "auth",
  configFileProfile: "config_file_profile",
  region: "region",
  tenancyOcid: "tenancy_ocid",
  userOcid: "user_ocid",
  fingerprint: "fingerprint",
  privateKeyPath: "private_key_path",
} as const;

/** Settings of the oci provider that are secrets: they stay with it. */
const secret = ["privateKey", "privateKeyPassword"] as const;

/**
 * The identity that Pulumi's configuration gives the oci provider, as environment for the programs that run beside
 * it: a plugin sees only its own namespace's configuration, so theirs must be handed on.
 *
 * @throws pulumi.RunError where the configuration holds a private key: it could only be handed on in clear.
 */
export function identityEnvironment(): Record<string, string> {
  return identityEnvironmentOf((key) => new pulumi.Config("oci").get(key));
}

/** {@link identityEnvironment} for a given configuration. */
export function identityEnvironmentOf(
  get: (key: string) => string | undefined,
): Record<string, string> {
  const held = secret.filter((key) => get(key));
  if (held.length > 0) {
    throw new pulumi.RunError(
      [
        `${held.map((key) => `oci:${key}`).join(" and ")} can't be used here: the token for the Kubernetes API is made by a program beside the oci provider, which would get it in clear.`,
        "Give the path of the key file instead:",
        `  ${held.map((key) => `pulumi config rm oci:${key}`).join(" && ")} && pulumi config set oci:privateKeyPath <file>`,
        "or use a profile of ~/.oci/config: pulumi config set oci:configFileProfile DEFAULT; or the environment: TF_VAR_private_key.",
      ].join("\n"),
    );
  }
  // TF_VAR_ is what the provider itself looks up first: https://docs.oracle.com/en-us/iaas/Content/dev/terraform/configuring.htm
  return Object.fromEntries(
    Object.entries(plain).flatMap(([key, name]) => {
      const value = get(key);
      return value ? [[`TF_VAR_${name}`, value]] : [];
    }),
  );
}
