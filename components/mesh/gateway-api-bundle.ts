import { createHash } from "node:crypto";

import * as pulumi from "@pulumi/pulumi";

import type { KubernetesObject } from "../resources/manifest.js";
import { cached, fetchObjects, keep } from "./download.js";
import { gatewayApiGroup as group, pinnedBundles, type PinnedBundle } from "./gateway-api-pins.js";

export { pinnedBundles } from "./gateway-api-pins.js";
export type { PinnedBundle } from "./gateway-api-pins.js";

/** A checked set of CustomResourceDefinitions. */
export interface GatewayApiBundle {
  /** `v1.6.0`, or what the definitions themselves say. */
  version: string;
  /** SHA-256 as `digestOf` counts it. */
  digest: string;
  /** Sorted by name. */
  crds: KubernetesObject[];
}

/** What has to be fetched. */
export interface BundleRequest {
  /** `https:` or `file:` URL, or a path: a file, or a folder of files. */
  location: string;
  digest: string;
  /** Present for a pinned version. */
  pinned?: PinnedBundle;
}

/** Gives the objects of a bundle. */
export type BundleSource = (request: BundleRequest) => Promise<KubernetesObject[]>;

/** Below the cache folder. */
const folder = "gateway-api";

/** What is wrong with `mesh.gatewayApi` or behind it, and what to do. */
export class GatewayApiError extends pulumi.RunError {}

let replacement: BundleSource | undefined;

/**
 * Replaces where bundles come from, for callers that must do without network and cache, such as the
 * plan. The source answers for its content: no digest is checked. `undefined` puts the default back.
 */
export function setBundleSource(source: BundleSource | undefined): void {
  replacement = source;
}

/**
 * What a text of `mesh.gatewayApi` asks for; undefined for `existing`.
 *
 * @throws GatewayApiError when it is none of: a pinned version, `existing`,
 *   `<path or URL>#sha256=<64 hexadecimal digits>`.
 */
export function parseBundleSpec(spec: string): BundleRequest | undefined {
  if (spec === "existing") return undefined;
  const pinned = pinnedBundles[spec];
  if (pinned) return { location: pinned.url, digest: pinned.digest, pinned };
  const match = /^(.+)#sha256=([0-9a-f]{64})$/.exec(spec);
  if (match?.[1] && match[2]) return { location: match[1], digest: match[2] };
  throw new GatewayApiError(
    `mesh.gatewayApi is "${spec}". It takes a pinned version (${Object.keys(pinnedBundles).join(", ")}), ` +
      `"existing" where the cluster has the definitions already, or a path or URL followed by #sha256=<digest>.`,
  );
}

/**
 * The Gateway API's definitions, checked by digest, from the cache or from where the setting says.
 * Only CustomResourceDefinitions are kept. The ValidatingAdmissionPolicy of newer bundles refuses
 * older and experimental definitions on the whole cluster: the digest does that for this program, and
 * for others it is not this program's to decide.
 *
 * @returns undefined for `existing`.
 * @throws GatewayApiError
 */
export async function loadGatewayApi(spec: string): Promise<GatewayApiBundle | undefined> {
  const request = parseBundleSpec(spec);
  if (!request) return undefined;
  if (replacement) return bundle(request, await replacement(request));
  const { location, digest } = request;
  const known = await cached(folder, digest);
  if (known) return bundle(request, JSON.parse(known) as KubernetesObject[]);

  const crds = (await objectsAt(location)).filter(
    ({ kind }) => kind === "CustomResourceDefinition",
  );
  if (crds.length === 0) {
    throw new GatewayApiError(`mesh.gatewayApi: ${location} holds no CustomResourceDefinition.`);
  }
  const text = canonicalText(crds);
  const found = sha256(text);
  if (found !== digest) {
    throw new GatewayApiError(
      `mesh.gatewayApi: the definitions at ${location} have the digest sha256=${found}, ` +
        `expected was sha256=${digest}. If the content is what you mean, put its digest into the setting:\n` +
        `  pulumi config set --path mesh.gatewayApi '${location}#sha256=${found}'`,
    );
  }
  await keep(folder, digest, text);
  return bundle(request, JSON.parse(text) as KubernetesObject[]);
}

async function objectsAt(location: string): Promise<KubernetesObject[]> {
  try {
    return await fetchObjects(location);
  } catch (error) {
    throw new GatewayApiError(
      `mesh.gatewayApi: ${(error as Error).message}\nWhere this machine has no way there, fetch the ` +
        `file elsewhere and set mesh.gatewayApi to <path>#sha256=<digest>.`,
    );
  }
}

/**
 * SHA-256, in hexadecimal, of the definitions as JSON: sorted by name, every object's keys sorted, no
 * white space. So a release's one file and a folder of the same definitions have the same digest.
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

function bundle({ pinned, digest }: BundleRequest, crds: KubernetesObject[]): GatewayApiBundle {
  const stated = crds[0]?.metadata.annotations?.[`${group}/bundle-version`];
  return { version: pinned?.version ?? stated ?? "unknown", digest, crds };
}
