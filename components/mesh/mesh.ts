import type * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";

import { childOptions } from "../resources/component.js";
import { chartRelease, mergeValues, type ChartSource, type Values } from "./chart.js";
import type { Chart } from "./names.js";
import { guestValues, registerTraces, type Guest } from "./shared-cluster.js";

export interface AmbientArgs extends ChartSource {
  /** Registry and path of Istio's images, `registry.istio.io/release`. */
  imageHub: pulumi.Input<string>;
  /**
   * `gke`, `k3d`, `k3s`, `microk8s`, `minikube`, `openshift`; default: none, as on OKE.
   * https://istio.io/latest/docs/ambient/install/platform-prerequisites/
   */
  platform?: pulumi.Input<string>;
  /** Values by chart on top of the program's, merged deeply; a secret hides those of its chart. Default: none. */
  helmValues?: Partial<Record<Chart, pulumi.Input<Values>>>;
  /** Where the cluster is somebody else's. Plain: it decides the number of resources. */
  guest?: Guest;
}

/**
 * Istio's ambient mesh: istiod decides, the CNI agent leads Pods' traffic to ztunnel, ztunnel carries
 * it. Its Pods need a worker: give `dependsOn` one.
 */
export class Ambient extends pulumi.ComponentResource {
  /** Answers for every Istio object: what creates one depends on it. */
  readonly istiod: k8s.helm.v3.Release;
  readonly cni: k8s.helm.v3.Release;
  readonly ztunnel: k8s.helm.v3.Release;

  constructor(name: string, args: AmbientArgs, opts?: pulumi.ComponentResourceOptions) {
    super("oke-ambient-mesh:mesh:Ambient", name, {}, opts);
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
        childOptions(this, opts, { dependsOn: after }),
      );
    // ztunnel mounts the CA certificate that istiod publishes. Both accept a control plane one minor ahead of
    // them, never one behind: istiod goes first (https://istio.io/latest/docs/ambient/upgrade/helm/).
    const traces = args.guest ? registerTraces(name, this, args.guest, opts) : [];
    const istiod = mergeValues(istiodValues, args.guest ? guestValues(args.guest) : {});
    this.istiod = install("istiod", "istiod", istiod, traces);
    this.cni = install("cni", "istio-cni", cniValues, [this.istiod]);
    this.ztunnel = install("ztunnel", "ztunnel", ztunnelValues, [this.istiod]);
    this.registerOutputs({});
  }
}

/** Requests: everything has to fit one small worker, and the charts' own are for large meshes. */
const istiodValues: Values = {
  profile: "ambient",
  autoscaleEnabled: false,
  resources: { requests: { cpu: "200m", memory: "512Mi" } },
  // What istiod sets on its webhook anyway, so that no upgrade takes it back for a moment. This webhook comes
  // and goes with istiod and is asked of objects that name a revision alone, of which there are none here.
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
