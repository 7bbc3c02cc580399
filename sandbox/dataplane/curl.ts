import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";

/** curl, or why requests cannot be sent without it. */
export type Curl = { path: string } | { missing: string };

/** The curl on PATH, by which the sandbox sends what `kubectl exec … curl` asks for. */
export function findCurl(): Curl {
  for (const folder of (process.env["PATH"] ?? "").split(delimiter).filter(Boolean)) {
    const path = join(folder, "curl");
    try {
      accessSync(path, constants.X_OK);
      return { path };
    } catch {
      // the next folder
    }
  }
  return {
    missing:
      "no curl on this machine, by which the sandbox sends what `kubectl exec … curl` asks for. " +
      "Install curl, then run the sandbox's up again",
  };
}
