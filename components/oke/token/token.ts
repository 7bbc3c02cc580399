import { createPrivateKey, sign } from "node:crypto";

/** Version of the exec protocol in the helper's kubeconfig. */
export const execApiVersion = "client.authentication.k8s.io/v1";

/** Minutes that a token is valid, as the `oci` command reports. */
export const tokenMinutes = 4;

/** The key that signs a token. */
export interface Signer {
  /** `<tenancy>/<user>/<fingerprint>`, or `ST$<session token>`. */
  keyId: string;
  /** PEM. */
  privateKey: string;
  passphrase?: string | null;
}

/**
 * A token for one cluster's API: a signed request to OKE, in base64url, which the API server's webhook forwards.
 * oci-common's request signer can't be used: it signs the header `x-date`, but the token needs `date`, as
 * `oci ce cluster generate-token` signs it
 * (https://github.com/oracle/oci-typescript-sdk/issues/289).
 *
 * @throws Error for an invalid key or passphrase.
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
  // The `oci` command adds padding; Node's base64url has none.
  return Buffer.from(url.toString()).toString("base64").replace(/\+/g, "-").replace(/\//g, "_");
}

/** The output of a credential plugin: https://kubernetes.io/docs/reference/config-api/client-authentication.v1/ */
export interface ExecCredential {
  apiVersion: string;
  kind: "ExecCredential";
  status: { token: string; expirationTimestamp: string };
}

/** The credential in the client's version of the protocol. */
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

/** The version in KUBERNETES_EXEC_INFO, which clients always set for `v1`. */
export function requestedVersion(execInfo: string | undefined): string {
  if (!execInfo) return execApiVersion;
  try {
    const { apiVersion } = JSON.parse(execInfo) as { apiVersion?: string };
    return apiVersion ?? execApiVersion;
  } catch {
    return execApiVersion;
  }
}
