import { loadManifest } from "../observability/load.js";
import { applicationManifest } from "../observability/observability.js";
import { readManifest, type KubernetesObject } from "../resources/manifest.js";
import { gatewayApiGroup } from "../mesh/gateway-api-pins.js";
import { hasProgramLabels } from "../resources/program-labels.js";
import type { Metadata } from "./lists.js";
import { reaches, type Settings, type Stage } from "../settings/settings.js";

/** A kind of the walk-through's objects: its API path without the version's prefix, and its name for kubectl. */
interface Kind {
  /** `/apis/apps/v1`; `/api/v1` for the core kinds. */
  api: string;
  plural: string;
}

/** What each stage creates in the application's namespace. Labels on objects of an earlier stage are not listed. */
const manifests: Partial<Record<Stage, string[]>> = {
  bookinfo: ["bookinfo/workloads.yaml", "bookinfo/clients.yaml", "bookinfo/routes.yaml"],
  l4: ["l4/productpage-viewer.yaml"],
  l7: ["l7/productpage-waypoint.yaml", "l7/productpage-waypoint-policy.yaml"],
  traffic: [
    "traffic/reviews-waypoint.yaml",
    "traffic/destination-rule-reviews.yaml",
    "traffic/virtual-service-reviews-90-10.yaml",
  ],
};

/** The settings that decide which objects there are. */
type Extent = Pick<Settings, "stage"> & Partial<Pick<Settings, "observability" | "load">>;

/** The objects that the program creates in the application's namespace up to the configured stage. */
export function applicationObjects({ stage, observability, load }: Extent): KubernetesObject[] {
  const includes = reaches(stage);
  const files = (Object.keys(manifests) as Stage[])
    .filter((each) => includes(each))
    .flatMap((each) => manifests[each] ?? []);
  if (includes("bookinfo") && observability) files.push(applicationManifest);
  if (includes("bookinfo") && load) files.push(loadManifest);
  return files.flatMap((file) => readManifest(file));
}

/** The kinds of these objects, each once. */
export function kindsOf(objects: KubernetesObject[]): Kind[] {
  const kinds = objects.map(kindOf);
  return [...new Map(kinds.map((kind) => [`${kind.api}/${kind.plural}`, kind])).values()];
}

export function kindOf({ apiVersion, kind }: KubernetesObject): Kind {
  const plural = kind
    .toLowerCase()
    .replace(/([^aeiou])y$/, "$1ie")
    .concat("s");
  return { api: apiVersion.includes("/") ? `/apis/${apiVersion}` : `/api/${apiVersion}`, plural };
}

/** An object with the name of one of the walk-through's. */
export interface ExistingObject {
  kind: string;
  name: string;
  /** `serviceaccount/sleep`, `gateway.networking.istio.io/bookinfo-gateway`. */
  target: string;
  /** Whether the program created it. */
  ours: boolean;
}

/**
 * Those of the objects that are among the listed ones of their kind.
 *
 * @param isOurMesh Whether the cluster's mesh is the program's: an earlier version of it has not labeled the objects.
 */
export function existingObjects(
  objects: KubernetesObject[],
  listed: (kind: Kind) => Metadata[],
  isOurMesh: boolean,
): ExistingObject[] {
  return objects.flatMap((object) => {
    const { kind, apiVersion, metadata } = object;
    const found = listed(kindOf(object)).find(({ name }) => name === metadata.name);
    if (!found) return [];
    const group = apiVersion.includes(".") ? `.${apiVersion.split("/")[0]}` : "";
    const target = `${kind.toLowerCase()}${group}/${metadata.name}`;
    return [{ kind, name: metadata.name, target, ours: isOurs(found, isOurMesh) }];
  });
}

/**
 * Whether the program created an object with the name of one of its own. Waypoints are not labeled, and come after the
 * mesh. The provider's field managers, `pulumi-kubernetes` and `pulumi-kubernetes-<random>`, are those of any project.
 */
export const isOurs = ({ labels, managedFields = [] }: Metadata, isOurMesh: boolean): boolean =>
  hasProgramLabels(labels) ||
  (isOurMesh && managedFields.some(({ manager = "" }) => manager.startsWith("pulumi-kubernetes")));

/** Those of the program's objects that do not exist yet, with the Deployments and Services of its waypoints. */
export function missingObjects(settings: Extent, existing: ExistingObject[]): KubernetesObject[] {
  return applicationObjects(settings)
    .filter(
      ({ kind, metadata }) =>
        !existing.some((each) => each.kind === kind && each.name === metadata.name),
    )
    .flatMap((object) =>
      object.apiVersion.startsWith(`${gatewayApiGroup}/`)
        ? [object, ...ofWaypoint(object.metadata.name)]
        : [object],
    );
}

/**
 * What istiod creates for a waypoint, as far as admission looks at it
 * (https://github.com/istio/istio/blob/release-1.31/manifests/charts/istio-control/istio-discovery/files/waypoint.yaml).
 */
function ofWaypoint(name: string): KubernetesObject[] {
  const labels = { "gateway.networking.k8s.io/gateway-name": name };
  const proxy = {
    name: "istio-proxy",
    image: "istio/proxyv2",
    resources: {
      requests: { cpu: "100m", memory: "128Mi" },
      limits: { cpu: "2", memory: "1Gi" },
    },
    securityContext: {
      allowPrivilegeEscalation: false,
      capabilities: { drop: ["ALL"] },
      privileged: false,
      readOnlyRootFilesystem: true,
      runAsGroup: 1337,
      runAsNonRoot: true,
      runAsUser: 1337,
      seccompProfile: { type: "RuntimeDefault" },
    },
  };
  const template = { metadata: { labels }, spec: { containers: [proxy] } };
  return [
    { apiVersion: "apps/v1", kind: "Deployment", metadata: { name }, spec: { template } },
    { apiVersion: "v1", kind: "Service", metadata: { name } },
  ];
}
