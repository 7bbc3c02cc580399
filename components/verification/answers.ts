/** The result of a request: the page, a connection reset by ztunnel, or a refusal by a waypoint. */
export type Answer = "page" | "reset" | "denied";

/** How each answer is recognized in the result of `curl`, and what the report calls it. */
export const answers: Record<
  Answer,
  { exit: number; status?: number; body?: RegExp; say: string }
> = {
  page: {
    exit: 0,
    status: 200,
    // Since Bookinfo 1.20 `/` has this greeting instead of a title
    // (https://github.com/istio/istio/tree/1.31.1/samples/bookinfo/src/productpage/templates).
    body: /<title>Simple Bookstore App<\/title>|simple bookstore application/,
    say: "the page",
  },
  reset: { exit: 56, say: "curl exit 56, reset" },
  denied: { exit: 0, status: 403, body: /^RBAC: access denied$/, say: "RBAC: access denied" },
};

export type Client = "sleep" | "notsleep";
export type Way = "direct" | "gateway";

/** The walk-through's two paths to productpage. */
export const urls: Record<Way, string> = {
  direct: "http://productpage:9080/",
  gateway: "http://istio-ingressgateway.istio-system/productpage",
};

/** The page whose reviews are counted by version. */
export const reviewsUrl = "http://productpage:9080/productpage";
