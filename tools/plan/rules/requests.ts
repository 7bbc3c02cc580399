import type { Entry, Plan } from "../plan.js";
import { at, chartOf, containers, valuesOf } from "./rule.js";
import type { GuardRail, Json, Violation } from "./rule.js";

/** Resource requests of one container, as Kubernetes quantities, and its number of Pods. */
interface Request {
  resource: string;
  who: string;
  cpu: unknown;
  memory: unknown;
  pods: number;
}

/**
 * What Oracle recommends to reserve for the kubelet and the operating system: CPU in thousandths, memory in MiB
 * (https://docs.oracle.com/en-us/iaas/Content/ContEng/Tasks/contengtroubleshooting_topic-node_issues.htm).
 */
const reserved = { cpu: 500 + 100, memory: 1024 + 100 };
/** An x86_64 OCPU is a core of two threads, and Kubernetes counts threads. */
const cpusPerOcpu = 2;
/** A Pod on each worker. */
const daemons = ["cni", "ztunnel"];
const workloads = ["istiod", "gateway", ...daemons];

export const requestsFitTheWorkers: GuardRail = {
  name: "requests fit the workers",
  why: "A Pod without requests is evicted first, and a Pod that requests more than is left stays Pending until the update times out.",
  seesSecrets: true,
  check: (plan) => {
    const workers = workersOf(plan);
    const asked = plan.entries.flatMap((entry) => requestsOf(entry, plan, workers?.count ?? 1));
    const missing = asked.flatMap(({ resource, who, cpu, memory }): Violation[] =>
      Object.entries({ cpu, memory })
        .filter(([, value]) => quantity(value) === undefined)
        .map(([name]) => ({
          resource,
          problem: `${who} has no ${name} request; set resources.requests.${name}`,
        })),
    );
    if (!workers) return missing;
    return [...missing, ...tooMuch(asked, workers), ...tooLittleLeft(asked, workers, plan)];
  },
};

interface Workers {
  name: string;
  count: number;
  cpu: number;
  memory: number;
}

/** Undefined for an existing cluster. */
function workersOf({ entries, settings }: Plan): Workers | undefined {
  const pool = entries.find(({ type }) => type === "oci:ContainerEngine/nodePool:NodePool");
  if (!pool) return undefined;
  const { inputs, name } = pool;
  const ocpus = Number(at(inputs, "nodeShapeConfig", "ocpus") ?? settings.nodes.ocpus);
  const memory = Number(at(inputs, "nodeShapeConfig", "memoryInGbs") ?? settings.nodes.memoryGb);
  const count = Number(at(inputs, "nodeConfigDetails", "size") ?? settings.nodes.count);
  return {
    name,
    count,
    cpu: count * (ocpus * cpusPerOcpu * 1000 - reserved.cpu),
    memory: count * (memory * 1024 - reserved.memory),
  };
}

/** CPU in thousandths, memory in MiB. */
function sumOf(asked: Request[]): { cpu: number; memory: number } {
  const sum = (of: "cpu" | "memory", unit: number) =>
    asked.reduce((total, each) => total + ((quantity(each[of]) ?? 0) / unit) * each.pods, 0);
  return { cpu: Math.round(sum("cpu", 0.001)), memory: Math.round(sum("memory", 1024 ** 2)) };
}

/** With `observability` or `load` a quarter of the workers stays free: both are additions, and Bookinfo comes first. */
function tooLittleLeft(asked: Request[], workers: Workers, { settings }: Plan): Violation[] {
  if (!settings.observability && settings.load === 0) return [];
  const { cpu, memory } = sumOf(asked);
  if (cpu > workers.cpu || memory > workers.memory) return [];
  const left = { CPU: 1 - cpu / workers.cpu, memory: 1 - memory / workers.memory };
  return Object.entries(left)
    .filter(([, share]) => share < 0.25)
    .map(([name, share]) => ({
      resource: workers.name,
      problem: `with observability and load, the Pods leave ${Math.floor(share * 100)} % of the ${name} free; expected 25 %. Increase nodes.count, nodes.ocpus, or nodes.memoryGb`,
    }));
}

function tooMuch(asked: Request[], workers: Workers): Violation[] {
  const { cpu, memory } = sumOf(asked);
  return [
    ...(cpu > workers.cpu ? [`${cpu}m CPU, but the workers have ${workers.cpu}m for Pods`] : []),
    ...(memory > workers.memory
      ? [`${memory} MiB, but the workers have ${workers.memory} MiB for Pods`]
      : []),
  ].map((problem) => ({
    resource: workers.name,
    problem: `the Pods request ${problem}; increase nodes.count, nodes.ocpus, or nodes.memoryGb`,
  }));
}

function requestsOf(entry: Entry, plan: Plan, workers: number): Request[] {
  const resource = entry.name;
  const of = (who: string, requests: unknown, pods: number): Request => {
    const { cpu, memory } = (requests ?? {}) as Json;
    return { resource, who, cpu, memory, pods };
  };
  const replicas = Number(at(entry.inputs, "spec", "replicas") ?? 1);
  const own = containers(entry).map(({ name, requests }) =>
    of(`container ${name}`, requests, entry.type.endsWith(":DaemonSet") ? workers : replicas),
  );
  const chart = chartOf(entry);
  if (chart !== undefined && workloads.includes(chart)) {
    const values = valuesOf(entry);
    const pods = daemons.includes(chart) ? workers : podsOf(chart, values);
    own.push(of(`chart ${chart}`, at(values, "resources", "requests"), pods));
  }
  if (at(entry.inputs, "spec", "gatewayClassName") === "istio-waypoint") {
    const istiod = plan.entries.find((other) => chartOf(other) === "istiod");
    const requests = istiod && at(valuesOf(istiod), "global", "waypoint", "resources", "requests");
    own.push(of("the waypoint (istiod's values.global.waypoint)", requests, 1));
  }
  return own;
}

/** The minimum number of Pods of a chart's Deployment; its autoscaler, on by default, overrides the replica count. */
function podsOf(chart: string, values: unknown): number {
  const [scales, least] =
    chart === "gateway"
      ? [at(values, "autoscaling", "enabled"), at(values, "autoscaling", "minReplicas")]
      : [at(values, "autoscaleEnabled"), at(values, "autoscaleMin")];
  return Number((scales ?? true) ? least : at(values, "replicaCount")) || 1;
}

const units: Record<string, number> = {
  "": 1,
  m: 0.001,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  Ki: 1024,
  Mi: 1024 ** 2,
  Gi: 1024 ** 3,
};

/** A Kubernetes quantity in its base unit; undefined for anything else. */
export function quantity(value: unknown): number | undefined {
  const match = /^(\d+(?:\.\d+)?)([a-zA-Z]*)$/.exec(String(value ?? ""));
  const unit = units[match?.[2] ?? "none"];
  return match && unit !== undefined ? Number(match[1]) * unit : undefined;
}
