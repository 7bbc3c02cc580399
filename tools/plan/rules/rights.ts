import type { Plan } from "../plan.js";
import { at } from "./rule.js";
import type { GuardRail, Json, Violation } from "./rule.js";

const reads = ["get", "list", "watch"];
const roleTypes = /^kubernetes:rbac\.authorization\.k8s\.io\/v1:(Cluster)?Role$/;

export const rolesOnlyRead: GuardRail = {
  name: "roles only read",
  why: "Whoever reaches Kiali acts with its rights, without a login.",
  seesSecrets: false,
  check: ({ entries }) =>
    entries
      .filter(({ type }) => roleTypes.test(type))
      .flatMap(({ name, inputs }) =>
        ((inputs["rules"] ?? []) as Json[]).flatMap((rule) => problemsOf(name, rule)),
      ),
};

function problemsOf(resource: string, rule: Json): Violation[] {
  const list = (key: string) => (rule[key] ?? []) as string[];
  const writes = list("verbs").filter((verb) => !reads.includes(verb));
  const what = list("resources").join(", ") || list("nonResourceURLs").join(", ");
  const every = list("resources").includes("*") ? ["", "*"] : [];
  const secrets =
    list("resources").includes("secrets") ||
    every.some((group) => list("apiGroups").includes(group));
  return [
    ...(writes.length > 0 ? [`may ${writes.join(", ")} ${what}; allow ${reads.join(", ")}`] : []),
    ...(secrets ? [`may read Secrets; name the resources that it needs`] : []),
  ].map((problem) => ({ resource, problem }));
}

/** Types of objects by which a program can be reached from outside of the cluster, without a Service of such a type. */
const entrances =
  /^kubernetes:(networking\.k8s\.io\/v1:Ingress|gateway\.networking\.k8s\.io\/.*Route)$/;

export const onlyTheGatewayIsReached: GuardRail = {
  name: "only the gateway is reached from outside",
  why: "Prometheus and Kiali have no login, so their addresses must stay inside the cluster.",
  seesSecrets: false,
  check: ({ entries }: Plan) =>
    entries.flatMap(({ type, name, inputs }): Violation[] => {
      if (entrances.test(type))
        return [{ resource: name, problem: "opens a way into the cluster" }];
      if (type !== "kubernetes:core/v1:Service") return [];
      const service = String(at(inputs, "spec", "type") ?? "ClusterIP");
      const gateway = at(inputs, "spec", "selector", "istio") === "ingressgateway";
      return service === "ClusterIP" || gateway
        ? []
        : [{ resource: name, problem: `is a Service of type ${service}; expected ClusterIP` }];
    }),
};
