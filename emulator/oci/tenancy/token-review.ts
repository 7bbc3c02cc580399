import { administrators } from "../../control-plane/identity.js";
import { userId } from "./identity.js";
import { type PublicKeys, verifiedKeyId } from "./signature.js";

/** What an API server asks: https://kubernetes.io/docs/reference/access-authn-authz/authentication/#webhook-token-authentication */
export interface TokenReview {
  apiVersion: string;
  kind: "TokenReview";
  spec?: { token?: string };
  status?: Record<string, unknown>;
}

/** Minutes that OKE honours a token, and one for clocks that differ. */
const maxAgeMs = 5 * 60_000;

/**
 * Whether a token is a request to this cluster, signed by a known key a short while ago: a token of OKE is such a
 * request, as a URL in base64url (https://github.com/oracle/oci-typescript-sdk/issues/289).
 */
export function reviewToken(
  review: TokenReview,
  keys: PublicKeys,
  isCluster: (id: string) => boolean,
): TokenReview {
  const { apiVersion, kind } = review;
  const reason = refusal(review.spec?.token ?? "", keys, isCluster);
  const status = reason
    ? { authenticated: false, error: reason }
    : {
        authenticated: true,
        user: { username: userId, uid: userId, groups: [administrators] },
      };
  return { apiVersion, kind, status };
}

function refusal(
  token: string,
  keys: PublicKeys,
  isCluster: (id: string) => boolean,
): string | undefined {
  const text = Buffer.from(token, "base64url").toString();
  if (!URL.canParse(text)) return "the token is not one of OKE";
  const { pathname, host, searchParams } = new URL(text);
  const clusterId = /^\/cluster_request\/([^/]+)$/.exec(pathname)?.[1];
  if (!clusterId || !/^containerengine\.[a-z0-9.-]+$/.test(host)) {
    return "the token is not one of OKE";
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
  return keyId ? undefined : "the token's signature is wrong, or it is too old";
}
