import type { KubeClient } from "../kubeconfig/client.js";
import { gatewayApiGroup } from "../mesh/gateway-api-pins.js";
import { caCertificate, istioCrdNames, systemNamespace } from "../mesh/names.js";
import { hasProgramLabels } from "../resources/program-labels.js";
import { reaches, type Settings } from "../settings/settings.js";
import { rootNamespaceOf, type AuthorizationPolicy } from "./rules/authorization.js";
import { Lists, type Metadata } from "./lists.js";
import { loadBalancerServices, mayLackLoadBalancers, type Node } from "./load-balancer.js";
import type { NetworkPolicy } from "./rules/network.js";
import {
  applicationObjects,
  existingObjects,
  isOurs,
  kindsOf,
  type ExistingObject,
} from "./objects.js";
import type { PlatformSigns } from "./platform.js";
import type { ResourceQuota } from "./rules/quota.js";
import {
  kialiObjects,
  releaseKinds,
  releaseObjects,
  type KialiObject,
  type ReleaseObject,
} from "./releases.js";

/** An existing object. */
export interface Found {
  name: string;
  /** Whether it has the program's label. */
  ours: boolean;
}

export interface FoundNamespace extends Found {
  labels?: Record<string, string>;
  isBeingDeleted?: boolean;
}

/** Existing objects that matter to the program or Istio. */
export interface Present {
  /** The Gateway API's CRDs, with their bundle's version. */
  gatewayApi: (Found & { version?: string })[];
  /** Resources of the Gateway API that the API server serves as v1: `gateways`. */
  gatewayApiV1: string[];
  /** Istio's CRDs. */
  istioCrds: Found[];
  gatewayClasses: Found[];
  namespaces: FoundNamespace[];
  /** ConfigMaps with an istiod's CA certificate; `name` is the namespace. */
  caCertificates: Found[];
  /** Objects with the names of the releases', outside of Istio's namespace. */
  releaseObjects: ReleaseObject[];
  /** Cluster-wide objects with the names of Kiali's. */
  kiali: KialiObject[];
  /** Objects in the application's namespace with the names of the walk-through's. */
  application: ExistingObject[];
  /** Others' policies in the application's, in Istio's, and in the mesh's root namespace. */
  authorizationPolicies: AuthorizationPolicy[];
  networkPolicies: NetworkPolicy[];
  /** Of the application's namespace. */
  quotas: ResourceQuota[];
  signs: Omit<PlatformSigns, "kubernetesVersion">;
  /** Whether the ingress Service needs a load balancer and nothing here shows that the cluster has any. */
  mayLackLoadBalancers: boolean;
  /** Kinds that this identity may not list: `networkpolicies`. */
  unlisted: string[];
}

/** An empty cluster. */
export const nothingPresent: Present = {
  gatewayApi: [],
  gatewayApiV1: [],
  istioCrds: [],
  gatewayClasses: [],
  namespaces: [],
  caCertificates: [],
  releaseObjects: [],
  kiali: [],
  application: [],
  authorizationPolicies: [],
  networkPolicies: [],
  quotas: [],
  signs: { crds: [] },
  mayLackLoadBalancers: false,
  unlisted: [],
};

const istioCrd = new RegExp(istioCrdNames);
const policiesApi = "/apis/security.istio.io/v1";

