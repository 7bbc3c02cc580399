import * as pulumi from "@pulumi/pulumi";

import { Bookinfo } from "./components/bookinfo/bookinfo.js";
import { Clients } from "./components/bookinfo/clients.js";
import { Routes } from "./components/bookinfo/routes.js";
import { Ambient } from "./components/mesh/mesh.js";
import { GatewayApi } from "./components/mesh/gateway-api.js";
import { loadGatewayApi, type GatewayApiBundle } from "./components/mesh/gateway-api-bundle.js";
import { loadIstioDefinitions } from "./components/mesh/shared-cluster.js";
import { IngressGateway } from "./components/mesh/ingress-gateway.js";
import { IstioBase } from "./components/mesh/istio-base.js";
import { loadSettings, reaches, type Settings } from "./components/settings/settings.js";
import { existing } from "./components/cluster/existing.js";
import { oke } from "./components/cluster/oke.js";
import type { Target } from "./components/cluster/target.js";
import { ProductpageAuthorization } from "./components/l4/productpage-authorization.js";
import { Enrolment } from "./components/ambient/enrollment.js";
import { ReviewsSplit } from "./components/traffic/reviews-split.js";
import { Waypoint } from "./components/l7/waypoint.js";
import { Verification } from "./components/verification/verification.js";

/** The whole environment as one graph. */
export default async function okeAmbientMesh(): Promise<Record<string, unknown>> {
  const settings = loadSettings();
  // Before the first resource: what is wrong with it must not end an `up` half-way.
  const bundle = reaches(settings.stage)("mesh")
    ? await loadGatewayApi(settings.mesh.gatewayApi)
    : undefined;
  // 1. The cluster.
  const target = settings.cluster === "oke" ? await oke(settings) : await existing(settings);
  const walk = await walkThrough(settings, target, bundle);
  if (settings.verify) verification(settings, target, walk);
  return {
    ...walk.outputs,
    ...(target.kubeconfig && { kubeconfig: target.kubeconfig }),
    clusterId: target.clusterId,
    stage: settings.stage,
    versions: { ...target.versions, ...walk.versions },
  };
}

/** What has been put on the cluster. */
interface Walk {
  steps: pulumi.Resource[];
  outputs: Record<string, unknown>;
  versions: Record<string, string>;
}

/** The walk-through from step 2 on, up to the configured stage. */
async function walkThrough(
  settings: Settings,
  target: Target,
  bundle?: GatewayApiBundle,
): Promise<Walk> {
  const { mesh } = settings;
  const { provider, cluster, workers } = target;
  const at = reaches(settings.stage);
  const walk: Walk = { steps: [], outputs: {}, versions: {} };
  const step = <T extends pulumi.Resource>(resource: T): T => {
    walk.steps.push(resource);
    return resource;
  };
  const inCluster = { provider, deletedWith: cluster };
  const onWorkers = { ...inCluster, dependsOn: workers };
  if (!at("mesh")) return walk;

  // 2. The mesh.
  const createNamespace = settings.namespace !== "default";
  const guest = cluster
    ? undefined
    : { namespace: settings.namespace, keepsNamespace: !createNamespace };
  const definitions = guest && (await loadIstioDefinitions(mesh, provider));
  const gatewayApi = bundle ? [step(new GatewayApi("gateway-api", { bundle }, inCluster))] : [];
  const base = step(
    new IstioBase(
      "istio-base",
      { ...mesh, helmValues: mesh.helmValues.base, definitions },
      inCluster,
    ),
  );
  const istio = step(
    new Ambient(
      "istio",
      { ...mesh, guest },
      { ...inCluster, dependsOn: [...workers, ...gatewayApi, base] },
    ),
  );
  const ingress = step(
    new IngressGateway(
      "ingress",
      {
        ...mesh,
        namespace: base.namespace,
        serviceType: settings.gateway.serviceType,
        annotations: target.loadBalancerAnnotations,
        serviceProvider: target.serviceProvider,
        helmValues: mesh.helmValues.gateway,
        istiod: istio.istiod,
        cluster,
      },
      { provider, dependsOn: workers },
    ),
  );
  walk.versions = { istio: mesh.version, gatewayApi: bundle?.version ?? "existing" };
  walk.outputs["gatewayAddress"] = ingress.address;
  if (!at("bookinfo")) return walk;

  // 3. The application and its clients, beside the mesh; the way in, after it.
  const bookinfo = step(
    new Bookinfo("bookinfo", { namespace: settings.namespace, createNamespace }, onWorkers),
  );
  const { namespace } = bookinfo;
  const clients = step(new Clients("clients", { namespace }, onWorkers));
  step(new Routes("routes", { namespace }, { ...inCluster, dependsOn: istio.istiod }));
  walk.outputs["productpageUrl"] = pulumi.interpolate`http://${ingress.address}/productpage`;
  if (!at("ambient")) return walk;

  // 4. Into the mesh, as it runs.
  const enrolment = step(
    new Enrolment(
      "enrolment",
      { namespace },
      { ...inCluster, dependsOn: [istio.cni, istio.ztunnel, bookinfo, clients] },
    ),
  );
  if (!at("l4")) return walk;

  // 5. Who may connect; 6. who may ask what.
  const waypoint = (name: string, manifest: string) =>
    step(new Waypoint(name, { namespace, manifest }, { ...inCluster, dependsOn: istio.istiod }));
  const waypoints = at("l7")
    ? [waypoint("productpage-waypoint", "l7/productpage-waypoint.yaml")]
    : [];
  step(
    new ProductpageAuthorization(
      "authorization",
      { namespace, layer: at("l7") ? "l7" : "l4" },
      { ...inCluster, dependsOn: [enrolment, ...waypoints] },
    ),
  );
  if (!at("traffic")) return walk;

  // 7. Which version answers.
  const reviewsWaypoint = waypoint("reviews-waypoint", "traffic/reviews-waypoint.yaml");
  step(
    new ReviewsSplit(
      "reviews-split",
      { namespace, v2Percent: settings.reviews.v2Percent },
      { ...inCluster, dependsOn: [enrolment, reviewsWaypoint] },
    ),
  );
  return walk;
}

/** What has been put there, held against what the walk-through shows: after all else. */
function verification(settings: Settings, target: Target, { steps }: Walk): void {
  const { stage, namespace, reviews, mesh, gateway, nodes } = settings;
  new Verification(
    "verification",
    {
      stage,
      namespace,
      v2Percent: reviews.v2Percent,
      workers: target.cluster ? nodes.count : 1,
      settleSeconds: settings.verifySettleSeconds,
      ...target.access,
      madeFrom: { mesh, gateway, nodes, cluster: target.clusterId, versions: target.versions },
    },
    { dependsOn: [...target.workers, ...steps] },
  );
}
