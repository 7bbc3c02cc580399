/** What a request gets: the page, a connection reset by ztunnel, or a refusal by a waypoint. */
export type Answer = "page" | "reset" | "denied";

/** How each answer is recognised in what one `curl` gives, and how it is written in the table. */
export const answers: Record<
  Answer,
  { exit: number; status?: number; body?: RegExp; say: string }
> = {
  page: {
    exit: 0,
    status: 200,
    // From Bookinfo 1.20 on, `/` has this greeting and no title of its own
    // (https://github.com/istio/istio/tree/1.31.1/samples/bookinfo/src/productpage/templates).
    body: /<title>Simple Bookstore App<\/title>|simple bookstore application/,
    say: "the page",
  },
  reset: { exit: 56, say: "curl exit 56, reset" },
  denied: { exit: 0, status: 403, body: /^RBAC: access denied$/, say: "RBAC: access denied" },
};

export type Client = "sleep" | "notsleep";
export type Way = "direct" | "gateway";

/** The two ways to productpage that the walk-through takes. */
export const urls: Record<Way, string> = {
  direct: "http://productpage:9080/",
  gateway: "http://istio-ingressgateway.istio-system/productpage",
};

/** The page whose reviews are counted by the version that wrote them. */
export const reviewsUrl = "http://productpage:9080/productpage";
