import { createPrivateKey, sign } from "node:crypto";

import { execApiVersion } from "./kubeconfig.js";

/** Minutes that OKE honours a token; the same as the `oci` command claims. */
export const tokenMinutes = 4;

/** What signs a token. */
export interface Signer {
  /** `<tenancy>/<user>/<fingerprint>`, or `ST$<session token>`. */
  keyId: string;
  /** PEM. */
  privateKey: string;
  passphrase?: string | null;
}

/**
 * A token for one cluster's API: a signed request to OKE that the API server's webhook sends on, in base64url.
 * Signed here rather than by oci-common's request signer: that one signs `x-date`, for which the token has no place,
 * where `oci ce cluster generate-token` signs `date`
 * (https://github.com/oracle/oci-typescript-sdk/issues/289).
 *
 * @throws Error for a key that can't be read, such as one with another passphrase.
 */
export function clusterToken(
  { clusterId, region, now = new Date() }: { clusterId: string; region: string; now?: Date },
  { keyId, privateKey, passphrase }: Signer,
): string {
  const url = new URL(
    `https://containerengine.${region}.oraclecloud.com/cluster_request/${clusterId}`,
  );
  const date = now.toUTCString();
  const signed = [
    `date: ${date}`,
    `(request-target): get ${url.pathname}`,
    `host: ${url.host}`,
  ].join("\n");
  const key = createPrivateKey({ key: privateKey, passphrase: passphrase ?? undefined });
  const signature = sign("RSA-SHA256", Buffer.from(signed), key).toString("base64");
  url.searchParams.set(
    "authorization",
    `Signature algorithm="rsa-sha256",headers="date (request-target) host",keyId="${keyId}",signature="${signature}",version="1"`,
  );
  url.searchParams.set("date", date);
  // With padding, as the `oci` command writes it; Node's base64url has none.
  return Buffer.from(url.toString()).toString("base64").replace(/\+/g, "-").replace(/\//g, "_");
}

/** What Kubernetes clients expect from a credential plugin: https://kubernetes.io/docs/reference/config-api/client-authentication.v1/ */
export interface ExecCredential {
  apiVersion: string;
  kind: "ExecCredential";
  status: { token: string; expirationTimestamp: string };
}

/** The credential in the version of the protocol that the client speaks. */
export function execCredential(
  token: string,
  expires: Date,
  apiVersion = execApiVersion,
): ExecCredential {
  return {
    apiVersion,
    kind: "ExecCredential",
    status: { token, expirationTimestamp: expires.toISOString().replace(/\.\d+Z$/, "Z") },
  };
}

/** The version that the client names in KUBERNETES_EXEC_INFO, which it sets for `v1` always. */
export function requestedVersion(execInfo: string | undefined): string {
  if (!execInfo) return execApiVersion;
  try {
    const { apiVersion } = JSON.parse(execInfo) as { apiVersion?: string };
    return apiVersion ?? execApiVersion;
  } catch {
    return execApiVersion;
  }
}