/** Finds them without changing anything. */
export async function present(
  client: KubeClient,
  settings: Pick<Settings, "namespace" | "stage" | "observability" | "load" | "gateway" | "mesh">,
): Promise<Present> {
  const { namespace, stage } = settings;
  const lists = new Lists(client);
  const includes = reaches(stage);
  const inNamespace = (api: string, where = namespace) => `${api}/namespaces/${where}`;
  const objects = applicationObjects(settings);
  const both = [...new Set([namespace, systemNamespace])];
  const kinds = releaseKinds(settings);
  const policies = Promise.all(
    (includes("ambient") ? [...new Set([...both, rootNamespaceOf(settings)])] : []).map((where) =>
      lists.optional<AuthorizationPolicy & { metadata: Metadata }>(
        `${inNamespace(policiesApi, where)}/authorizationpolicies`,
      ),
    ),
  );
  const [crds, v1, classes, namespaces, certificates, nodes, releases, listed, ...rest] =
    await Promise.all([
      lists.metadata("/apis/apiextensions.k8s.io/v1/customresourcedefinitions"),
      client.get<{ resources?: { name: string }[] }>(`/apis/${gatewayApiGroup}/v1`),
      lists.metadata(`/apis/${gatewayApiGroup}/v1/gatewayclasses`),
      lists.metadata("/api/v1/namespaces"),
      lists.metadata(`/api/v1/configmaps?fieldSelector=metadata.name%3D${caCertificate}`),
      lists.optional<Node & { metadata: Metadata }>("/api/v1/nodes?limit=1"),
      Promise.all(
        kinds.map(async ([kind, path]) => ({ kind, found: await lists.optionalMetadata(path) })),
      ),
      Promise.all(
        kindsOf(objects).map(async ({ api, plural }) => ({
          key: `${api}/${plural}`,
          found:
            plural === "authorizationpolicies"
              ? (await policies)
                  .flat()
                  .map(({ metadata }) => metadata)
                  .filter((metadata) => metadata.namespace === namespace)
              : await lists.optionalMetadata(`${inNamespace(api)}/${plural}`),
        })),
      ),
      includes("bookinfo")
        ? lists.optional<ResourceQuota>(`${inNamespace("/api/v1")}/resourcequotas`)
        : [],
      includes("bookinfo")
        ? Promise.all(
            both.map((where) =>
              lists.optional<NetworkPolicy>(
                `${inNamespace("/apis/networking.k8s.io/v1", where)}/networkpolicies`,
              ),
            ),
          )
        : [],
      policies,
      includes("mesh") ? loadBalancerServices(lists, settings.gateway) : undefined,
    ]);
  const [quotas, networkPolicies, authorizationPolicies, services] = rest;
  const [node] = nodes;
  const crdNames = crds.map(({ name }) => name);
  const mesh = {
    istioCrds: crds.filter(({ name }) => istioCrd.test(name)).map(found),
    namespaces: namespaces.map((metadata) => ({
      ...found(metadata),
      labels: metadata.labels,
      isBeingDeleted: metadata.deletionTimestamp !== undefined,
    })),
  };
  const meshIsOurs = isOurMesh(mesh);
  const application = existingObjects(
    objects,
    ({ api, plural }) => listed.find(({ key }) => key === `${api}/${plural}`)?.found ?? [],
    meshIsOurs,
  );
  // Those of later stages too, which an `up` to an earlier one deletes.
  const ownPolicies = applicationObjects({ ...settings, stage: "traffic" })
    .filter(({ kind }) => kind === "AuthorizationPolicy")
    .map(({ metadata }) => metadata.name);
  const isOthers = ({ metadata }: { metadata: Metadata }) =>
    !ownPolicies.includes(metadata.name) ||
    metadata.namespace !== namespace ||
    !isOurs(metadata, meshIsOurs);
  return {
    gatewayApi: crds
      .filter(({ name }) => name.endsWith(`.${gatewayApiGroup}`))
      .map((metadata) => ({
        ...found(metadata),
        version: metadata.annotations?.[`${gatewayApiGroup}/bundle-version`],
      })),
    gatewayApiV1: (v1?.resources ?? []).map(({ name }) => name),
    ...mesh,
    gatewayClasses: classes.map(found),
    caCertificates: certificates.map((metadata) => ({
      ...found(metadata),
      name: metadata.namespace ?? "",
    })),
    releaseObjects: releases.flatMap(({ kind, found }) => releaseObjects(kind, found)),
    kiali: releases.flatMap(({ kind, found }) => kialiObjects(kind, found)),
    application,
    authorizationPolicies: authorizationPolicies.flat().filter(isOthers),
    networkPolicies: networkPolicies.flat(),
    quotas,
    signs: { node: node?.metadata, crds: crdNames },
    mayLackLoadBalancers: mayLackLoadBalancers({ services, node, crds: crdNames }),
    unlisted: lists.unlisted,
  };
}

const found = ({ name, labels }: Metadata): Found => ({ name, ours: hasProgramLabels(labels) });

/** Whether its namespace or definitions have the program's label; an interrupted `up` has created only some of them. */
export function isOurMesh({
  istioCrds,
  namespaces,
}: Pick<Present, "istioCrds" | "namespaces">): boolean {
  const system = namespaces.filter(({ name }) => name === systemNamespace);
  return [...istioCrds, ...system].some(({ ours }) => ours);
}
