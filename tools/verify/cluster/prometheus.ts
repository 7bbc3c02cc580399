import { UncheckedError } from "../finding.js";
import { get } from "./api.js";
import type { Access } from "./access.js";

/** A target as Prometheus reports it: https://prometheus.io/docs/prometheus/latest/querying/api/#targets */
export interface Target {
  labels: Record<string, string>;
  scrapeUrl?: string;
  health: "up" | "down" | "unknown";
  lastError?: string;
}

/** A time series and its value. */
export interface Sample {
  metric: Record<string, string>;
  value: number;
}

/** Prometheus of the mesh. Every method throws UncheckedError when there is no answer. */
export interface Prometheus {
  targets(): Promise<Target[]>;
  /** @param time milliseconds; default: now. */
  query(query: string, time?: number): Promise<Sample[]>;
}

interface Envelope<T> {
  status: "success" | "error";
  data?: T;
  error?: string;
}

const service = "/api/v1/namespaces/istio-system/services/prometheus:9090/proxy";

/**
 * Prometheus through the API server's proxy, which needs no port-forward
 * (https://kubernetes.io/docs/tasks/access-application-cluster/access-cluster-services/).
 */
export function prometheus(access: Access): Prometheus {
  const ask = async <T>(path: string): Promise<T> => {
    const answer = await get<Envelope<T>>(access, service + path);
    if (answer?.data === undefined) {
      throw new UncheckedError(
        `Prometheus cannot be asked: ${answer?.error ?? "Service istio-system/prometheus does not exist"}`,
      );
    }
    return answer.data;
  };
  return {
    targets: async () =>
      (await ask<{ activeTargets: Target[] }>("/api/v1/targets?state=active")).activeTargets,
    query: async (query, time) => {
      const at = time === undefined ? "" : `&time=${time / 1000}`;
      const { result } = await ask<{
        result: { metric: Sample["metric"]; value: [number, string] }[];
      }>(`/api/v1/query?query=${encodeURIComponent(query)}${at}`);
      return result.map(({ metric, value }) => ({ metric, value: Number(value[1]) }));
    },
  };
}
