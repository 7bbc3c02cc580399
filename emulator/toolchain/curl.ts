import { onPath } from "../host/on-path.js";

/** curl, or why requests cannot be sent without it. */
export type Curl = { path: string } | { missing: string };

/** The curl on PATH, by which the sandbox sends what `kubectl exec … curl` asks for. */
export function findCurl(): Curl {
  const path = onPath("curl");
  if (path) return { path };
  return {
    missing:
      "no curl on this machine, by which the sandbox sends what `kubectl exec … curl` asks for. " +
      "Install curl, then run the sandbox's up again",
  };
}
