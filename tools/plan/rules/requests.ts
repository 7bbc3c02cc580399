import type { Entry, Plan } from "../plan.js";
import { at, chartOf, containers, valuesOf } from "./rule.js";
import type { GuardRail, Json, Violation } from "./rule.js";

/** Who asks for how much: CPU in thousandths, memory in MiB, on each of so many Pods. */
interface Request {
  resource: string;
  who: string;
  cpu: unknown;
  memory: unknown;
  pods: number;
}

/**
 * What Oracle advises to keep from Pods for kubelet and operating system
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
  why: "A Pod without requests is the first to be evicted, and one that asks for more than is left stays Pending until the update times out.",
  check: (plan) => {
    const workers = workersOf(plan);
    const asked = plan.entries.flatMap((entry) => requestsOf(entry, plan, workers?.count ?? 1));
    const missing = asked.flatMap(({ resource, who, cpu, memory }): Violation[] =>
      Object.entries({ cpu, memory })
        .filter(([, value]) => quantity(value) === undefined)
        .map(([name]) => ({
          resource,
          problem: `${who} has no request for ${name}; set resources.requests.${name}`,
        })),
    );
    return workers ? [...missing, ...tooMuch(asked, workers)] : missing;
  },
};

interface Workers {
  name: string;
  count: number;
  cpu: number;
  memory: number;
}

/** Undefined where the cluster is not this program's. */
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

function tooMuch(asked: Request[], workers: Workers): Violation[] {
  const sum = (of: "cpu" | "memory", unit: number) =>
    asked.reduce((total, each) => total + ((quantity(each[of]) ?? 0) / unit) * each.pods, 0);
  const cpu = Math.round(sum("cpu", 0.001));
  const memory = Math.round(sum("memory", 1024 ** 2));
  return [
    ...(cpu > workers.cpu ? [`${cpu}m CPU, and the workers have ${workers.cpu}m for Pods`] : []),
    ...(memory > workers.memory
      ? [`${memory} MiB, and the workers have ${workers.memory} MiB for Pods`]
      : []),
  ].map((problem) => ({
    resource: workers.name,
    problem: `the Pods ask for ${problem}; take nodes.count, nodes.ocpus or nodes.memoryGb up`,
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

/** How many Pods a chart's Deployment has at least: an autoscaler is on unless it is put off, and then counts alone. */
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

/** A Kubernetes quantity in its base unit; undefined when it is none. */
export function quantity(value: unknown): number | undefined {
  const match = /^(\d+(?:\.\d+)?)([a-zA-Z]*)$/.exec(String(value ?? ""));
  const unit = units[match?.[2] ?? "none"];
  return match && unit !== undefined ? Number(match[1]) * unit : undefined;
}
