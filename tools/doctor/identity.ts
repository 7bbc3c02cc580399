import { createHash, createPrivateKey, createPublicKey } from "node:crypto";

import common from "oci-common";

import { loadIdentity } from "../../components/oke/token/identity.js";
import type { Environment, Identity } from "../../components/oke/token/identity.js";
import { nearest } from "../../components/settings/nearest.js";
import { ociIdentityOf } from "../stacks/oci-identity.js";
import { failed } from "./check-result.js";
import type { CheckResult } from "./check-result.js";

/** Who calls OCI, and where. */
export interface Caller {
  identity: Identity;
  region: string;
  /** Like `process.env`, with the stack's settings of the oci provider. */
  env: Environment;
}

/**
 * The identity that the stack would use, with the rows about it; without `caller` OCI can't be asked.
 *
 * @param config with qualified keys, such as `oci:region`.
 */
export async function identityRows(
  config: Record<string, unknown>,
  env: Environment,
): Promise<{ rows: CheckResult[]; caller?: Caller }> {
  const check = "identity";
  try {
    const environment = { ...env, ...ociIdentityOf(config) };
    const identity = await loadIdentity(environment, env["HOME"]);
    const { region } = identity;
    const rows = [
      keyProblem(identity, config) ?? { check, state: "ok" as const, found: identity.source },
    ];
    if (!region) {
      const remedy =
        "pulumi config set oci:region <region>, or region in the profile of ~/.oci/config";
      return {
        rows: [...rows, { check: "region", state: "problem", found: "not configured", remedy }],
      };
    }
    if (rows.some(({ state }) => state === "problem")) return { rows };
    return { rows, caller: { identity, region, env: environment } };
  } catch (error) {
    const lines = error instanceof Error ? error.message.split("\n") : [];
    return { rows: [failed(check, error, lines.slice(1).join("\n"))] };
  }
}

/** OCI answers only "not authenticated" to a key that can't be used or has another fingerprint. */
function keyProblem(
  { provider, apiKey }: Identity,
  config: Record<string, unknown>,
): CheckResult | undefined {
  if (!apiKey) return undefined;
  const { keyFrom, fingerprint } = apiKey;
  const problem = (found: string, remedy: string): CheckResult => ({
    check: "identity",
    state: "problem",
    found,
    remedy,
  });
  let actual: string;
  try {
    actual = fingerprintOf(provider.getPrivateKey(), provider.getPassphrase());
  } catch {
    const where = "pass_phrase in the profile, or TF_VAR_private_key_password.";
    if (!/\bENCRYPTED\b/.test(provider.getPrivateKey())) {
      return problem(
        `${keyFrom} holds no private key in PEM format`,
        'Expected a text that starts with "-----BEGIN PRIVATE KEY-----". To create one: oci setup keys',
      );
    }
    return provider.getPassphrase()
      ? problem(
          `the key in ${keyFrom} can't be decrypted with the configured passphrase`,
          `Correct ${where}`,
        )
      : problem(
          `the key in ${keyFrom} is encrypted, and no passphrase is configured`,
          `Set ${where}`,
        );
  }
  if (fingerprint.toLowerCase() === actual) return undefined;
  const from = config["oci:fingerprint"] ? "oci:fingerprint in the configuration" : apiKey.from;
  return problem(
    `fingerprint ${fingerprint} does not belong to the key in ${keyFrom}, whose fingerprint is ${actual}`,
    `Correct ${from}: ${actual}. If the console lists the other one under My profile, API keys, name its key file instead.`,
  );
}

/** The fingerprint by which OCI knows a key: https://docs.oracle.com/en-us/iaas/Content/API/Concepts/apisigningkey.htm */
function fingerprintOf(privateKey: string, passphrase: string | null): string {
  const key = createPrivateKey({ key: privateKey, ...(passphrase && { passphrase }) });
  const der = createPublicKey(key).export({ type: "spki", format: "der" });
  return createHash("md5")
    .update(der)
    .digest("hex")
    .replace(/(..)(?=.)/g, "$1:");
}

/**
 * Whether a region's host does not exist because its name is wrong.
 *
 * @param error of a request to the region.
 */
export function misspelled(region: string, error: unknown): CheckResult | undefined {
  const { cause } = error as { cause?: NodeJS.ErrnoException };
  // A region may be newer than the list, but then its host exists.
  const known = common.Region.values().map(({ regionId }) => regionId);
  const isUnresolved = ["ENOTFOUND", "EAI_AGAIN"].includes(cause?.code ?? "");
  if (!isUnresolved || known.includes(region)) return undefined;
  const near = nearest(region, known);
  return {
    check: "region",
    state: "problem",
    found: `there is no region ${region}${near ? `; did you mean ${near}?` : ""}`,
    remedy: `pulumi config set oci:region ${near ?? "<region>"}, or region in the profile of ~/.oci/config`,
  };
}
