import type { KubernetesObject } from "../resources/manifest.js";

/** By it what this program has put into a cluster is told from what was there before. */
export const ours = { "app.kubernetes.io/managed-by": "oke-ambient-mesh" };

/** Whether labels say that an object is this program's. */
export const isOurs = (labels: Record<string, string> | undefined): boolean =>
  Object.entries(ours).every(([key, value]) => labels?.[key] === value);

/**
 * CustomResourceDefinitions as the program registers them: with its label, without descriptions, and without what the
 * API server drops or writes itself (an empty map, `status`, `metadata.creationTimestamp`): the provider would compare
 * it with the live object and show an update in every preview. Descriptions serve `kubectl explain` alone, and they
 * are three quarters of a text that the engine would send, compare and write into its checkpoint with every step.
 */
export function asRegistered(definitions: KubernetesObject[]): KubernetesObject[] {
  return definitions.map(({ apiVersion, kind, metadata, spec }) => {
    const { name, labels, annotations = {} } = metadata;
    return {
      apiVersion,
      kind,
      metadata: {
        name,
        labels: { ...labels, ...ours },
        ...(Object.keys(annotations).length > 0 && { annotations }),
      },
      spec: withoutDescriptions(spec),
    };
  });
}

/** A description is a text; a property of that name is a schema, and stays. */
function withoutDescriptions(tree: unknown): unknown {
  if (Array.isArray(tree)) return tree.map(withoutDescriptions);
  if (typeof tree !== "object" || tree === null) return tree;
  return Object.fromEntries(
    Object.entries(tree)
      .filter(([key, value]) => key !== "description" || typeof value !== "string")
      .map(([key, value]) => [key, withoutDescriptions(value)]),
  );
}
