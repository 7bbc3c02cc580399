import type { Cloud } from "../cloud.js";
import { type Body, part } from "../state/body.js";
import { invalid } from "../state/errors.js";
import { type Handler, inCompartment, ok } from "./route.js";

/** What the tenancy may have of everything. */
const limit = 50;

/** Resources that count against a limit of the region. */
const kinds: Record<string, string> = {
  "vcn-count": "vcn",
  "lb-flexible-count": "loadbalancer",
  "cluster-count": "cluster",
};

/** The service limits of a new tenancy: https://docs.oracle.com/en-us/iaas/api/#/en/limits/20190729/ResourceAvailability/GetResourceAvailability */
export const limits: Record<string, Handler> = {
  "GET /20190729/services/:service/limits/:limit/resourceAvailability": (cloud, call) => {
    inCompartment(call);
    const [service, name = ""] = call.params;
    const { availabilityDomain } = call.query;
    // Limits of compute apply to a domain; the API requires it for these, and refuses it for others.
    if ((service === "compute") !== (availabilityDomain !== undefined)) {
      throw invalid(`availabilityDomain does not fit the scope of the limit ${name}`);
    }
    const used = availabilityDomain ? inUse(cloud, name, availabilityDomain) : count(cloud, name);
    return ok({ used, available: Math.max(0, limit - used) });
  },
};

const count = (cloud: Cloud, name: string) =>
  cloud.store.all(kinds[name] ?? "").filter(({ item }) => item.lifecycleState !== "DELETED").length;

/** OCPUs or GB of memory of the workers in a domain, of the shape whose series the limit names. */
function inUse(cloud: Cloud, name: string, availabilityDomain: string): number {
  const [, series = "", size] = /^([a-z0-9-]+?)-(core|memory)(?:-ad)?-count$/.exec(name) ?? [];
  return cloud.nodePools
    .list()
    .flatMap((pool) => pool["nodes"] as Body[])
    .filter((node) => node["availabilityDomain"] === availabilityDomain)
    .map((node) => part(node, "specification"))
    .filter(({ shape }) => seriesOf(shape) === series)
    .map(({ ocpus, memoryInGBs }) => Number((size === "core" ? ocpus : memoryInGBs) ?? 0))
    .reduce((sum, one) => sum + one, 0);
}

/** `standard-e4` of `VM.Standard.E4.Flex`. */
const seriesOf = (shape: unknown) =>
  String(shape)
    .toLowerCase()
    .replace(/^vm\.|\.flex$/g, "")
    .replaceAll(".", "-");
