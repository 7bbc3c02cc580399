import * as pulumi from "@pulumi/pulumi";

import { Enrollment } from "./components/ambient/enrollment.js";
import { Bookinfo, Clients, Routes } from "./components/bookinfo/bookinfo.js";
import type { TargetCluster } from "./components/cluster/target.js";
import type { ClusterInspector } from "./components/existing/provider.js";
import { ProductpageAuthorization } from "./components/l4/productpage-authorization.js";
import { Waypoint } from "./components/l7/waypoint.js";
import { loadIstioDefinitions } from "./components/mesh/definitions.js";
import { GatewayApi } from "./components/mesh/gateway-api.js";
import {
  loadGatewayApi,
  type BundleSource,
  type GatewayApiBundle,
} from "./components/mesh/gateway-api-bundle.js";
import { IngressGateway } from "./components/mesh/ingress-gateway.js";
import { IstioBase } from "./components/mesh/istio-base.js";
import { Mesh } from "./components/mesh/mesh.js";
import { requestedMeshConfig } from "./components/mesh/mesh-config/requested.js";
import { Load } from "./components/observability/load.js";
import { Observability, WaypointMetrics } from "./components/observability/observability.js";
import { expiryText, isExpired } from "./components/settings/expiry.js";
import { sealed } from "./components/resources/sealing.js";
import { loadSettings, reaches, type Settings } from "./components/settings/settings.js";
import type { StackFile } from "./components/settings/stack-file.js";
import { ReviewsSplit } from "./components/traffic/reviews-split.js";
import { Verification } from "./components/verification/verification.js";

/** What the program asks the world outside Pulumi; plans and tests answer instead. */
export interface Sources {
  /** Default: asks the existing cluster's API server. */
  inspectCluster?: ClusterInspector;
  /** Default: the cache, then the configured location. */
  gatewayApi?: BundleSource;
  /** Default: the stack's file in the project's folder. */
  stackFile?: StackFile;
}

/** The whole environment as one graph. */
export default async function okeAmbientMesh(
  sources: Sources = {},
): Promise<Record<string, unknown>> {
  const settings = loadSettings(sources.stackFile);
  const { expiresAt } = settings;
  if (expiresAt) await announceExpiry(expiresAt);
  // Before the first resource, so that a problem with the definitions does not interrupt an `up`.
  const bundle = reaches(settings.stage)("mesh")
    ? await loadGatewayApi(settings.mesh.gatewayApi, sources.gatewayApi)
    : undefined;
  const target = await stageCluster(settings, sources);
  const deployed = await deploy(settings, target, bundle);
  if (settings.verify) verify(settings, target, deployed.resources);
  return sealed({
    ...deployed.outputs,
    ...(target.kubeconfig && { kubeconfig: target.kubeconfig }),
    clusterId: target.clusterId,
    ...(expiresAt && { expiresAt }),
    stage: settings.stage,
    versions: { ...target.versions, ...deployed.versions },
  });
}

/** Says how long is left: `npm run expire` destroys what has expired. */
function announceExpiry(expiresAt: string): Promise<void> {
  const text = `This environment ${expiryText(expiresAt)}.`;
  return isExpired(expiresAt)
    ? pulumi.log.warn(`${text} Extend it with: npm run expire -- --in 8h`)
    : pulumi.log.info(text);
}

/** Stage `cluster`. Loads only the branch that it takes: the oci SDK alone is a fifth of the time to the first resource. */
async function stageCluster(
  settings: Settings,
  { inspectCluster }: Sources,
): Promise<TargetCluster> {
  if (settings.cluster === "oke") {
    const { createOkeCluster } = await import("./components/cluster/oke.js");
    return createOkeCluster(settings);
  }
  const { useExistingCluster } = await import("./components/cluster/existing.js");
  return useExistingCluster(settings, inspectCluster);
}

interface Deployed {
  resources: pulumi.Resource[];
  outputs: Record<string, unknown>;
  versions: Record<string, string>;
}

