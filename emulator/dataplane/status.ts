import { join } from "node:path";

import { findProcess } from "../processes/record.js";
import { readJson } from "../host/files.js";

/** The name of the process, and of its folder in the state folder. */
export const dataPlaneName = "dataplane";

/** The Envoy of a waypoint or of the ingress gateway. */
export interface ProxyStatus {
  /** `namespace/name` */
  pod: string;
  /** Whether istiod has given it listeners. */
  listening: boolean;
  /** Envoy's reasons for configuration that it rejected. */
  rejected?: string[];
  log: string;
}

/** The Prometheus of a Pod. */
export interface PrometheusStatus {
  /** `namespace/name` */
  pod: string;
  /** `host:port` on which it listens on this machine; empty if it does not run. */
  address: string;
  log?: string;
  problem?: string;
}

/** One port of a load balancer. */
export interface LoadBalancerStatus {
  /** `namespace/name` */
  service: string;
  /** `host:port` in the Service's status. */
  address: string;
  /** `host:port` on which it listens: another port if only root may use this one; empty if it does not listen. */
  listening: string;
  problem?: string;
}

/** The data plane's status. */
export interface DataPlaneStatus {
  running: boolean;
  pid?: number;
  /** Path of the Envoy in use. */
  envoy?: string;
  /** Why requests cannot be carried; undefined if they can. */
  noRequests?: string;
  /** Whether istiod sends it ztunnel's configuration. */
  ztunnel: boolean;
  /** The Pods in the mesh, `namespace/name`. */
  captured: string[];
  proxies: ProxyStatus[];
  prometheus: PrometheusStatus[];
  loadBalancers: LoadBalancerStatus[];
  /** Why the last attempt to reconcile failed. */
  problem?: string;
}

/** The status of the data plane; if its process does not run, only that. */
export function dataPlaneStatus(stateDir: string): DataPlaneStatus {
  const pid = findProcess(stateDir, dataPlaneName)?.pid;
  const rest = { ztunnel: false, captured: [], proxies: [], prometheus: [], loadBalancers: [] };
  const own = pid === undefined ? undefined : readStatus(stateDir);
  return { ...rest, ...own, running: pid !== undefined, ...(pid && { pid }) };
}

/** The last status that the process has written; it may have ended since. */
export const readStatus = (stateDir: string) =>
  readJson<Omit<DataPlaneStatus, "running">>(join(stateDir, dataPlaneName, "status.json"));
