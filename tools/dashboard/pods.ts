import type { V1Pod, V1Service } from "@kubernetes/client-node";

import type { Access } from "../verify/cluster/access.js";
import { get } from "../verify/cluster/api.js";
import type { Wire } from "../verify/cluster/snapshot.js";

/** A port of a Service. */
export interface Service {
  namespace: string;
  name: string;
  port: number;
}

/** A Pod behind a Service, and the port on which it serves it. */
export interface PodPort {
  namespace: string;
  pod: string;
  port: number;
}

/** Why no Pod can be reached. */
export class NoPod extends Error {}

/**
 * A ready Pod of a Service.
 *
 * @throws NoPod that says what is missing; UncheckedError if the API server cannot be asked.
 */
export async function podOf(access: Access, service: Service): Promise<PodPort> {
  const { namespace, name, port } = service;
  const core = `/api/v1/namespaces/${namespace}`;
  const found = await get<Wire<V1Service>>(access, `${core}/services/${name}`);
  if (!found) throw new NoPod(`There is no Service ${namespace}/${name}.`);
  const { selector = {}, ports = [] } = found.spec ?? {};
  const target = ports.find((one) => one.port === port)?.targetPort ?? port;
  const labels = Object.entries(selector).map(([key, value]) => `${key}=${value}`);
  const query = `labelSelector=${encodeURIComponent(labels.join(","))}`;
  const list = await get<{ items: Wire<V1Pod>[] }>(access, `${core}/pods?${query}`);
  const pods = (list?.items ?? []).filter(({ metadata }) => !metadata?.deletionTimestamp);
  const ready = pods.find(isReady);
  if (!ready) {
    throw new NoPod(
      pods[0] ? whyNotReady(namespace, pods[0]) : `Service ${namespace}/${name} has no Pod.`,
    );
  }
  const number = typeof target === "number" ? target : namedPort(ready, target);
  return { namespace, pod: ready.metadata?.name ?? "", port: number ?? port };
}

const isReady = ({ status }: Wire<V1Pod>) =>
  status?.conditions?.some(({ type, status: is }) => type === "Ready" && is === "True") ?? false;

function namedPort({ spec }: Wire<V1Pod>, name: string): number | undefined {
  const ports = spec?.containers.flatMap((container) => container.ports ?? []) ?? [];
  return ports.find((port) => port.name === name)?.containerPort;
}

function whyNotReady(namespace: string, { metadata, status }: Wire<V1Pod>): string {
  const waiting = status?.containerStatuses?.find(({ state }) => state?.waiting)?.state?.waiting;
  const pending = status?.conditions?.find(({ status: is, message }) => is === "False" && message);
  const why = waiting?.message ?? waiting?.reason ?? pending?.message ?? status?.phase ?? "unknown";
  return `Pod ${namespace}/${metadata?.name} is not ready: ${why}.`.replace(/\.\.$/, ".");
}
