import { onPath } from "../host/programs.js";

/** curl, or why requests cannot be sent without it. */
export type Curl = { path: string } | { missing: string };

/** Finds curl on PATH, which runs for `kubectl exec … curl`. */
export function findCurl(): Curl {
  const path = onPath("curl");
  if (path) return { path };
  return {
    missing:
      "no curl on this machine, which the sandbox runs for `kubectl exec … curl`. " +
      "Install curl, then run the sandbox's `up` again",
  };
}
