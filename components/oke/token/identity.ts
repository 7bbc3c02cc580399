import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

// The whole SDK takes as long to load as the rest of the token helper, which runs for each provider of each operation.
import auth from "oci-common/lib/auth/auth.js";
import type { AuthenticationDetailsProvider, RegionProvider } from "oci-common";

import { IdentityError, inherit, readKey, readProfiles } from "./config-file.js";
import { useProxy } from "./federation.js";

export { IdentityError };

/** The identity that calls OCI. */
export interface Identity {
  provider: AuthenticationDetailsProvider;
  /** `eu-frankfurt-1`; undefined if none is configured. */
  region?: string;
  /** OCID of the tenancy, if configured. */
  tenancyId?: string;
  /** Where it was found, for messages. Not secret. */
  source: string;
  /** A digest of the identity, which reveals no secret. */
  fingerprint: string;
  /** The key's fingerprint as configured, and where, if OCI knows the key by it. */
  apiKey?: { fingerprint: string; from: string; keyFrom: string };
}

export type Environment = Record<string, string | undefined>;

/** A setting of the oci provider, in the provider's order of precedence: https://docs.oracle.com/en-us/iaas/Content/dev/terraform/configuring.htm */
export function setting(env: Environment, name: string): string | undefined {
  return env[`TF_VAR_${name}`] || env[`OCI_${name.toUpperCase()}`] || undefined;
}

/** The variable that {@link setting} reads. */
const variable = (env: Environment, name: string) =>
  env[`TF_VAR_${name}`] ? `TF_VAR_${name}` : `OCI_${name.toUpperCase()}`;

/**
 * The identity that the oci provider uses: each field from the environment or else the profile; a session token, an
 * instance principal or a resource principal if `auth` or the profile selects it.
 *
 * @param env like `process.env`.
 * @param home the folder with `.oci/config`.
 * @throws IdentityError for a missing or incomplete identity.
 */
export async function loadIdentity(
  env: Environment = process.env,
  home = homedir(),
): Promise<Identity> {
  const kind = setting(env, "auth")?.toLowerCase();
  switch (kind) {
    case undefined:
    case "apikey":
    case "securitytoken":
      break;
    case "instanceprincipal":
      return principal(kind, env, async () =>
        new (await sdk()).InstancePrincipalsAuthenticationDetailsProviderBuilder().build(),
      );
    case "resourceprincipal":
      return principal(kind, env, async () =>
        (await sdk()).ResourcePrincipalAuthenticationDetailsProvider.builder(),
      );
    default:
      throw new IdentityError(
        `auth = ${kind}: expected ApiKey, SecurityToken, InstancePrincipal or ResourcePrincipal (TF_VAR_auth, OCI_AUTH or oci:auth).`,
      );
  }

  const profile = readProfile(env, home);
  const value = (name: string, key: string) => setting(env, name) ?? profile.values[key];
  const region = await regionId(value("region", "region"));
  const tenancyId = value("tenancy_ocid", "tenancy");
  const keyPath = value("private_key_path", "key_file");
  const from = (name: string, key: string) =>
    setting(env, name)
      ? variable(env, name)
      : `${key} of profile ${profile.name} in ${profile.path}`;
  const privateKey =
    setting(env, "private_key") ??
    (keyPath
      ? readKey(expanded(keyPath, home), from("private_key_path", "key_file"), newKey)
      : undefined);
  const passphrase = value("private_key_password", "pass_phrase") ?? null;
  const tokenFile = profile.values["security_token_file"];
  const user = value("user_ocid", "user");
  const fingerprint = value("fingerprint", "fingerprint");

  if (privateKey && tokenFile && (kind === "securitytoken" || (!kind && !user))) {
    const token = readKey(
      expanded(tokenFile, home),
      `security_token_file of profile ${profile.name} in ${profile.path}`,
      "oci session authenticate",
    ).trim();
    const provider = new auth.SimpleAuthenticationDetailsProvider(
      tenancyId ?? "",
      "",
      fingerprint ?? "",
      privateKey,
      passphrase,
    );
    provider.getKeyId = async () => `ST$${token}`;
    return {
      provider,
      region,
      tenancyId,
      source: `session token of profile ${profile.name} in ${profile.path}`,
      fingerprint: digest(token, privateKey),
    };
  }
  if (kind !== "securitytoken" && privateKey && tenancyId && user && fingerprint) {
    const provider = new auth.SimpleAuthenticationDetailsProvider(
      tenancyId,
      user,
      fingerprint,
      privateKey,
      passphrase,
    );
    const source = setting(env, "user_ocid")
      ? "API key of the environment"
      : `API key of profile ${profile.name} in ${profile.path}`;
    return {
      provider,
      region,
      tenancyId,
      source,
      fingerprint: digest(tenancyId, user, fingerprint, privateKey),
      apiKey: {
        fingerprint,
        from: from("fingerprint", "fingerprint"),
        keyFrom: setting(env, "private_key")
          ? variable(env, "private_key")
          : expanded(keyPath ?? "", home),
      },
    };
  }
  if (!kind && env["OCI_RESOURCE_PRINCIPAL_VERSION"]) {
    return loadIdentity({ ...env, TF_VAR_auth: "ResourcePrincipal" }, home);
  }
  const missing = Object.entries({
    tenancy_ocid: tenancyId,
    user_ocid: user,
    fingerprint,
    "private_key_path or private_key": privateKey,
  })
    .filter(([, found]) => !found)
    .map(([name]) => name);
  throw new IdentityError(
    [
      kind === "securitytoken"
        ? `No session token: profile ${profile.name} of ${profile.path} has no security_token_file. Run: oci session authenticate`
        : `No OCI identity: ${missing.join(", ")} not found.`,
      `Searched the environment (TF_VAR_<name>, then OCI_<NAME>), then profile ${profile.name} of ${profile.path}${profile.lack}.`,
      "On an OCI instance set OCI_AUTH=InstancePrincipal. Only the oci provider reads oci:privateKey: set oci:privateKeyPath instead.",
    ].join("\n"),
  );
}

