import { type Stage, stages } from "../../components/settings/types.js";

/** A step of the walk-through, with its description. */
export interface WalkStep {
  stage: Stage;
  /** From 1. */
  number: number;
  title: string;
  words: string;
}

/** What each step does, and what to see. */
const descriptions: Record<Stage, { title: string; words: string }> = {
  cluster: {
    title: "a cluster",
    words:
      "A network with a subnet each for the API, the workers and the load balancer; in it an OKE cluster " +
      "with its worker. What configuration leaves open, the Kubernetes version and the worker's image, is " +
      "chosen from OKE's current offer, and then kept. Of an existing cluster the program only reads " +
      "its version.",
  },
  mesh: {
    title: "a mesh without sidecars",
    words:
      "Istio in ambient mode: a ztunnel on each node carries connections, encrypted and with the client's " +
      "identity; proxies that read HTTP, the waypoints, are added only where needed. Five Helm releases " +
      "and the Gateway API's CRDs. While istiod starts, the ingress gateway's load " +
      "balancer gets its address.",
  },
  bookinfo: {
    title: "an application outside the mesh",
    words:
      "Bookinfo: productpage calls details and reviews; reviews runs in three versions, two of which call " +
      "ratings. sleep and notsleep are clients that differ only in their identity. The mesh exists, but " +
      "no workload is in it: both clients get the page, directly and through the gateway.",
  },
  ambient: {
    title: "into the mesh without a restart",
    words:
      "One label on the namespace. From now on ztunnel carries the traffic of its Pods, with mutual TLS and " +
      "their identities. No Pod restarts, and every request gets the same answer as before.",
  },
  l4: {
    title: "who may connect",
    words:
      "A policy in front of productpage's Pods admits two identities: sleep's and the gateway's. ztunnel " +
      "enforces it and sees connections, not requests: it resets notsleep's, whose curl exits with 56.",
  },
  l7: {
    title: "who may send which request",
    words:
      "A waypoint, which reads HTTP, now serves Service productpage; its policy admits GET from sleep and " +
      "from the gateway. The policy of the step before now admits only the waypoint, so that no client " +
      "bypasses it. notsleep and every DELETE get 403, RBAC: access denied. So does signing in on the " +
      "page: a browser sends it as POST.",
  },
  traffic: {
    title: "which version answers",
    words:
      "A second waypoint splits the requests to reviews by weight. By default v1 (no stars) answers 90 of " +
      "100, v2 (black stars) the other 10, and v3 (red stars) none. Open the page and reload it a few " +
      "times.",
  },
};

/** All steps, in order. */
export const walkSteps: readonly WalkStep[] = stages.map((stage, index) => {
  const { title, words } = descriptions[stage];
  return { stage, number: index + 1, title, words: `${words}${pictureOf(stage)}` };
});

/** Where the way of the stage's requests is drawn. */
function pictureOf(stage: Stage): string {
  const hasRequests = stages.indexOf(stage) >= stages.indexOf("bookinfo");
  return hasRequests ? ` Drawn in docs/requests/${stage}.svg.` : "";
}

/** The step that leads to a stage. */
export function stepAt(stage: Stage): WalkStep {
  return walkSteps[stages.indexOf(stage)] as WalkStep;
}

export const stepAfter = (stage: Stage): WalkStep | undefined =>
  walkSteps[stages.indexOf(stage) + 1];

export const stepBefore = (stage: Stage | undefined): WalkStep | undefined =>
  stage && walkSteps[stages.indexOf(stage) - 1];
