import { UncheckedError } from "./finding.js";
import type { Snapshot } from "./cluster/snapshot.js";

/** What a cluster says of itself by annotations of its nodes; a real one says nothing. */
export interface StandIns {
  /** Which parts are the real ones, and which are stood in for: one line each. */
  real?: string;
  standIns?: string;
  /** Why no request can be sent in it. */
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
