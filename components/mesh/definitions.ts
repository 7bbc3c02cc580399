import * as pulumi from "@pulumi/pulumi";

import { withoutCredentials } from "../resources/credentials.js";
import type { KubernetesObject } from "../resources/manifest.js";
import { locate, type ChartSource } from "./chart.js";
import { systemNamespace } from "./names.js";
import { programLabels } from "../resources/program-labels.js";

/**
 * CustomResourceDefinitions as the program registers them: with its label, without descriptions, and without what the
 * API server drops or writes itself (an empty map, `status`, `metadata.creationTimestamp`), which every preview would
 * show as an update. Descriptions serve `kubectl explain` only and are three quarters of the text, which the engine
 * would send, compare and store with every step.
 */
export function asRegistered(definitions: KubernetesObject[]): KubernetesObject[] {
  return definitions.map(({ apiVersion, kind, metadata, spec }) => {
    const { name, labels, annotations = {} } = metadata;
    return {
      apiVersion,
      kind,
      metadata: {
        name,
        labels: { ...labels, ...programLabels },
        ...(Object.keys(annotations).length > 0 && { annotations }),
      },
      spec: withoutDescriptions(spec),
    };
  });
}

/** Removes descriptions, which are strings; a schema of that name is a property and stays. */
function withoutDescriptions(tree: unknown): unknown {
  if (Array.isArray(tree)) return tree.map(withoutDescriptions);
  if (typeof tree !== "object" || tree === null) return tree;
  return Object.fromEntries(
    Object.entries(tree)
      .filter(([key, value]) => key !== "description" || typeof value !== "string")
      .map(([key, value]) => [key, withoutDescriptions(value)]),
  );
}

/**
 * Istio's CustomResourceDefinitions from the chart `base`, without the annotation `helm.sh/resource-policy: keep`, by
 * which they would outlive their release.
 *
 * @param provider fetches the chart the way it does for releases.
 * @throws pulumi.RunError if the chart can't be fetched or contains none.
 */
export async function loadIstioDefinitions(
  source: pulumi.Unwrap<ChartSource>,
  provider: pulumi.ProviderResource,
): Promise<KubernetesObject[]> {
  const { chart, version, repositoryOpts } = locate(source.chartRepository, "base", source.version);
  const options = {
    release_name: "istio-base",
    namespace: systemNamespace,
    ...(version ? { chart, version, fetch_opts: repositoryOpts } : { path: chart }),
  };
  // The call of the SDK's own Chart: sdk/nodejs/helm/v3/helm.ts in pulumi-kubernetes.
  // Errors of the provider repeat the repository's URL.
  const repository = withoutCredentials(source.chartRepository);
  const template = pulumi.runtime.invoke(
    "kubernetes:helm:template",
    { jsonOpts: JSON.stringify(options) },
    { provider },
  ) as Promise<{ result: KubernetesObject[] }>;
  const { result } = await template.catch((error: Error) => {
    throw new pulumi.RunError(
      [
        `mesh.chartRepository = ${repository}: can't read Istio's definitions from its chart base: ${withoutCredentials(error.message)}`,
        "Does it contain the chart? Otherwise: pulumi config set --path mesh.chartRepository <URL or folder>",
      ].join("\n"),
    );
  });
  const definitions = result.filter(({ kind }) => kind === "CustomResourceDefinition");
  if (definitions.length === 0) {
    throw new pulumi.RunError(
      `mesh.chartRepository = ${repository}: its chart base contains no CustomResourceDefinition.\nNext: pulumi config set --path mesh.chartRepository <URL or folder>`,
    );
  }
  return definitions.map(({ metadata, ...definition }) => {
    const annotations = { ...metadata.annotations };
    delete annotations["helm.sh/resource-policy"];
    return { ...definition, metadata: { name: metadata.name, annotations } };
  });
}
