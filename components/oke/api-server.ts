import { request } from "node:https";
import { setTimeout as sleep } from "node:timers/promises";

import * as pulumi from "@pulumi/pulumi";
import { parse } from "yaml";

import { hasEngine } from "../resources/hooks.js";

/**
 * The kubeconfig of a cluster whose API server answers by then. The kubernetes provider decides once, when it is
 * configured, whether its cluster can be reached
 * (https://github.com/pulumi/pulumi-kubernetes/blob/v4.34.2/provider/pkg/provider/provider.go), and everything in it
 * would fail over an endpoint that comes up a moment after OKE calls the cluster active. A preview asks nobody; after
 * five minutes the provider gets the kubeconfig all the same, and says the rest.
 *
 * @param resource what the waiting is shown with.
 */
export function onceAnswering(
  kubeconfig: pulumi.Output<string>,
  resource?: pulumi.Resource,
): pulumi.Output<string> {
  // The provider goes through a proxy of the environment, Node's client does not.
  const isProxied = process.env["HTTPS_PROXY"] || process.env["https_proxy"];
  if (!hasEngine() || pulumi.runtime.isDryRun() || isProxied) return kubeconfig;
  return kubeconfig.apply(async (text) => {
    const at = apiServerOf(text);
    if (!at) return text;
    const tell = (words: string) => pulumi.log.info(words, resource);
    const why = await untilAnswering(() => reasonForSilence(at), {
      tell: (silence, seconds) =>
        tell(
          `The API server at ${at.server} does not answer yet (${silence}): waiting for ${seconds} s, for 300 at most. It answers the addresses in network.apiAllowedCidrs alone.`,
        ),
    });
    if (why !== undefined) {
      await pulumi.log.warn(
        [
          `The API server at ${at.server} has not answered for five minutes (${why}). It answers the addresses in network.apiAllowedCidrs alone.`,
          "Yours is told by: curl -s https://checkip.amazonaws.com. Where it is none of them, add it with /32, then pulumi up",
        ].join("\n"),
        resource,
      );
    }
    return text;
  });
}

/** Where a cluster answers, and who signs for it. */
export interface ApiServer {
  server: string;
  /** PEM. */
  ca?: string;
}

/** The API server of a kubeconfig's first cluster: OKE's has one. */
export function apiServerOf(kubeconfig: string): ApiServer | undefined {
  const config = parse(kubeconfig) as {
    clusters?: { cluster?: { server?: string; "certificate-authority-data"?: string } }[];
  } | null;
  const { server, "certificate-authority-data": ca } = config?.clusters?.[0]?.cluster ?? {};
  if (!server) return undefined;
  return { server, ...(ca && { ca: Buffer.from(ca, "base64").toString() }) };
}

/** Why nothing answers there over TLS; undefined: something does, and be it to refuse whoever has no token. */
export function reasonForSilence(
  { server, ca }: ApiServer,
  timeoutMs = 5_000,
): Promise<string | undefined> {
  return new Promise((resolve) => {
    const fail = (error: NodeJS.ErrnoException) => resolve(error.message || error.code || "silent");
    try {
      const call = request(`${server}/version`, { ca, agent: false, timeout: timeoutMs });
      call.once("response", (response) => {
        response.resume();
        resolve(undefined);
      });
      call.once("timeout", () => call.destroy(new Error(`silent for ${timeoutMs / 1000} s`)));
      call.once("error", fail);
      call.end();
    } catch (error) {
      // A CA that is none.
      fail(error as Error);
    }
  });
}

/**
 * Asks until there is an answer.
 *
 * @param ask gives the reason why there is none, or undefined.
 * @param options times in milliseconds; `tell` hears of it every so often, with the seconds waited so far.
 * @returns undefined, or the last reason when the time is over.
 */
export async function untilAnswering(
  ask: () => Promise<string | undefined>,
  {
    tell,
    interval = 2_000,
    every = 10_000,
    limit = 300_000,
  }: {
    tell: (why: string, seconds: number) => unknown;
    interval?: number;
    every?: number;
    limit?: number;
  },
): Promise<string | undefined> {
  const began = Date.now();
  for (let told = 0; ;) {
    const why = await ask();
    const waited = Date.now() - began;
    if (why === undefined || waited >= limit) return why;
    if (waited >= told + every) {
      told = waited;
      await tell(why, Math.round(waited / 1000));
    }
    await sleep(Math.min(interval, limit - waited));
  }
}
