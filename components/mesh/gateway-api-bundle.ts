import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";

import * as pulumi from "@pulumi/pulumi";

import { cacheFolder, writeCache } from "../cache.js";
import { withoutCredentials } from "../resources/credentials.js";
import type { KubernetesObject } from "../resources/manifest.js";
import { fetchObjects } from "./download.js";
import {
  gatewayApiGroup,
  neededResources,
  pinnedBundles,
  type PinnedBundle,
} from "./gateway-api-pins.js";

/** A verified set of CustomResourceDefinitions. */
export interface GatewayApiBundle {
  /** `v1.6.0`, or what the definitions state. */
  version: string;
  /** SHA-256 as `digestOf` computes it. */
  digest: string;
  /** Sorted by name. */
  crds: KubernetesObject[];
}

/** The meaning of `mesh.gatewayApi`. */
export interface BundleRequest {
  /** `https:` or `file:` URL, or a path: a file, or a folder of files. */
  location: string;
  digest: string;
  /** Present for a pinned version. */
  pinned?: PinnedBundle;
}

/** Returns the definitions of a bundle. */
export type BundleSource = (request: BundleRequest) => Promise<KubernetesObject[]>;

/** A problem with `mesh.gatewayApi`, or with what it points to, and the next command. */
export class GatewayApiError extends pulumi.RunError {
  constructor(message: string) {
    super(withoutCredentials(message));
  }
}

/**
 * Parses `mesh.gatewayApi`.
 *
 * @returns undefined for `existing`.
 * @throws GatewayApiError unless it is a pinned version, `existing` or `<path or URL>#sha256=<64 hexadecimal digits>`.
 */
export function parseBundleSpec(spec: string): BundleRequest | undefined {
  if (spec === "existing") return undefined;
  const pinned = pinnedBundles[spec];
  if (pinned) return { location: pinned.url, digest: pinned.digest, pinned };
  const match = /^(.+)#sha256=([0-9a-f]{64})$/.exec(spec);
  if (match?.[1] && match[2]) return { location: match[1], digest: match[2] };
  throw new GatewayApiError(
    `mesh.gatewayApi = "${spec}": expected a pinned version (${Object.keys(pinnedBundles).join(", ")}), ` +
      `"existing" where the cluster has the definitions, or a path or URL followed by #sha256=<digest>.`,
  );
}

/**
 * The Gateway API's definitions, verified by digest, from the cache or the configured location. Only
 * CustomResourceDefinitions are used: the ValidatingAdmissionPolicy of newer bundles refuses older and experimental
 * definitions on the whole cluster, which is not this program's decision.
 *
 * @param source replaces cache and download, for plans and tests; its definitions are not verified.
 * @returns undefined for `existing`.
 * @throws GatewayApiError
 */
export async function loadGatewayApi(
  spec: string,
  source: BundleSource = verifiedDefinitions,
): Promise<GatewayApiBundle | undefined> {
  const request = parseBundleSpec(spec);
  if (!request) return undefined;
  const crds = await source(request);
  const stated = crds[0]?.metadata.annotations?.[`${gatewayApiGroup}/bundle-version`];
  const version = request.pinned?.version ?? stated ?? "unknown";
  return { version, digest: request.digest, crds };
}

async function verifiedDefinitions(request: BundleRequest): Promise<KubernetesObject[]> {
  const { location, digest } = request;
  const cached = cachedBundle(digest);
  if (cached) return complete(cached, location);
  const crds = await definitionsAt(location);
  const text = canonicalText(crds);
  const found = sha256(text);
  if (found !== digest) {
    throw new GatewayApiError(
      `mesh.gatewayApi: the definitions at ${location} have the digest sha256=${found}, ` +
        `expected sha256=${digest}. If you trust this content, set its digest:\n` +
        `  pulumi config set --path mesh.gatewayApi '${location}#sha256=${found}'`,
    );
  }
  writeCache(cacheFile(digest), text);
  return JSON.parse(text) as KubernetesObject[];
}

/**
 * The Gateway API's definitions at a location, as a bundle uses them.
 *
 * @throws GatewayApiError if there is none, or those that the mesh needs are missing or too old.
 */
export async function definitionsAt(location: string): Promise<KubernetesObject[]> {
  const crds = (await objectsAt(location)).filter(
    ({ kind, metadata }) => kind === "CustomResourceDefinition" && isGatewayApis(metadata.name),
  );
  if (crds.length === 0) {
    throw new GatewayApiError(
      `mesh.gatewayApi: ${location} contains no CustomResourceDefinition of the Gateway API. Expected a release of it: pulumi config set --path mesh.gatewayApi <version, or path or URL with #sha256=<digest>>`,
    );
  }
  return complete(crds, location);
}

/** Experimental definitions have a group of their own. What `kubectl get crd` prints has other groups, too. */
const isGatewayApis = (name: string) => /\.gateway\.networking\.(x-)?k8s\.io$/.test(name);

/** @throws GatewayApiError if definitions that the mesh needs are missing or too old. */
function complete(crds: KubernetesObject[], location: string): KubernetesObject[] {
  const missing = neededResources.filter((resource) => {
    const crd = crds.find(({ metadata }) => metadata.name === `${resource}.${gatewayApiGroup}`);
    const { versions = [] } = (crd?.spec ?? {}) as {
      versions?: { name: string; served?: boolean }[];
    };
    return !versions.some(({ name, served }) => name === "v1" && served);
  });
  if (missing.length === 0) return crds;
  const names = crds.map(({ metadata }) => metadata.name.split(".")[0]).join(", ");
  throw new GatewayApiError(
    `mesh.gatewayApi: ${location} lacks ${missing.join(" and ")} in v1, which the mesh needs and releases from v1.0 on have. It contains: ${names}. Expected a complete release: pulumi config set --path mesh.gatewayApi <version, or path or URL with #sha256=<digest>>`,
  );
}

async function objectsAt(location: string): Promise<KubernetesObject[]> {
  try {
    return await fetchObjects(location);
  } catch (error) {
    throw new GatewayApiError(
      `mesh.gatewayApi: ${(error as Error).message}\nWithout internet access, download the file elsewhere, then: ` +
        `pulumi config set --path mesh.gatewayApi "$(npm run -s digest -- <path>)"`,
    );
  }
}

const cacheFile = (digest: string) => join(cacheFolder(), "gateway-api", `${digest}.json`);

/** The cached definitions with that digest; undefined if they are missing or damaged. */
export function cachedBundle(digest: string): KubernetesObject[] | undefined {
  try {
    const text = readFileSync(cacheFile(digest), "utf8");
    return sha256(text) === digest ? (JSON.parse(text) as KubernetesObject[]) : undefined;
  } catch {
    return undefined;
  }
}

/**
 * SHA-256, in hexadecimal, of the definitions as JSON: sorted by name, keys sorted, without white space. So a release's
 * one file and a folder of the same definitions have the same digest.
 */
export function digestOf(crds: KubernetesObject[]): string {
  return sha256(canonicalText(crds));
}

const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");

function canonicalText(crds: KubernetesObject[]): string {
  const byName = [...crds].sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
  return JSON.stringify(canonical(byName));
}

function canonical(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(canonical);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, inner]) => [key, canonical(inner)]));
}
