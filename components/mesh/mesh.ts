import type * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";

import { Component } from "../resources/component.js";
import { chartRelease, mergeValues, type ChartSource, type Values } from "./chart.js";
import type { GatewayApi } from "./gateway-api.js";
import type { IstioBase } from "./istio-base.js";
import type { Chart } from "./names.js";
import {
  registerIstiodLeftovers,
  sharedClusterValues,
  type SharedCluster,
} from "./shared-cluster.js";

export interface MeshArgs extends ChartSource {
  /** Registry and path of Istio's images: `registry.istio.io/release`. */
  imageHub: pulumi.Input<string>;
  /**
   * `gke`, `k3d`, `k3s`, `microk8s`, `minikube` or `openshift`. Default: none, as on OKE.
   * https://istio.io/latest/docs/ambient/install/platform-prerequisites/
   */
  platform?: pulumi.Input<string>;
  /** Values by chart, merged deeply into the program's; a secret makes all of its chart's values secret. Default: none. */
  helmValues?: Partial<Record<Chart, pulumi.Input<Values>>>;
  /** Istio's namespace and definitions. */
  base: IstioBase;
  /** The Gateway API's definitions. Default: the cluster has them. */
  gatewayApi?: GatewayApi;
  /** Workers for its Pods; empty if the cluster already has workers. */
  workers: pulumi.Resource[];
  /** Set if the program does not own the cluster; not an Input, because it decides the number of resources. */
  sharedCluster?: SharedCluster;
}

/**
 * Istio's ambient mesh: istiod, the CNI agent, which redirects Pods' traffic to ztunnel, and ztunnel, which carries it.
 *
 * @example
 * const source = { chartRepository: "https://istio-release.storage.googleapis.com/charts", version: "1.31.1" };
 * const args = { ...source, imageHub: "registry.istio.io/release", base, gatewayApi, workers: [nodePool] };
 * const mesh = new Mesh("istio", args, { provider });
 */
export class Mesh extends Component {
  /** Validates Istio objects, so they depend on it. */
  readonly istiod: k8s.helm.v3.Release;
  readonly cni: k8s.helm.v3.Release;
  readonly ztunnel: k8s.helm.v3.Release;

  constructor(name: string, args: MeshArgs, opts?: pulumi.ComponentResourceOptions) {
    const { base, gatewayApi, workers, sharedCluster } = args;
    // The token's class is that of existing stacks' state.
    super("oke-ambient-mesh:mesh:Ambient", name, opts, [
      ...workers,
      ...(gatewayApi ? [gatewayApi] : []),
      base,
    ]);
    const install = (chart: Chart, releaseName: string, values: Values, after: pulumi.Resource[]) =>
      chartRelease(
        `${name}-${chart}`,
        {
          chart,
          releaseName,
          chartRepository: args.chartRepository,
          version: args.version,
          values,
          overrides: pulumi
            .all([args.imageHub, args.version, args.platform, args.helmValues?.[chart]])
            .apply(([hub, tag, platform, helmValues]) =>
              mergeValues(
                { global: { hub, tag }, ...(platform === undefined ? {} : { platform }) },
                helmValues ?? {},
              ),
            ),
        },
        this.childOptions({ dependsOn: after }),
      );
    const leftovers = sharedCluster
      ? registerIstiodLeftovers(name, sharedCluster, (extra) => this.childOptions(extra))
      : [];
    const istiod = mergeValues(
      istiodValues,
      sharedCluster ? sharedClusterValues(sharedCluster) : {},
    );
    // istiod first: ztunnel mounts the CA's certificate, which istiod publishes, and both accept a control plane one
    // minor ahead of them, never one behind (https://istio.io/latest/docs/ambient/upgrade/helm/).
    this.istiod = install("istiod", "istiod", istiod, leftovers);
    this.cni = install("cni", "istio-cni", cniValues, [this.istiod]);
    this.ztunnel = install("ztunnel", "ztunnel", ztunnelValues, [this.istiod]);
    this.registerOutputs({});
  }
}

// The charts' own resource requests are for large meshes; these fit one small worker.

const istiodValues: Values = {
  profile: "ambient",
  autoscaleEnabled: false,
  resources: { requests: { cpu: "200m", memory: "512Mi" } },
  // What istiod itself sets on its webhook, so that no upgrade resets it for a moment. The API server calls this
  // webhook only for objects that name a revision, and the program has none.
  base: { validationFailurePolicy: "Fail" },
  global: { waypoint: { resources: { requests: { cpu: "100m", memory: "128Mi" } } } },
};

const cniValues: Values = {
  profile: "ambient",
  resources: { requests: { cpu: "50m", memory: "100Mi" } },
};

const ztunnelValues: Values = {
  resources: { requests: { cpu: "100m", memory: "256Mi" } },
};
