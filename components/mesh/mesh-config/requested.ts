import { systemNamespace } from "../names.js";

/** Part of MeshConfig as data, by its fields' names. */
export type PartialMeshConfig = Record<string, unknown>;

/** The namespaces that istiod looks at on a shared cluster. */
export function discoverySelectors(namespace: string) {
  const names = [...new Set([systemNamespace, namespace])];
  return names.map((name) => ({ matchLabels: { "kubernetes.io/metadata.name": name } }));
}

interface IstiodValues {
  meshConfig?: PartialMeshConfig;
  pilot?: { meshConfig?: PartialMeshConfig };
}

/**
 * The fields of istiod's mesh configuration that the program or the chart's values set; the chart adds its defaults.
 *
 * @param values of chart `istiod`.
 * @param namespace Bookinfo's, on a shared cluster.
 */
export function requestedMeshConfig(values: unknown, namespace?: string): PartialMeshConfig {
  const { meshConfig, pilot } = (values ?? {}) as IstiodValues;
  return {
    ...(namespace !== undefined && { discoverySelectors: discoverySelectors(namespace) }),
    ...meshConfig,
    // The chart copies these over the others.
    ...pilot?.meshConfig,
  };
}
