import type {
  V1Condition,
  V1ConfigMap,
  V1DaemonSet,
  V1Deployment,
  V1Namespace,
  V1Node,
  V1ObjectMeta,
  V1Pod,
  V1ReplicaSet,
  V1Service,
} from "@kubernetes/client-node";

import { UncheckedError } from "../finding.js";
import type { Access } from "./access.js";
import { get } from "./api.js";

/** Objects as JSON: times are strings, not `Date`. */
export type Wire<T> = T extends Date
  ? string
  : T extends object
    ? { [K in keyof T]: Wire<T[K]> }
    : T;

/** A custom resource, reduced to what is read here. */
export interface Custom<Spec = unknown> {
  metadata?: Wire<V1ObjectMeta>;
  spec?: Spec;
  status?: { conditions?: Wire<V1Condition>[] };
}

export interface PolicySpec {
  action?: string;
  selector?: { matchLabels?: Record<string, string> };
  targetRefs?: { kind: string; name: string }[];
  rules?: {
    from?: { source?: { principals?: string[] } }[];
    to?: { operation?: { methods?: string[] } }[];
  }[];
}
export interface VirtualServiceSpec {
  hosts?: string[];
  http?: { route?: { destination?: { host?: string; subset?: string }; weight?: number }[] }[];
}
export interface DestinationRuleSpec {
  host?: string;
  subsets?: { name?: string; labels?: Record<string, string> }[];
}

interface Kinds {
  nodes: Wire<V1Node>;
  systemDaemonSets: Wire<V1DaemonSet>;
  systemDeployments: Wire<V1Deployment>;
  systemPods: Wire<V1Pod>;
  /** istiod's own. */
  meshConfigs: Wire<V1ConfigMap>;
  namespaces: Wire<V1Namespace>;
  pods: Wire<V1Pod>;
  replicaSets: Wire<V1ReplicaSet>;
  services: Wire<V1Service>;
  gateways: Custom;
  policies: Custom<PolicySpec>;
  virtualServices: Custom<VirtualServiceSpec>;
  destinationRules: Custom<DestinationRuleSpec>;
}
export type ListName = keyof Kinds;

/** Namespace of the mesh's own workloads. */
export const systemNamespace = "istio-system";

/** The cluster's objects at one moment, as far as the expected results need them. */
export class Snapshot {
  /** @param lists each list, or why it could not be read. */
  constructor(private readonly lists: { [K in ListName]: Kinds[K][] | UncheckedError }) {}

  /** @throws UncheckedError when the list could not be read. */
  list<K extends ListName>(name: K): Kinds[K][] {
    const list = this.lists[name];
    if (list instanceof UncheckedError) throw list;
    return list;
  }

  /** @throws UncheckedError when the list could not be read. */
  named<K extends ListName>(list: K, name: string): Kinds[K] | undefined {
    return this.list(list).find(({ metadata }) => metadata?.name === name);
  }
}

/** The API path of each list; a kind that the API server does not know has no objects. */
function paths(namespace: string): Record<ListName, string> {
  const istio = (group: string) => `/apis/${group}.istio.io/v1/namespaces/${namespace}`;
  return {
    nodes: "/api/v1/nodes",
    systemDaemonSets: `/apis/apps/v1/namespaces/${systemNamespace}/daemonsets`,
    systemDeployments: `/apis/apps/v1/namespaces/${systemNamespace}/deployments`,
    systemPods: `/api/v1/namespaces/${systemNamespace}/pods`,
    meshConfigs: `/api/v1/namespaces/${systemNamespace}/configmaps?fieldSelector=metadata.name=istio`,
    namespaces: `/api/v1/namespaces?fieldSelector=metadata.name=${namespace}`,
    pods: `/api/v1/namespaces/${namespace}/pods`,
    replicaSets: `/apis/apps/v1/namespaces/${namespace}/replicasets`,
    services: `/api/v1/namespaces/${namespace}/services`,
    gateways: `/apis/gateway.networking.k8s.io/v1/namespaces/${namespace}/gateways`,
    policies: `${istio("security")}/authorizationpolicies`,
    virtualServices: `${istio("networking")}/virtualservices`,
    destinationRules: `${istio("networking")}/destinationrules`,
  };
}

/** Reads all lists in parallel. Never throws: a list that cannot be read throws when it is asked for. */
export async function snapshot(access: Access, namespace: string): Promise<Snapshot> {
  const lists = await Promise.all(
    Object.entries(paths(namespace)).map(async ([name, path]) => {
      try {
        return [name, (await get<{ items: unknown[] }>(access, path))?.items ?? []];
      } catch (error) {
        return [name, error instanceof UncheckedError ? error : new UncheckedError(String(error))];
      }
    }),
  );
  return new Snapshot(Object.fromEntries(lists) as ConstructorParameters<typeof Snapshot>[0]);
}
