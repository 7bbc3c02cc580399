import { isObject } from "../server.js";
import type { Properties } from "../server.js";
import type { Client } from "./client.js";
import { annotation, at } from "./objects.js";
import type { KubernetesObject } from "./objects.js";
import { condition, hasCondition, parseWaitFor } from "./waitfor.js";

/** What an object still lacks, in a person's words; empty: it is ready. */
export type Lacks = string[];

/** Looks at an object as it is now; some kinds need a look at other objects too. */
export type Readiness = (object: KubernetesObject, client: Client) => Lacks | Promise<Lacks>;

/** How to tell that an object is ready once it was written; undefined where being there is enough. */
export function readinessOf(inputs: KubernetesObject): Readiness | undefined {
  const waitFor = annotation(inputs, "pulumi.com/waitFor");
  if (waitFor !== undefined) return asked(waitFor);
  return kinds[`${inputs.apiVersion}/${inputs.kind}`];
}

/** The same for an object that is read: then the provider looks at some kinds, and at no annotation. */
export function readinessOfRead({ apiVersion, kind }: KubernetesObject): Readiness | undefined {
  const id = `${apiVersion}/${kind}`;
  return unlooked.includes(id) ? undefined : kinds[id];
}

function asked(waitFor: string): Readiness {
  const wanted = parseWaitFor(waitFor);
  return (object) =>
    wanted
      .filter((one) => !one.holds(object))
      .map(({ text }) => {
        const type = /^condition=([^=]+)/.exec(text)?.[1];
        return `${text} does not hold${type ? explained(object, type) : ""}`;
      });
}

// Of the kinds that the provider waits for, those that a mesh and its workloads consist of:
// https://github.com/pulumi/pulumi-kubernetes/blob/master/provider/pkg/await/awaiters.go
const kinds: Record<string, Readiness> = {
  "apps/v1/Deployment": deployment,
  "apps/v1/StatefulSet": statefulSet,
  "apps/v1/DaemonSet": daemonSet,
  "apiextensions.k8s.io/v1/CustomResourceDefinition": (crd) => needs(crd, "Established"),
  "batch/v1/Job": (job) => needs(job, "Complete"),
  "networking.k8s.io/v1/Ingress": loadBalancer,
  "v1/Namespace": (namespace) => phase(namespace, "Active"),
  "v1/Pod": (pod) => (at(pod, "status", "phase") === "Succeeded" ? [] : needs(pod, "Ready")),
  "v1/Service": service,
};

const unlooked = ["apiextensions.k8s.io/v1/CustomResourceDefinition", "v1/Namespace"];

const count = (object: Properties, ...keys: string[]): number => Number(at(object, ...keys) ?? 0);

function isObserved(object: KubernetesObject): boolean {
  return count(object, "status", "observedGeneration") >= count(object, "metadata", "generation");
}

const notSeen = ["its controller has not seen it yet"];

function deployment(object: KubernetesObject): Lacks {
  if (!isObserved(object)) return notSeen;
  const wanted = Number(at(object, "spec", "replicas") ?? 1);
  const status = (key: string) => count(object, "status", key);
  const lacks: Lacks = [];
  if (status("updatedReplicas") < wanted)
    lacks.push(`${status("updatedReplicas")} of ${wanted} replicas have the new template`);
  if (status("replicas") > status("updatedReplicas"))
    lacks.push(`${status("replicas") - status("updatedReplicas")} old replicas are still there`);
  if (status("availableReplicas") < wanted)
    lacks.push(`${status("availableReplicas")} of ${wanted} replicas are available`);
  if (lacks.length > 0 && condition(object, "Progressing")?.["status"] === "False")
    lacks.push(`the rollout has stopped${explained(object, "Progressing")}`);
  return lacks;
}

function statefulSet(object: KubernetesObject): Lacks {
  if (!isObserved(object)) return notSeen;
  const wanted = Number(at(object, "spec", "replicas") ?? 1);
  const ready = count(object, "status", "readyReplicas");
  const current = at(object, "status", "currentRevision");
  const lacks: Lacks = [];
  if (ready < wanted) lacks.push(`${ready} of ${wanted} replicas are ready`);
  const rolling = at(object, "spec", "updateStrategy", "type") !== "OnDelete";
  if (rolling && current !== at(object, "status", "updateRevision"))
    lacks.push("the new revision is not everywhere yet");
  return lacks;
}

function daemonSet(object: KubernetesObject): Lacks {
  if (!isObserved(object)) return notSeen;
  const status = (key: string) => count(object, "status", key);
  const wanted = status("desiredNumberScheduled");
  const lacks: Lacks = [];
  if (status("updatedNumberScheduled") < wanted)
    lacks.push(`${status("updatedNumberScheduled")} of ${wanted} Pods have the new template`);
  if (status("numberAvailable") < wanted)
    lacks.push(`${status("numberAvailable")} of ${wanted} Pods are available`);
  return lacks;
}

async function service(object: KubernetesObject, client: Client): Promise<Lacks> {
  const { type, clusterIP, selector } = (object["spec"] ?? {}) as Properties;
  const lacks = type === "LoadBalancer" ? loadBalancer(object) : [];
  const selects = isObject(selector) && Object.keys(selector).length > 0;
  if (type === "ExternalName" || clusterIP === "None" || !selects) return lacks;
  const slices = await client.get<{ items: Properties[] }>(
    `/apis/discovery.k8s.io/v1/namespaces/${object.metadata.namespace}/endpointslices`,
    { labelSelector: `kubernetes.io/service-name=${object.metadata.name}` },
  );
  const endpoints = slices.items.flatMap((slice) => (slice["endpoints"] ?? []) as Properties[]);
  const ready = endpoints.some((endpoint) => at(endpoint, "conditions", "ready") !== false);
  return ready ? lacks : [...lacks, "its selector matches no ready Pod"];
}

function loadBalancer(object: KubernetesObject): Lacks {
  const ingress = at(object, "status", "loadBalancer", "ingress");
  return Array.isArray(ingress) && ingress.length > 0
    ? []
    : ["no load balancer address has been given to it"];
}

function phase(object: KubernetesObject, wanted: string): Lacks {
  const now = at(object, "status", "phase");
  return now === wanted ? [] : [`its phase is ${String(now ?? "not set")}, not ${wanted}`];
}

function needs(object: KubernetesObject, type: string): Lacks {
  return hasCondition(object, type, "True") ? [] : [`it is not ${type}${explained(object, type)}`];
}

function explained(object: Properties, type: string): string {
  const { status, reason, message } = condition(object, type) ?? {};
  const why = [reason, message].filter(Boolean).join(": ");
  if (why) return ` (${why})`;
  return status === undefined ? ` (it has no condition ${type})` : ` (it is ${String(status)})`;
}
