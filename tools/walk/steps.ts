import { type Stage, stages } from "../../components/settings/types.js";

/** A step of the walk-through, as it is told. */
export interface WalkStep {
  stage: Stage;
  /** From 1. */
  number: number;
  title: string;
  words: string;
}

/** What each step does, and what there is to see. */
const told: Record<Stage, { title: string; words: string }> = {
  cluster: {
    title: "a cluster",
    words:
      "A network with a subnet each for the API, the workers and the load balancer; in it an OKE cluster " +
      "with its worker. What configuration leaves open, the Kubernetes version and the worker's image, is " +
      "chosen from what is offered now, and then kept. A cluster that exists already is only asked for " +
      "its version.",
  },
  mesh: {
    title: "a mesh without sidecars",
    words:
      "Istio in ambient mode: a ztunnel on each node carries connections, encrypted and with the identity " +
      "of who opens them; proxies that read HTTP, the waypoints, come only where they are wanted. Five Helm " +
      "releases and the Gateway API's definitions. While istiod starts, the ingress gateway's load " +
      "balancer gets its address.",
  },
  bookinfo: {
    title: "an application that knows nothing of it",
    words:
      "Bookinfo: productpage asks details and reviews; reviews runs in three versions, two of which ask " +
      "ratings. sleep and notsleep are two clients that differ in their identity alone. There is a mesh, " +
      "but nobody is in it: everybody gets the page, directly and through the gateway.",
  },
  ambient: {
    title: "into the mesh, as it runs",
    words:
      "One label on the namespace. From now on ztunnel carries what its Pods send, by mutual TLS and with " +
      "their identities. No Pod is restarted, and every request gets the answer it got before.",
  },
  l4: {
    title: "who may connect",
    words:
      "A policy in front of productpage's Pods admits two identities: sleep's and the gateway's. ztunnel " +
      "enforces it, and sees connections, not requests: notsleep's is reset, and its curl exits with 56.",
  },
  l7: {
    title: "who may ask what",
    words:
      "A waypoint, which reads HTTP, comes in front of Service productpage; its policy admits GET, from " +
      "sleep and from the gateway. The policy of the step before now admits the waypoint alone, so that " +
      "nobody walks round it. notsleep, and every DELETE, gets an answer: 403, RBAC: access denied.",
  },
  traffic: {
    title: "which version answers",
    words:
      "A second waypoint, in front of reviews, divides its requests by weight. Unless configured " +
      "otherwise v1 (no stars) answers 90 of 100, v2 (black stars) the other 10, v3 (red stars) none. " +
      "Open the page and reload it a few times.",
  },
};

/** All steps, in order. */
export const walkSteps: readonly WalkStep[] = stages.map((stage, index) => ({
  stage,
  number: index + 1,
  ...told[stage],
}));

/** The steps that a stack has before it; all of them where nothing is deployed. */
export function stepsAfter(deployed: Stage | undefined): WalkStep[] {
  return walkSteps.slice(deployed ? stages.indexOf(deployed) + 1 : 0);
}
