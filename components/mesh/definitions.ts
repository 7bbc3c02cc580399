import type { KubernetesObject } from "../manifest.js";

/** By it what this program has put into a cluster is told from what was there before. */
export const ours = { "app.kubernetes.io/managed-by": "oke-ambient-mesh" };

/** Whether labels say that an object is this program's. */
export const isOurs = (labels: Record<string, string> | undefined): boolean =>
  Object.entries(ours).every(([key, value]) => labels?.[key] === value);

/**
 * CustomResourceDefinitions as the program registers them: its label, and no descriptions. Those serve
 * `kubectl explain` alone, and they are three quarters of a text that the engine would send, compare and
 * write into its checkpoint with every step.
 */
export function asRegistered(definitions: KubernetesObject[]): KubernetesObject[] {
  return definitions.map((definition) => ({
    ...(withoutDescriptions(definition) as KubernetesObject),
    metadata: {
      ...definition.metadata,
      labels: { ...definition.metadata.labels, ...ours },
    },
  }));
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
