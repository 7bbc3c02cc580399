import type { Properties } from "../values.js";
import type { Client } from "./client.js";
import { fromApi, listEntry } from "./mapping.js";
import { serviceError } from "./messages.js";

interface Fn {
  client: string;
  service: string;
  operation: string;
  /** The verb in the provider's error. Default: `List` for a GET, else `Create`. */
  verb?: string;
  /** The request: method, path with query, body. */
  request: (args: Properties) => [method: string, target: string, body?: Properties];
  /** The provider's result, without the arguments that it includes. */
  result: (reply: { body: unknown; text: string }, args: Properties) => Properties;
}

const identity = "oci_identity.IdentityClient";
const core = "oci_core.VirtualNetworkClient";
const engine = "oci_containerengine.ContainerEngineClient";
const limits = "oci_limits.LimitsClient";

/** The supported functions, by token. */
const functions: Record<string, Fn> = {
  "oci:Identity/getAvailabilityDomains:getAvailabilityDomains": {
    client: identity,
    service: "Identity Availability Domains",
    operation: "AvailabilityDomains",
    request: (args) => ["GET", `/20160918/availabilityDomains${query(args, "compartmentId")}`],
    result: ({ body }) => ({ availabilityDomains: body }),
  },
  "oci:Core/getServices:getServices": {
    client: core,
    service: "Core Services",
    operation: "Services",
    request: () => ["GET", "/20160918/services"],
    result: ({ body }) => ({ services: body }),
  },
  "oci:Core/getVcns:getVcns": {
    client: core,
    service: "Core Vcns",
    operation: "Vcns",
    request: (args) => ["GET", `/20160918/vcns${query(args, "compartmentId", "displayName")}`],
    result: ({ body }, args) => ({ virtualNetworks: entries(body, args) }),
  },
  "oci:ContainerEngine/getClusterOption:getClusterOption": {
    client: engine,
    service: "Containerengine Cluster Option",
    operation: "ClusterOptions",
    request: (args) => [
      "GET",
      `/20180222/clusterOptions/${String(args["clusterOptionId"])}${query(args, "compartmentId", "shouldListAllPatchVersions")}`,
    ],
    result: ({ body }) => fromApi(body as Properties),
  },
  "oci:ContainerEngine/getNodePoolOption:getNodePoolOption": {
    client: engine,
    service: "Containerengine Node Pool Option",
    operation: "NodePoolOptions",
    request: (args) => [
      "GET",
      `/20180222/nodePoolOptions/${String(args["nodePoolOptionId"])}${query(args, "compartmentId", "nodePoolOsType", "nodePoolOsArch", "nodePoolK8sVersion", "shouldListAllPatchVersions")}`,
    ],
    result: ({ body }) => fromApi(body as Properties),
  },
  "oci:ContainerEngine/getClusters:getClusters": {
    client: engine,
    service: "Containerengine Clusters",
    operation: "Clusters",
    request: (args) => ["GET", `/20180222/clusters${query(args, "compartmentId", "name")}`],
    result: ({ body }, args) => ({ clusters: entries(body, args) }),
  },
  "oci:ContainerEngine/getNodePools:getNodePools": {
    client: engine,
    service: "Containerengine Node Pools",
    operation: "NodePools",
    request: (args) => [
      "GET",
      `/20180222/nodePools${query(args, "compartmentId", "clusterId", "name")}`,
    ],
    result: ({ body }, args) => ({ nodePools: entries(body, args) }),
  },
  "oci:ContainerEngine/getClusterKubeConfig:getClusterKubeConfig": {
    client: engine,
    service: "Containerengine Cluster Kube Config",
    operation: "Kubeconfig",
    request: ({ clusterId, endpoint, tokenVersion }) => [
      "POST",
      `/20180222/clusters/${encodeURIComponent(String(clusterId))}/kubeconfig/content`,
      { endpoint, tokenVersion },
    ],
    result: ({ text }) => ({ content: text }),
  },
  "oci:Limits/getResourceAvailability:getResourceAvailability": {
    client: limits,
    service: "Limits Resource Availability",
    operation: "ResourceAvailability",
    verb: "Get",
    request: (args) => [
      "GET",
      `/20190729/services/${encodeURIComponent(String(args["serviceName"]))}/limits/${encodeURIComponent(String(args["limitName"]))}/resourceAvailability${query(args, "compartmentId", "availabilityDomain")}`,
    ],
    // The provider passes these on as texts, because they are 64-bit numbers.
    result: ({ body }) =>
      Object.fromEntries(
        Object.entries(body as Properties).map(([name, value]) => [
          name,
          ["available", "used"].includes(name) && value !== null ? String(value) : value,
        ]),
      ),
  },
};

/** Calls a function of the provider.
 *
 * @throws Error with the provider's message if OCI rejects the request. */
export async function invoke(client: Client, token: string, args: Properties): Promise<Properties> {
  const fn = functions[token];
  if (!fn) throw new Error(`the stand-in for the oci plugin has no function ${token}`);
  const [method, target, body] = fn.request(args);
  const deadline = Date.now() + 2 * 60_000;
  const reply = await client.callWithRetries(fn.client, method, target, { body, deadline });
  if (reply.status >= 400) {
    const verb = fn.verb ?? (method === "GET" ? "List" : "Create");
    throw serviceError(fn, verb, `${method} ${target}`, reply);
  }
  const id = `${token.slice(token.lastIndexOf(":") + 1)}-${target}`;
  return { ...args, id, ...fn.result(reply, args) };
}

function query(args: Properties, ...names: string[]): string {
  const given = names.filter((name) => args[name] !== undefined);
  const pairs = given.map((name): [string, string] => [name, String(args[name])]);
  return pairs.length > 0 ? `?${new URLSearchParams(pairs).toString()}` : "";
}

function entries(body: unknown, { states }: Properties): Properties[] {
  const all = (body as Properties[]).map(listEntry);
  return Array.isArray(states) ? all.filter(({ state }) => states.includes(state)) : all;
}
