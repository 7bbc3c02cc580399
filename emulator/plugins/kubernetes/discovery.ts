import { setTimeout as sleep } from "node:timers/promises";
import { cancelled } from "../server.js";
import { isNotFound } from "./client.js";
import type { Client } from "./client.js";

export interface Endpoint {
  /** Path of the collection, given a namespace where the kind has one. */
  collection(namespace: string | undefined): string;
  namespaced: boolean;
}

interface ResourceList {
  resources: { name: string; kind: string; namespaced: boolean }[];
}

/** Kinds without a namespace, for when the API server cannot be asked. */
const clusterScoped = new Set(
  `APIService ClusterRole ClusterRoleBinding CustomResourceDefinition GatewayClass IngressClass
   MutatingWebhookConfiguration Namespace Node PersistentVolume PriorityClass RuntimeClass
   StorageClass ValidatingAdmissionPolicy ValidatingAdmissionPolicyBinding
   ValidatingWebhookConfiguration`.split(/\s+/),
);

/** The API server has no such kind (yet): its CustomResourceDefinition is missing. */
export class NoKind extends Error {}

/** Which path serves a kind, as the API server itself says; asked once per group and version. */
export class Discovery {
  readonly #groups = new Map<string, Promise<ResourceList>>();

  constructor(private readonly client: Client) {}

  /** @throws NoKind */
  async find(apiVersion: string, kind: string): Promise<Endpoint> {
    const wasKnown = this.#groups.has(apiVersion);
    for (const fresh of wasKnown ? [false, true] : [true]) {
      const { resources } = await this.#list(apiVersion, fresh);
      const found = resources.find((r) => r.kind === kind && !r.name.includes("/"));
      if (found) return endpoint(apiVersion, found.name, found.namespaced);
    }
    throw new NoKind(
      `the API server knows no kind "${kind}" in "${apiVersion}"; is its CustomResourceDefinition created, and does this resource depend on it?`,
    );
  }

  /** Like {@link find}, waiting for a CustomResourceDefinition that is being created. */
  async await(apiVersion: string, kind: string, seconds = 30): Promise<Endpoint> {
    for (const end = Date.now() + seconds * 1000; ;) {
      try {
        return await this.find(apiVersion, kind);
      } catch (error) {
        if (!(error instanceof NoKind) || Date.now() > end || cancelled.aborted) throw error;
        await sleep(500);
      }
    }
  }

  /** Whether a kind lives in namespaces; one that nobody knows yet is taken to. */
  async isNamespaced(apiVersion: string, kind: string): Promise<boolean> {
    try {
      return (await this.find(apiVersion, kind)).namespaced;
    } catch {
      return !clusterScoped.has(kind);
    }
  }

  #list(apiVersion: string, fresh: boolean): Promise<ResourceList> {
    const known = this.#groups.get(apiVersion);
    if (known && !fresh) return known;
    const list = this.client.get<ResourceList>(root(apiVersion)).catch((error: unknown) => {
      this.#groups.delete(apiVersion);
      if (isNotFound(error)) return { resources: [] };
      throw error;
    });
    this.#groups.set(apiVersion, list);
    return list;
  }
}

const root = (apiVersion: string) =>
  apiVersion.includes("/") ? `/apis/${apiVersion}` : `/api/${apiVersion}`;

function endpoint(apiVersion: string, plural: string, namespaced: boolean): Endpoint {
  return {
    namespaced,
    collection: (namespace) =>
      namespaced
        ? `${root(apiVersion)}/namespaces/${namespace ?? "default"}/${plural}`
        : `${root(apiVersion)}/${plural}`,
  };
}
