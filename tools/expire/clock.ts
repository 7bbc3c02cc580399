import { request } from "node:https";

import { agentFor } from "../../components/http/tunnel.js";
import { proxyOf } from "../../components/kubeconfig/client.js";
import { connectionOf, type Connection } from "../../components/kubeconfig/connection.js";
import { loadText } from "../../components/kubeconfig/load.js";
import type { AskPulumi } from "./stacks.js";

/** What a clock may be off; expiries are hours away. */
const toleranceMs = 5 * 60_000;
const answerMs = 5000;

/**
 * Why this machine's clock cannot decide whether a stack has expired; undefined if nothing speaks against it. A stack
 * was updated in the future by a clock that is behind, and the stack's own API server tells of one that is ahead. OCI
 * refuses requests by either (https://docs.oracle.com/iaas/Content/API/Concepts/signingrequests.htm), other clouds'
 * clusters do not.
 *
 * @param now milliseconds.
 */
export async function clockProblem(
  { name, lastUpdate }: { name: string; lastUpdate?: string },
  timeOf: (stack: string) => Promise<number | undefined>,
  now: number,
): Promise<string | undefined> {
  const updated = Date.parse(lastUpdate ?? "");
  if (updated > now + toleranceMs) {
    return `this machine's clock says ${iso(now)}, but ${name} was updated at ${iso(updated)}`;
  }
  const there = await timeOf(name);
  return there !== undefined && Math.abs(there - now) > toleranceMs
    ? `this machine's clock says ${iso(now)}, but the API server of ${name} says ${iso(there)}`
    : undefined;
}

const iso = (time: number) => new Date(time).toISOString().replace(/\.\d+Z$/, "Z");

/** The time of a stack's API server; undefined for a stack without a cluster of its own, or if it does not answer. */
export async function clusterTime(stack: string, ask: AskPulumi): Promise<number | undefined> {
  const argv = ["stack", "output", "--show-secrets", "--stack", stack];
  const { kubeconfig } = await ask<{ kubeconfig?: unknown }>(argv);
  if (typeof kubeconfig !== "string") return undefined;
  const connection = connectionOf(loadText(kubeconfig));
  return connection.server.startsWith("https://") ? dateOf(connection) : undefined;
}

/** The time in an answer's header. Nothing is sent, and a wrong clock finds every certificate invalid. */
function dateOf(connection: Connection): Promise<number | undefined> {
  const url = new URL(`${connection.server}/version`);
  const tls = { keepAlive: false, rejectUnauthorized: false };
  const agent = agentFor(url, proxyOf(connection), tls);
  return new Promise((resolve) => {
    const asked = request(url, { agent, timeout: answerMs }, (answer) => {
      answer.resume();
      const time = Date.parse(answer.headers.date ?? "");
      resolve(Number.isNaN(time) ? undefined : time);
    });
    asked.once("timeout", () => asked.destroy(new Error("late")));
    asked.once("error", () => resolve(undefined));
    asked.end();
  });
}
