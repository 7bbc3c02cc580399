import { join } from "node:path";

import { findProcess } from "../processes/record.js";
import { readJson } from "../host/read-json.js";

/** The process's name among a sandbox's, and its folder's there. */
export const dataPlaneName = "dataplane";

/** One Envoy: a waypoint's or the ingress gateway's. */
export interface ProxyStatus {
  /** `namespace/name` */
  pod: string;
  /** Whether istiod has given it listeners. */
  listening: boolean;
  /** What Envoy said to configuration that it did not take. */
  rejected?: string[];
  log: string;
}

/** One port of a load balancer. */
export interface LoadBalancerStatus {
  /** `namespace/name` */
  service: string;
  /** `host:port` as the Service's status says. */
  address: string;
  /** `host:port` where it answers: another port where this one is root's alone; empty: nowhere. */
  listening: string;
  problem?: string;
}

/** What the data plane says of itself. */
export interface DataPlaneStatus {
  running: boolean;
  pid?: number;
  /** Path of the Envoy in use. */
  envoy?: string;
  /** Why requests cannot be carried; undefined: they are. */
  noRequests?: string;
  /** Whether istiod tells it what it tells ztunnel. */
  ztunnel: boolean;
  /** Pods whose traffic goes through ztunnel, `namespace/name`. */
  captured: string[];
  proxies: ProxyStatus[];
  loadBalancers: LoadBalancerStatus[];
  /** What could not be done at the last attempt. */
  problem?: string;
}

/** What the data plane of a sandbox says of itself; without a process only that it does not run. */
export function dataPlaneStatus(stateDir: string): DataPlaneStatus {
  const pid = findProcess(stateDir, dataPlaneName)?.pid;
  const rest = { ztunnel: false, captured: [], proxies: [], loadBalancers: [] };
  const own = pid === undefined ? undefined : said(stateDir);
  return { ...rest, ...own, running: pid !== undefined, ...(pid && { pid }) };
}

/** The same as it stands on file, whether it runs or not. */
export const said = (stateDir: string) =>
  readJson<Omit<DataPlaneStatus, "running">>(join(stateDir, dataPlaneName, "status.json"));
