import type { KubeClient } from "../kubeconfig/client.js";
import { gatewayApiGroup } from "../mesh/gateway-api-pins.js";
import { caCertificate, hasProgramLabels, istioCrdNames } from "../mesh/names.js";
import { listMetadata, type Metadata } from "./lists.js";

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

/** Finds them without changing anything. */
export async function present(client: KubeClient): Promise<Present> {
  const [crds = [], classes = [], namespaces = [], certificates = []] = await Promise.all(
    [
      "/apis/apiextensions.k8s.io/v1/customresourcedefinitions",
      `/apis/${gatewayApiGroup}/v1/gatewayclasses`,
      "/api/v1/namespaces",
      `/api/v1/configmaps?fieldSelector=metadata.name%3D${caCertificate}`,
    ].map((path) => listMetadata(client, path)),
  );
  return {
    gatewayApi: crds
      .filter(({ name }) => name.endsWith(`.${gatewayApiGroup}`))
      .map((metadata) => ({
        ...found(metadata),
        version: metadata.annotations?.[`${gatewayApiGroup}/bundle-version`],
      })),
    istioCrds: crds.filter(({ name }) => istioCrd.test(name)).map(found),
    gatewayClasses: classes.map(found),
    namespaces: namespaces.map(found),
    caCertificates: certificates.map((metadata) => ({
      ...found(metadata),
      name: metadata.namespace ?? "",
    })),
  };
}

const found = ({ name, labels }: Metadata): Found => ({ name, ours: hasProgramLabels(labels) });
