import {
  ApiextensionsV1Api,
  ApiException,
  CoreV1Api,
  CustomObjectsApi,
  setHeaderOptions,
} from "@kubernetes/client-node";
import type { KubeConfig, V1ObjectMeta } from "@kubernetes/client-node";

import { gatewayApiGroup } from "../mesh/gateway-api-pins.js";
import { caCertificate, hasProgramLabels, istioCrdNames } from "../mesh/names.js";

/** An existing object. */
export interface Found {
  name: string;
  /** Whether it has the program's label. */
  ours: boolean;
}

/** Existing objects with names that the program or Istio uses. */
export interface Present {
  /** The Gateway API's CRDs, with their bundle's version. */
  gatewayApi: (Found & { version?: string })[];
  /** Istio's CRDs. */
  istioCrds: Found[];
  gatewayClasses: Found[];
  namespaces: Found[];
  /** ConfigMaps with an istiod's CA certificate; `name` is the namespace. */
  caCertificates: Found[];
}

const istioCrd = new RegExp(istioCrdNames);

// Names and labels only: the schemas of the definitions are megabytes.
// https://kubernetes.io/docs/reference/using-api/api-concepts/#metadata-only-fetches
const metadataOnly = () =>
  setHeaderOptions(
    "Accept",
    "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=1,application/json",
  );

/** Finds them without changing anything. */
export async function present(config: KubeConfig): Promise<Present> {
  const core = config.makeApiClient(CoreV1Api);
  const named = { fieldSelector: `metadata.name=${caCertificate}` };
  const [definitions, classes, namespaces, certificates] = await Promise.all([
    config.makeApiClient(ApiextensionsV1Api).listCustomResourceDefinition({}, metadataOnly()),
    gatewayClasses(config),
    core.listNamespace({}, metadataOnly()),
    core.listConfigMapForAllNamespaces(named, metadataOnly()),
  ]);
  const crds = definitions.items.map(({ metadata }) => metadata);
  return {
    gatewayApi: crds
      .filter((metadata) => metadata?.name?.endsWith(`.${gatewayApiGroup}`))
      .map((metadata) => ({
        ...found(metadata),
        version: metadata?.annotations?.[`${gatewayApiGroup}/bundle-version`],
      })),
    istioCrds: crds.filter((metadata) => istioCrd.test(metadata?.name ?? "")).map(found),
    gatewayClasses: classes.map(found),
    namespaces: namespaces.items.map(({ metadata }) => found(metadata)),
    caCertificates: certificates.items.map(({ metadata }) => ({
      ...found(metadata),
      name: metadata?.namespace ?? "",
    })),
  };
}

const found = (metadata: V1ObjectMeta | undefined): Found => ({
  name: metadata?.name ?? "",
  ours: hasProgramLabels(metadata?.labels),
});

/** Empty if the API server does not have the kind. */
async function gatewayClasses(config: KubeConfig): Promise<V1ObjectMeta[]> {
  const kind = { group: gatewayApiGroup, version: "v1", plural: "gatewayclasses" };
  try {
    const list = (await config.makeApiClient(CustomObjectsApi).listClusterCustomObject(kind)) as {
      items: { metadata: V1ObjectMeta }[];
    };
    return list.items.map(({ metadata }) => metadata);
  } catch (error) {
    if (error instanceof ApiException && error.code === 404) return [];
    throw error;
  }
}
