import { UncheckedError } from "./finding.js";
import type { Snapshot } from "./cluster/snapshot.js";

/** What a cluster declares about itself in its nodes' annotations; a real cluster declares nothing. */
export interface StandIns {
  /** Which parts are real and which are simulated: one line each. */
  real?: string;
  standIns?: string;
  /** Why it cannot carry requests. */
  noRequests?: string;
}

/** Prefix of the annotations. */
const prefix = "oke-ambient-mesh.sandbox/";

/** Empty where nodes cannot be read. */
export function standIns(snapshot: Snapshot): StandIns {
  let annotations: Record<string, string> = {};
  try {
    annotations = Object.assign({}, ...snapshot.list("nodes").map((n) => n.metadata?.annotations));
  } catch (error) {
    if (!(error instanceof UncheckedError)) throw error;
  }
  return {
    real: annotations[`${prefix}real`],
    standIns: annotations[`${prefix}stand-ins`],
    noRequests: annotations[`${prefix}no-requests`],
  };
}

/** What Prometheus can't count. */
export interface Simulation {
  /** Whether the proxies are not Istio's, as in a sandbox. */
  simulated: boolean;
  /** Of a sandbox: Prometheus's jobs whose Pods need not answer, and why. */
  excused?: { jobs: readonly string[]; why: string };
}

/** Which of Prometheus's targets need not be up in a sandbox: ztunnel, and every proxy if it carries no requests. */
export function simulation(snapshot: Snapshot): Simulation {
  const { real, noRequests } = standIns(snapshot);
  if (real === undefined) return { simulated: false };
  const excused =
    noRequests === undefined
      ? { jobs: ["ztunnel"], why: "ztunnel is simulated here" }
      : {
          jobs: ["ztunnel", "ingress-gateway", "waypoints"],
          why: `the proxies need not be, because requests can't be sent: ${noRequests}`,
        };
  return { simulated: true, excused };
}
