import type { Plan } from "../plan.js";

type Json = Record<string, unknown>;

/** An AuthorizationPolicy with action ALLOW, as registered. */
export interface Policy {
  name: string;
  /** Service accounts whose requests it admits, with the methods if it names any. */
  admits: { accounts: string[]; methods?: string[] }[];
}

/** What a stage's registered objects say about requests in Bookinfo's namespace. */
export interface Mesh {
  /** Whether the namespace's Pods are enrolled. */
  ambient: boolean;
  /** The waypoint of a Service; `ingress`: also for requests from an ingress gateway. */
  waypointOf: (service: string) => { name: string; ingress: boolean } | undefined;
  /** The policy that a waypoint enforces for a Service. */
  atWaypoint: (service: string) => Policy | undefined;
  /** The policy that ztunnel enforces for Pods with this label `app`. */
  atZtunnel: (app: string) => Policy | undefined;
  /** Versions of a Service's Pods, with the share of a VirtualService in percent if there is one. */
  versionsOf: (service: string) => { name: string; share?: number }[];
  /** Name of the VirtualService that routes requests for a Service within the mesh. */
  routeOf: (service: string) => string | undefined;
}

/** Reads the objects of a plan. */
export function meshOf({ entries }: Plan): Mesh {
  const objects = (type: RegExp) =>
    entries.filter((entry) => type.test(entry.type)).map(({ inputs }) => inputs as Json);
  const named = (type: RegExp, name: string) =>
    objects(type).find((object) => at(object, "metadata", "name") === name);
  const policies = objects(/:AuthorizationPolicy$/);
  const routes = objects(/:VirtualService$/).filter((route) => !at(route, "spec", "gateways"));
  const routeTo = (service: string) =>
    routes.find((route) => list(at(route, "spec", "hosts")).includes(service));
  return {
    ambient: objects(/:NamespacePatch$/).some(
      (patch) => at(patch, "metadata", "labels", "istio.io/dataplane-mode") === "ambient",
    ),
    waypointOf: (service) => {
      const labels = at(named(/:ServicePatch$/, service), "metadata", "labels");
      const name = at(labels, "istio.io/use-waypoint");
      const ingress = at(labels, "istio.io/ingress-use-waypoint") === "true";
      return typeof name === "string" ? { name, ingress } : undefined;
    },
    atWaypoint: (service) =>
      toPolicy(
        policies.find((policy) =>
          list(at(policy, "spec", "targetRefs")).some((target) => at(target, "name") === service),
        ),
      ),
    atZtunnel: (app) =>
      toPolicy(
        policies.find((policy) => at(policy, "spec", "selector", "matchLabels", "app") === app),
      ),
    versionsOf: (service) => {
      const versions = objects(/:Deployment$/)
        .filter((workload) => at(workload, "metadata", "labels", "app") === service)
        .map((workload) => String(at(workload, "metadata", "labels", "version")));
      const shares = list(at(list(at(routeTo(service), "spec", "http"))[0], "route"));
      const shareOf = (version: string) =>
        shares.find((route) => at(route, "destination", "subset") === version);
      return versions.sort().map((name) => ({
        name,
        ...(shares.length > 0 && { share: Number(at(shareOf(name), "weight") ?? 0) }),
      }));
    },
    routeOf: (service) => at(routeTo(service), "metadata", "name") as string | undefined,
  };
}

function toPolicy(object: Json | undefined): Policy | undefined {
  if (!object) return undefined;
  const name = String(at(object, "metadata", "name"));
  const action = at(object, "spec", "action");
  if (action !== "ALLOW") throw new Error(`AuthorizationPolicy ${name}: can't draw ${action}`);
  const admits = list(at(object, "spec", "rules")).map((rule) => {
    const principals = list(at(list(at(rule, "from"))[0], "source", "principals")).map(String);
    const methods = list(at(list(at(rule, "to"))[0], "operation", "methods")).map(String);
    return {
      accounts: principals.map((principal) => principal.slice(principal.lastIndexOf("/") + 1)),
      ...(methods.length > 0 && { methods }),
    };
  });
  return { name, admits };
}

const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);

function at(value: unknown, ...path: string[]): unknown {
  return path.reduce<unknown>(
    (inner, key) => (typeof inner === "object" && inner ? (inner as Json)[key] : undefined),
    value,
  );
}
