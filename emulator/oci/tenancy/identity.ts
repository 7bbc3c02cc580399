import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** The region that the endpoint plays. */
export const region = "eu-frankfurt-1";
/** Oracle's short key of it, as in the names of services. */
export const regionKey = "fra";

const fixed = (kind: string, word: string) =>
  `ocid1.${kind}.oc1..${`aaaaaaaa${word}`.padEnd(60, "a")}`;

/** The only tenancy, compartment and user there are. */
export const tenancyId = fixed("tenancy", "sandbox");
export const compartmentId = fixed("compartment", "sandbox");
export const userId = fixed("user", "sandbox");

/** Names as OCI makes them: a prefix of the tenancy's own, the region, a number. */
export const availabilityDomains = [1, 2, 3].map(
  (number) => `sAnD:${region.toUpperCase()}-AD-${number}`,
);

/** The API key of the sandbox's user. */
export interface ApiKey {
  /** Path of the private key, PEM, readable by its owner alone. */
  path: string;
  privateKey: string;
  publicKey: string;
  /** MD5 over the public key, as OCI names a key. */
  fingerprint: string;
  /** `<tenancy>/<user>/<fingerprint>`, as requests name it. */
  keyId: string;
}

/**
 * The key in that folder, made at the first call.
 *
 * @param folder of one sandbox; also gets `config`, a profile for the `oci` command and Oracle's SDKs.
 */
export function apiKey(folder: string): ApiKey {
  const path = join(folder, "key.pem");
  if (!existsSync(path)) {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
    writeFileSync(path, privateKey.export({ type: "pkcs8", format: "pem" }), { mode: 0o600 });
  }
  const privateKey = readFileSync(path, "utf8");
  const key = createPublicKey(createPrivateKey(privateKey));
  const publicKey = key.export({ type: "spki", format: "pem" }).toString();
  const digest = createHash("md5").update(key.export({ type: "spki", format: "der" }));
  const fingerprint = digest.digest("hex").replace(/(..)(?=.)/g, "$1:");
  const found = { path, privateKey, publicKey, fingerprint };
  const config = configFile(folder);
  if (!existsSync(config)) writeFileSync(config, profile(found), { mode: 0o600 });
  return { ...found, keyId: `${tenancyId}/${userId}/${fingerprint}` };
}

/** The OCI configuration file in a sandbox's folder. */
export const configFile = (folder: string): string => join(folder, "config");

function profile({ fingerprint, path }: { fingerprint: string; path: string }): string {
  return [
    "[DEFAULT]",
    `user=${userId}`,
    `fingerprint=${fingerprint}`,
    `tenancy=${tenancyId}`,
    `region=${region}`,
    `key_file=${path}`,
    "",
  ].join("\n");
}
