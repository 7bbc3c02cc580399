import { administrators } from "../../control-plane/identity.js";
import { userId } from "./identity.js";
import { type PublicKeys, verifiedKeyId } from "./signature.js";

/** The question of an API server: https://kubernetes.io/docs/reference/access-authn-authz/authentication/#webhook-token-authentication */
export interface TokenReview {
  apiVersion: string;
  kind: "TokenReview";
  spec?: { token?: string };
  status?: Record<string, unknown>;
}

/** How long a token is valid. */
const maxAgeMs = 5 * 60_000;

/**
 * Reviews an OKE token: a request to the cluster, signed by a known key less than {@link maxAgeMs} ago, as a URL in
 * base64url (https://github.com/oracle/oci-typescript-sdk/issues/289).
 */
export function reviewToken(
  review: TokenReview,
  keys: PublicKeys,
  isCluster: (id: string) => boolean,
): TokenReview {
  const { apiVersion, kind } = review;
  const reason = rejectionReason(review.spec?.token ?? "", keys, isCluster);
  const status = reason
    ? { authenticated: false, error: reason }
    : {
        authenticated: true,
        user: { username: userId, uid: userId, groups: [administrators] },
      };
  return { apiVersion, kind, status };
}

function rejectionReason(
  token: string,
  keys: PublicKeys,
  isCluster: (id: string) => boolean,
): string | undefined {
  const text = Buffer.from(token, "base64url").toString();
  if (!URL.canParse(text)) return "this is not an OKE token";
  const { pathname, host, searchParams } = new URL(text);
  const clusterId = /^\/cluster_request\/([^/]+)$/.exec(pathname)?.[1];
  if (!clusterId || !/^containerengine\.[a-z0-9.-]+$/.test(host)) {
    return "this is not an OKE token";
  }
  if (!isCluster(clusterId)) return `the token is for another cluster: ${clusterId}`;
  const keyId = verifiedKeyId(
    {
      method: "GET",
      target: pathname,
      headers: {
        host,
        date: searchParams.get("date") ?? "",
        authorization: searchParams.get("authorization") ?? "",
      },
    },
    keys,
    maxAgeMs,
  );
  return keyId ? undefined : "the token's signature is invalid, or the token has expired";
}
