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

/** Which of Prometheus's targets a sandbox only simulates; without Envoy, every proxy. */
export function simulation(snapshot: Snapshot): { simulated: boolean; simulatedJobs: string[] } {
  const { real, noRequests } = standIns(snapshot);
  const simulated = real !== undefined;
  const proxies = noRequests === undefined ? [] : ["ingress-gateway", "waypoints"];
  return { simulated, simulatedJobs: simulated ? ["ztunnel", ...proxies] : [] };
}
