import { execFile } from "node:child_process";
import { devNull } from "node:os";

import { onPath } from "./programs.js";

type Environment = Record<string, string | undefined>;

/**
 * Whether a server answers, with any status. Behind a proxy, curl asks: it reads `HTTPS_PROXY` and `NO_PROXY` as the
 * Pulumi CLI does, and Node's `fetch` does not.
 *
 * @param withinMs time to wait.
 */
export async function isReachable(
  url: string,
  withinMs: number,
  env: Environment = process.env,
): Promise<boolean> {
  const curl = hasProxy(env) ? onPath("curl") : undefined;
  if (curl) {
    const args = ["--silent", "--head", "--output", devNull, "--max-time", String(withinMs / 1000)];
    return new Promise((resolve) => {
      execFile(curl, [...args, url], { env }, (error) => resolve(!error));
    });
  }
  try {
    await fetch(url, { method: "HEAD", signal: AbortSignal.timeout(withinMs) });
    return true;
  } catch {
    return false;
  }
}

const hasProxy = (env: Environment) =>
  ["https_proxy", "HTTPS_PROXY", "http_proxy", "all_proxy", "ALL_PROXY"].some((name) => env[name]);
