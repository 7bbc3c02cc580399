import { request } from "node:https";
import { setTimeout as sleep } from "node:timers/promises";

import * as pulumi from "@pulumi/pulumi";

import { proxyFor } from "../http/proxy.js";
import { agentFor } from "../http/tunnel.js";
import { loadText } from "../kubeconfig/load.js";
import { hasEngine } from "../resources/hooks.js";

/**
 * A kubeconfig that resolves once its API server answers. The kubernetes provider decides only once, when it is
 * configured, whether its cluster is reachable
 * (https://github.com/pulumi/pulumi-kubernetes/blob/v4.34.2/provider/pkg/provider/provider.go), and the API endpoint may
 * start a moment after OKE reports the cluster active. Previews do not wait. After five minutes the kubeconfig resolves
 * anyway, and the provider reports its own error.
 *
 * @param resource progress is shown with it.
 */
export function waitForApiServer(
  kubeconfig: pulumi.Output<string>,
  resource?: pulumi.Resource,
): pulumi.Output<string> {
  if (!hasEngine() || pulumi.runtime.isDryRun()) return kubeconfig;
  return kubeconfig.apply(async (text) => {
    const api = apiServerOf(text);
    if (!api) return text;
    const why = await pollUntilAnswered(() => whyUnanswered(api), {
      report: (reason, seconds) =>
        pulumi.log.info(
          `The API server at ${api.server} does not answer yet (${reason}). Waited ${seconds} s, at most 300. Only addresses in network.apiAllowedCidrs reach it.`,
          resource,
        ),
    });
    if (why !== undefined) {
      await pulumi.log.warn(
        [
          `The API server at ${api.server} has not answered for five minutes (${why}). Only addresses in network.apiAllowedCidrs reach it.`,
          "Find your address: curl -s https://checkip.amazonaws.com. If it is not in the list, add it with /32, then pulumi up",
        ].join("\n"),
        resource,
      );
    }
    return text;
  });
}

/** The URL of an API server, and its CA. */
export interface ApiServer {
  server: string;
  /** PEM. */
  ca?: string;
}

/** The API server of a kubeconfig's first cluster; OKE's kubeconfig has one. */
export function apiServerOf(kubeconfig: string): ApiServer | undefined {
  let clusters: ReturnType<typeof loadText>["clusters"];
  try {
    ({ clusters } = loadText(kubeconfig));
  } catch {
    // The provider reports an invalid one.
    return undefined;
  }
  const [cluster] = clusters.values();
  const { server, "certificate-authority-data": ca } = cluster ?? {};
  if (!server) return undefined;
  return { server, ...(ca && { ca: Buffer.from(ca, "base64").toString() }) };
}

/** Why no server answers over TLS; undefined: one does, even if it refuses a request without a token. */
export function whyUnanswered(
  { server, ca }: ApiServer,
  timeoutMs = 5_000,
): Promise<string | undefined> {
  return new Promise((resolve) => {
    const fail = (error: NodeJS.ErrnoException) =>
      resolve(error.message || error.code || "no answer");
    try {
      const url = new URL(`${server}/version`);
      const agent = agentFor(url, proxyFor(url), { ca, keepAlive: false });
      const call = request(url, { agent, timeout: timeoutMs });
      call.once("response", (response) => {
        response.resume();
        resolve(undefined);
      });
      call.once("timeout", () => call.destroy(new Error(`no answer in ${timeoutMs / 1000} s`)));
      call.once("error", fail);
      call.end();
    } catch (error) {
      // Thrown for a CA that is not valid PEM.
      fail(error as Error);
    }
  });
}

/**
 * Polls until there is an answer.
 *
 * @param poll returns why there is no answer, or undefined.
 * @param options times in milliseconds; `report` gets the reason and the seconds waited, once in `reportEvery`.
 * @returns undefined, or the last reason when the time is up.
 */
export async function pollUntilAnswered(
  poll: () => Promise<string | undefined>,
  {
    report,
    interval = 2_000,
    reportEvery = 10_000,
    limit = 300_000,
  }: {
    report: (why: string, seconds: number) => unknown;
    interval?: number;
    reportEvery?: number;
    limit?: number;
  },
): Promise<string | undefined> {
  const start = Date.now();
  for (let reported = 0; ;) {
    const why = await poll();
    const waited = Date.now() - start;
    if (why === undefined || waited >= limit) return why;
    if (waited >= reported + reportEvery) {
      reported = waited;
      await report(why, Math.round(waited / 1000));
    }
    await sleep(Math.min(interval, limit - waited));
  }
}
