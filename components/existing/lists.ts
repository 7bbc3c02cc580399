import type { Answer, KubeClient } from "../kubeconfig/client.js";

/** An object's metadata as JSON. */
export interface Metadata {
  name: string;
  namespace?: string;
  uid?: string;
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
  deletionTimestamp?: string;
  managedFields?: { manager?: string }[];
}

/** Names and labels only: the schemas of definitions are megabytes. https://kubernetes.io/docs/reference/using-api/api-concepts/#metadata-only-fetches */
const metadataOnly =
  "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=1,application/json";

/** Lists objects; a kind that the API server does not have has none. */
export class Lists {
  /** Kinds that this identity may not list, of those that are optional. */
  readonly unlisted: string[] = [];

  constructor(private readonly client: KubeClient) {}

  /** @throws Error for a refusal, and what the client throws. */
  async metadata(path: string): Promise<Metadata[]> {
    const list = await this.all<{ metadata: Metadata }>(path, metadataOnly);
    return list.map(({ metadata }) => metadata);
  }

  /** As `metadata`, but none where the identity lacks permission. */
  async optionalMetadata(path: string): Promise<Metadata[]> {
    const list = await this.permitted<{ metadata: Metadata }>(path, metadataOnly);
    return list.map(({ metadata }) => metadata);
  }

  /** The objects, none where the identity lacks permission. @throws what `metadata` does. */
  optional<T>(path: string): Promise<T[]> {
    return this.permitted<T>(path, "application/json");
  }

  /** The whole objects. @throws what `metadata` does. */
  objects<T>(path: string): Promise<T[]> {
    return this.all<T>(path, "application/json");
  }

  private async permitted<T>(path: string, accept: string): Promise<T[]> {
    try {
      return await this.all<T>(path, accept);
    } catch (error) {
      if (!/^HTTP 403\b/.test((error as Error).message)) throw error;
      const kind = /([a-z]+)(\?|$)/.exec(path)?.[1] ?? path;
      if (!this.unlisted.includes(kind)) this.unlisted.push(kind);
      return [];
    }
  }

  private async all<T>(path: string, accept: string): Promise<T[]> {
    const answer = await this.client.request(path, { headers: { accept } });
    if (answer.status === 404) return [];
    if (answer.status !== 200) throw statusError(answer);
    return (JSON.parse(answer.body) as { items: T[] | null }).items ?? [];
  }
}

/** A refusal of the API server: `HTTP 403: namespaces is forbidden: …`. */
export function statusError({ status, body }: Answer): Error {
  let message = "";
  try {
    message = (JSON.parse(body) as { message?: string }).message ?? "";
  } catch {
    // Something between here and the API server answers in HTML.
  }
  return new Error(`HTTP ${status}${message && `: ${message}`}`);
}