/** Deploys the stages after `cluster`, up to the configured one. */
async function deploy(
  settings: Settings,
  target: TargetCluster,
  bundle?: GatewayApiBundle,
): Promise<Deployed> {
  const { mesh: source } = settings;
  const { provider, cluster, workers } = target;
  const includes = reaches(settings.stage);
  const deployed: Deployed = { resources: [], outputs: {}, versions: {} };
  const add = <T extends pulumi.Resource>(resource: T): T => {
    deployed.resources.push(resource);
    return resource;
  };
  // What is in a cluster of the program's own is deleted with it.
  const inCluster = { provider, deletedWith: cluster };
  if (!includes("mesh")) return deployed;

  // Stage mesh.
  const createNamespace = settings.namespace !== "default";
  const sharedCluster = cluster
    ? undefined
    : { namespace: settings.namespace, keepsNamespace: !createNamespace };
  const definitions = sharedCluster && (await loadIstioDefinitions(source, provider));
  const gatewayApi = bundle && add(new GatewayApi("gateway-api", { bundle }, inCluster));
  const base = add(
    new IstioBase(
      "istio-base",
      { ...source, helmValues: source.helmValues.base, definitions },
      inCluster,
    ),
  );
  const mesh = add(
    new Mesh("istio", { ...source, base, gatewayApi, workers, sharedCluster }, inCluster),
  );
  const ingress = add(
    new IngressGateway(
      "ingress",
      {
        ...source,
        namespace: base.namespace,
        serviceType: settings.gateway.serviceType,
        annotations: target.loadBalancerAnnotations,
        serviceProvider: target.serviceProvider,
        helmValues: source.helmValues.gateway,
        istiod: mesh.istiod,
        cluster,
        workers,
      },
      { provider },
    ),
  );
  if (settings.observability) {
    const { namespace } = settings;
    const args = { systemNamespace: base.namespace, namespace, workers };
    add(new Observability("observability", args, inCluster));
  }
  deployed.versions = { istio: source.version, gatewayApi: bundle?.version ?? "existing" };
  deployed.outputs["gatewayAddress"] = ingress.address;
  if (!includes("bookinfo")) return deployed;

  // Stage bookinfo: beside the mesh, except for the routes.
  const bookinfo = add(
    new Bookinfo(
      "bookinfo",
      { namespace: settings.namespace, createNamespace, workers },
      inCluster,
    ),
  );
  const { namespace } = bookinfo;
  const clients = add(new Clients("clients", { namespace, workers }, inCluster));
  add(new Routes("routes", { namespace, istiod: mesh.istiod }, inCluster));
  if (settings.observability)
    add(new WaypointMetrics("waypoint-metrics", { namespace }, inCluster));
  if (settings.load > 0) {
    add(new Load("load", { namespace, rate: settings.load, clients, workers }, inCluster));
  }
  deployed.outputs["productpageUrl"] = pulumi.interpolate`http://${ingress.address}/productpage`;
  if (!includes("ambient")) return deployed;

  // Stage ambient. The spelling of the name is that of existing stacks' state.
  const enrollment = add(
    new Enrollment("enrolment", { namespace, mesh, workloads: [bookinfo, clients] }, inCluster),
  );
  if (!includes("l4")) return deployed;

  // Stages l4 and l7.
  const addWaypoint = (name: string, manifest: string) =>
    add(new Waypoint(name, { namespace, manifest, istiod: mesh.istiod }, inCluster));
  const waypoint = includes("l7")
    ? addWaypoint("productpage-waypoint", "l7/productpage-waypoint.yaml")
    : undefined;
  add(
    new ProductpageAuthorization("authorization", { namespace, enrollment, waypoint }, inCluster),
  );
  if (!includes("traffic")) return deployed;

  // Stage traffic.
  const reviewsWaypoint = addWaypoint("reviews-waypoint", "traffic/reviews-waypoint.yaml");
  const { v2Percent } = settings.reviews;
  add(
    new ReviewsSplit(
      "reviews-split",
      { namespace, v2Percent, enrollment, waypoint: reviewsWaypoint },
      inCluster,
    ),
  );
  return deployed;
}

/** Registers the last resource, which compares the cluster with the walk-through's expected results. */
function verify(settings: Settings, target: TargetCluster, deployed: pulumi.Resource[]): void {
  const { stage, namespace, reviews, observability, mesh, gateway, nodes } = settings;
  new Verification("verification", {
    stage,
    namespace,
    v2Percent: reviews.v2Percent,
    observability,
    meshConfig: pulumi
      .output(mesh.helmValues.istiod)
      .apply((values) => requestedMeshConfig(values, target.cluster ? undefined : namespace)),
    workers: target.cluster ? nodes.count : 1,
    settleSeconds: settings.verifySettleSeconds,
    ...target.access,
    rerunOn: { mesh, gateway, nodes, cluster: target.clusterId, versions: target.versions },
    deployed: [...target.workers, ...deployed],
  });
}
