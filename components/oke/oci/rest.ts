import common from "oci-common";
import type { HttpRequest, Method } from "oci-common";

import { fetchUrl } from "../../http/fetch.js";
import type { Environment, Identity } from "../token/identity.js";
import { setting } from "../token/identity.js";

/** Services that are called without a provider plugin: the client's name in the oci provider, host and API version. */
const services = {
  identity: ["oci_identity.IdentityClient", "identity", "20160918"],
  containerEngine: ["oci_containerengine.ContainerEngineClient", "containerengine", "20180222"],
  loadBalancers: ["oci_load_balancer.LoadBalancerClient", "iaas", "20170115"],
  network: ["oci_core.VirtualNetworkClient", "iaas", "20160918"],
  limits: ["oci_limits.LimitsClient", "limits", "20190729"],
} as const;

export type Service = keyof typeof services;

/** A response other than a success. */
export class OciError extends Error {
  override readonly name = "OciError";
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
  ) {
    super(`${code} (${status}): ${message}`);
  }
}

/**
 * A service's URL with its API version. `CLIENT_HOST_OVERRIDES` (`<client>=<URL>;…`) redirects a client, as it does for
 * the oci provider.
 */
export function endpoint(service: Service, region: string, env: Environment): string {
  const [client, host, version] = services[service];
  const overrides = setting(env, "client_host_overrides") ?? env["CLIENT_HOST_OVERRIDES"] ?? "";
  const override = overrides
    .split(";")
    .map((entry) => [entry.slice(0, entry.indexOf("=")), entry.slice(entry.indexOf("=") + 1)])
    .find(([name]) => name === client)?.[1];
  if (override) return `${override}/${version}`;
  const domain =
    common.Region.fromRegionId(region)?.realm.secondLevelDomain ??
    common.Realm.OC1.secondLevelDomain;
  return `https://${host}.${region}.${host === "limits" ? "oci." : ""}${domain}/${version}`;
}

/**
 * Sends a signed request, and for a list one for each of its pages: a page may have fewer elements than the limit, or
 * none, although others follow (https://docs.oracle.com/en-us/iaas/Content/API/Concepts/usingapi.htm#nine).
 *
 * @param path after the version, with its query: `/loadBalancers?compartmentId=…`.
 * @returns the parsed body, of a list all pages; undefined for an empty one.
 * @throws OciError for a response other than a success; TypeError without a response.
 */
export async function request<T>(
  caller: Caller,
  method: Method,
  service: Service,
  path: string,
): Promise<T | undefined> {
  const first = await send(caller, method, service, path);
  if (!Array.isArray(first.body)) return first.body as T | undefined;
  const all: unknown[] = first.body;
  for (let { next } = first; next;) {
    const page = `${path}${path.includes("?") ? "&" : "?"}page=${encodeURIComponent(next)}`;
    const answer = await send(caller, method, service, page);
    all.push(...((answer.body as unknown[] | undefined) ?? []));
    next = answer.next;
  }
  return all as T;
}

/** Sends one request. @returns the parsed body, and the token of the list's next page if there is one. */
async function send(
  { identity, region, env = process.env }: Caller,
  method: Method,
  service: Service,
  path: string,
): Promise<{ body: unknown; next?: string | null }> {
  const signer = new common.DefaultRequestSigner(identity.provider);
  const signed: HttpRequest = {
    uri: `${endpoint(service, region, env)}${path}`,
    method,
    headers: new Headers({ accept: "application/json" }),
  };
  await signer.signHttpRequest(signed);
  const sent = { method, headers: signed.headers, signal: AbortSignal.timeout(60_000) };
  const response = await fetchUrl(signed.uri, sent);
  const text = await response.text();
  if (response.ok) {
    const body: unknown = text ? JSON.parse(text) : undefined;
    return { body, next: response.headers.get("opc-next-page") };
  }
  const { code, message } = parsed(text);
  throw new OciError(
    response.status,
    code ?? response.statusText,
    message ?? (text.slice(0, 200) || "no message"),
  );
}

/** The caller, and the region to call. */
export interface Caller {
  identity: Identity;
  region: string;
  env?: Environment;
}

function parsed(text: string): { code?: string; message?: string } {
  try {
    return JSON.parse(text) as { code?: string; message?: string };
  } catch {
    return {};
  }
}
