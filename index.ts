import type * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";

import { Bookinfo } from "./components/bookinfo/bookinfo.js";
import { Clients } from "./components/bookinfo/clients.js";
import { Routes } from "./components/bookinfo/routes.js";
import { Ambient } from "./components/mesh/ambient.js";
import { GatewayApi } from "./components/mesh/gateway-api.js";
import { loadGatewayApi } from "./components/mesh/gateway-api-bundle.js";
import { IngressGateway, ociLoadBalancer } from "./components/mesh/ingress-gateway.js";
import { IstioBase } from "./components/mesh/istio-base.js";
import { chooseOke } from "./components/oke/choice.js";
import { Cluster } from "./components/oke/cluster.js";
import { Network } from "./components/oke/network.js";
import { NodePool } from "./components/oke/node-pool.js";
import { okeProvider } from "./components/oke/provider.js";
import { loadSettings, reaches, type Settings } from "./components/settings.js";
import { ProductpageAuthorization } from "./components/traffic/authorization.js";
import { Enrolment } from "./components/traffic/enrolment.js";
import { ReviewsSplit } from "./components/traffic/reviews-split.js";
import { Waypoint } from "./components/traffic/waypoint.js";

/** The whole environment as one graph, in the walk-through's order. A stage ends it early. */
export default async function okeAmbientMesh(): Promise<Record<string, unknown>> {
  const settings = loadSettings();
  const { mesh, stage } = settings;
  const at = reaches(stage);
  const bundle = at("mesh") ? await loadGatewayApi(mesh.gatewayApi) : undefined;

  // 1. The cluster.
  const target = settings.cluster === "oke" ? await oke(settings) : await existing(settings);
  const { provider, cluster, workers } = target;
  const inCluster = { provider, deletedWith: cluster };
  const onWorkers = { ...inCluster, dependsOn: workers };
  const outputs = {
    ...(target.kubeconfig && { kubeconfig: target.kubeconfig }),
    clusterId: target.clusterId,
    stage,
    versions: target.versions,
  };
  if (!at("mesh")) return outputs;

  // 2. The mesh.
  const gatewayApi = bundle && new GatewayApi("gateway-api", { bundle }, inCluster);
  const base = new IstioBase(
    "istio-base",
    { ...mesh, helmValues: mesh.helmValues.base },
    inCluster,
  );
  const istio = new Ambient("istio", mesh, {
    ...inCluster,
    dependsOn: [...workers, base, ...(gatewayApi ? [gatewayApi] : [])],
  });
  const ingress = new IngressGateway(
    "ingress",
    {
      ...mesh,
      namespace: base.namespace,
      serviceType: settings.gateway.serviceType,
      annotations: target.loadBalancerAnnotations,
      helmValues: mesh.helmValues.gateway,
      istiod: istio.istiod,
      cluster,
    },
    { provider, dependsOn: workers },
  );
  const meshOutputs = {
    ...outputs,
    gatewayAddress: ingress.address,
    versions: {
      ...outputs.versions,
      istio: mesh.version,
      gatewayApi: bundle?.version ?? "existing",
    },
  };
  if (!at("bookinfo")) return meshOutputs;

  // 3. The application and its clients, beside the mesh; the way in, after it.
  const createNamespace = settings.namespace !== "default";
  const bookinfo = new Bookinfo(
    "bookinfo",
    { namespace: settings.namespace, createNamespace },
    onWorkers,
  );
  const { namespace } = bookinfo;
  const clients = new Clients("clients", { namespace }, onWorkers);
  new Routes("routes", { namespace }, { ...inCluster, dependsOn: istio.istiod });
  const allOutputs = {
    ...meshOutputs,
    productpageUrl: pulumi.interpolate`http://${ingress.address}/productpage`,
  };
  if (!at("ambient")) return allOutputs;

  // 4. Into the mesh, as it runs.
  const enrolment = new Enrolment(
    "enrolment",
    { namespace },
    { ...inCluster, dependsOn: [istio.cni, istio.ztunnel, bookinfo, clients] },
  );
  if (!at("l4")) return allOutputs;

  // 5. and 6. Who may connect, and from l7 on who may ask what.
  const waypoint = (name: string, manifest: string) =>
    new Waypoint(name, { namespace, manifest }, { ...inCluster, dependsOn: istio.istiod });
  const productpageWaypoint =
    at("l7") && waypoint("productpage-waypoint", "l7/productpage-waypoint.yaml");
  new ProductpageAuthorization(
    "authorization",
    { namespace, layer: productpageWaypoint ? "l7" : "l4" },
    {
      ...inCluster,
      dependsOn: productpageWaypoint ? [enrolment, productpageWaypoint] : enrolment,
    },
  );
  if (!at("traffic")) return allOutputs;

  // 7. Which version answers.
  const reviewsWaypoint = waypoint("reviews-waypoint", "traffic/reviews-waypoint.yaml");
  new ReviewsSplit(
    "reviews-split",
    { namespace, v2Percent: settings.reviews.v2Percent },
    { ...inCluster, dependsOn: [enrolment, reviewsWaypoint] },
  );
  return allOutputs;
}

/** Where the rest of the graph stands. */
interface Target {
  provider: k8s.Provider;
  clusterId: pulumi.Output<string>;
  /** What Pods wait for. */
  workers: pulumi.Resource[];
  /** The cluster where it is this program's: with it goes what is in it. */
  cluster?: pulumi.Resource;
  /** Secret; Oracle's own text. */
  kubeconfig?: pulumi.Output<string>;
  loadBalancerAnnotations?: Record<string, string>;
  versions: Record<string, pulumi.Input<string>>;
}

async function oke(settings: Settings): Promise<Target> {
  const choice = await chooseOke(settings);
  const { compartmentId, freeformTags } = choice;
  const network = new Network("network", { ...settings.network, compartmentId, freeformTags });
  const cluster = new Cluster(
    "cluster",
    {
      compartmentId,
      freeformTags,
      kubernetesVersion: choice.controlPlane,
      keepVersion: choice.keepControlPlane,
      clusterType: settings.clusterType,
      vcnId: network.vcnId,
      apiSubnetId: network.apiSubnetId,
      loadBalancerSubnetId: network.loadBalancerSubnetId,
    },
    // Every rule stands before the cluster and goes after it.
    { dependsOn: network },
  );
  const nodes = new NodePool(
    "nodes",
    {
      ...settings.nodes,
      compartmentId,
      freeformTags,
      clusterId: cluster.clusterId,
      clusterType: settings.clusterType,
      kubernetesVersion: choice.worker,
      imageId: choice.imageId,
      keepImage: choice.keepWorker,
      availabilityDomains: choice.availabilityDomains,
      subnetId: network.workerSubnetId,
    },
    { dependsOn: cluster },
  );
  return {
    provider: okeProvider("kubernetes", { cluster, network }),
    clusterId: cluster.clusterId,
    workers: [nodes],
    cluster: cluster.cluster,
    kubeconfig: cluster.kubeconfig,
    loadBalancerAnnotations: ociLoadBalancer(freeformTags),
    versions: { kubernetes: cluster.kubernetesVersion, worker: nodes.kubernetesVersion },
  };
}

async function existing(settings: Settings): Promise<Target> {
  // It looks at the cluster through a client that takes longer to load than all else.
  const { existingCluster } = await import("./components/existing.js");
  const { provider, clusterId } = await existingCluster("kubernetes", settings);
  return { provider, clusterId, workers: [], versions: {} };
}
