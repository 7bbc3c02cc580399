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

/**
 * The metadata of the objects at an API path; none if the API server does not have the kind.
 *
 * @throws Error for another refusal, and what the client throws.
 */
export async function listMetadata(client: KubeClient, path: string): Promise<Metadata[]> {
  const list = await read<{ metadata: Metadata }>(client, path, metadataOnly);
  return list.map(({ metadata }) => metadata);
}

/** The objects at an API path; none if the API server does not have the kind. @throws as `listMetadata`. */
export function listObjects<T>(client: KubeClient, path: string): Promise<T[]> {
  return read<T>(client, path, "application/json");
}

async function read<T>(client: KubeClient, path: string, accept: string): Promise<T[]> {
  const answer = await client.request(path, { headers: { accept } });
  if (answer.status === 404) return [];
  if (answer.status !== 200) throw statusError(answer);
  return (JSON.parse(answer.body) as { items: T[] | null }).items ?? [];
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