async function principal(
  kind: string,
  env: Environment,
  build: () => Promise<AuthenticationDetailsProvider & RegionProvider>,
): Promise<Identity> {
  try {
    const provider = await build();
    await useProxy(provider, env);
    const region = (await regionId(setting(env, "region"))) ?? provider.getRegion().regionId;
    return { provider, region, source: kind, fingerprint: digest(kind) };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new IdentityError(
      `auth = ${kind}: this machine has no such identity (${reason}). It exists only on OCI; elsewhere set OCI_AUTH=ApiKey.`,
    );
  }
}

interface Profile {
  name: string;
  path: string;
  /** Why it has no values: `, which does not exist`. */
  lack: string;
  values: Record<string, string | undefined>;
}

function readProfile(env: Environment, home: string): Profile {
  const named = setting(env, "config_file_profile");
  const name = named ?? defaultProfile;
  const path = expanded(env["OCI_CONFIG_FILE"] || "~/.oci/config", home);
  if (!existsSync(path)) {
    if (named)
      throw new IdentityError(`Profile ${name} is configured, but ${path} does not exist.`);
    return { name, path, lack: ", which does not exist", values: {} };
  }
  const profiles = readProfiles(path);
  const values = profiles.get(name);
  const known = [...profiles.keys()].join(", ");
  if (!values && named) {
    throw new IdentityError(`${path} has no profile ${name}. It has: ${known || "none"}.`);
  }
  const defaults = profiles.get(defaultProfile);
  const others = known ? `only: ${known} (choose with oci:configFileProfile)` : "no profile";
  const lack = values ? "" : `, which has ${others}`;
  return { name, path, lack, values: inherit(values ?? {}, defaults ?? {}) };
}

/** `FRA` → `eu-frankfurt-1`. Oracle's tools accept a region's short code everywhere, and capitals. */
async function regionId(region: string | undefined): Promise<string | undefined> {
  const name = region?.trim().toLowerCase();
  if (!/^[a-z]{3}$/.test(name ?? "")) return name;
  const regions = (await sdk()).Region.values();
  return regions.find(({ regionCode }) => regionCode === name)?.regionId ?? name;
}

const sdk = () => import("oci-common");
const defaultProfile = "DEFAULT";
const newKey = "oci setup keys; then add its public key in the console under My profile, API keys.";
const expanded = (path: string, home: string) =>
  path.startsWith("~/") ? join(home, path.slice(2)) : path;
const digest = (...parts: string[]) => createHash("sha256").update(parts.join("\0")).digest("hex");
