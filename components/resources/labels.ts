import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";

import { readManifest, skipAwait, type KubernetesObject } from "./manifest.js";

/**
 * The field manager that owns the labels. A fixed name instead of a random one: an `up` after an interrupted one owns
 * the same labels, and deleting the patch removes them
 * (https://www.pulumi.com/registry/packages/kubernetes/how-to-guides/managing-resources-with-server-side-apply/).
 */
const fieldManager = { "pulumi.com/patchFieldManager": "oke-ambient-mesh" };

/**
 * Sets a manifest's `istio.io/` labels on a Service that another resource owns, as
 * `${prefix}-servicepatch-${name}`. Deleting the patch removes the labels.
 *
 * @param path a manifest with one Service, relative to `manifests/`.
 * @throws ManifestError as `readManifest` does.
 */
export function labelService(
  prefix: string,
  path: string,
  namespace: pulumi.Input<string>,
  opts: pulumi.CustomResourceOptions,
): k8s.core.v1.ServicePatch {
  const [service] = readManifest(path);
  const name = service?.metadata.name ?? "";
  return new k8s.core.v1.ServicePatch(
    `${prefix}-servicepatch-${name}`,
    {
      metadata: {
        name,
        namespace,
        labels: istioLabels(service),
        annotations: { ...fieldManager, ...skipAwait },
      },
    },
    opts,
  );
}

/**
 * Sets a manifest's `istio.io/` labels on an existing namespace, as `${prefix}-namespacepatch`. Deleting the patch
 * removes the labels.
 *
 * @param path a manifest with one Namespace, relative to `manifests/`.
 * @throws ManifestError as `readManifest` does.
 */
export function labelNamespace(
  prefix: string,
  path: string,
  namespace: pulumi.Input<string>,
  opts: pulumi.CustomResourceOptions,
): k8s.core.v1.NamespacePatch {
  const labels = istioLabels(readManifest(path)[0]);
  return new k8s.core.v1.NamespacePatch(
    `${prefix}-namespacepatch`,
    { metadata: { name: namespace, labels, annotations: fieldManager } },
    opts,
  );
}

const istioLabels = (object: KubernetesObject | undefined) =>
  Object.fromEntries(
    Object.entries(object?.metadata.labels ?? {}).filter(([label]) =>
      label.startsWith("istio.io/"),
    ),
  );
