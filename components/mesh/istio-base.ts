import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";

import { Component } from "../resources/component.js";
import { registerObject, type KubernetesObject } from "../resources/manifest.js";
import { chartRelease, type ChartSource, type Values } from "./chart.js";
import { asRegistered } from "./definitions.js";
import { systemNamespace } from "./names.js";
import { programLabels } from "../resources/program-labels.js";

export interface IstioBaseArgs extends ChartSource {
  /** Values of the chart `base`, merged deeply into the program's. Default: none. */
  helmValues?: pulumi.Input<Values>;
  /**
   * Istio's definitions, to register as separate resources (`loadIstioDefinitions`); not an Input, because they decide
   * the number of resources. Default: the chart installs them.
   */
  definitions?: KubernetesObject[];
}

/**
 * Istio's namespace, definitions and validation. Needs an API server but no worker.
 *
 * @example
 * const source = { chartRepository: "https://istio-release.storage.googleapis.com/charts", version: "1.31.1" };
 * const base = new IstioBase("istio-base", source, { provider });
 */
export class IstioBase extends Component {
  /** Name of Istio's namespace, known once it exists. */
  readonly namespace: pulumi.Output<string>;

  constructor(name: string, args: IstioBaseArgs, opts?: pulumi.ComponentResourceOptions) {
    super("oke-ambient-mesh:mesh:IstioBase", name, opts);
    const namespace = new k8s.core.v1.Namespace(
      `${name}-namespace`,
      {
        metadata: {
          name: systemNamespace,
          // The CNI agent and ztunnel use the host's network: a cluster with a stricter default would refuse their
          // Pods (https://istio.io/latest/docs/ambient/install/platform-prerequisites/).
          labels: { "pod-security.kubernetes.io/enforce": "privileged", ...programLabels },
        },
      },
      this.childOptions(),
    );
    const definitions = asRegistered(args.definitions ?? []);
    for (const definition of definitions) {
      registerObject(name, definition, this.childOptions());
    }
    const excludedCRDs = definitions.map(({ metadata }) => metadata.name);
    chartRelease(
      `${name}-base`,
      {
        chart: "base",
        releaseName: "istio-base",
        chartRepository: args.chartRepository,
        version: args.version,
        // The webhook's failure policy stays the chart's, Ignore, until istiod answers and sets Fail
        // (https://github.com/istio/istio/blob/release-1.31/manifests/charts/base/templates/defaultrevision-validatingwebhookconfiguration.yaml).
        // With Fail from the start, an `up` interrupted before istiod would fail every later preview, in which the
        // API server calls the webhook
        // (https://github.com/pulumi/pulumi-kubernetes/blob/master/provider/pkg/provider/provider.go).
        // Every Istio object depends on istiod, so none escapes validation. There is no drift either: a Release is
        // compared by its values, and an upgrade renders no failurePolicy.
        values: definitions.length > 0 ? { base: { excludedCRDs } } : {},
        overrides: args.helmValues,
      },
      this.childOptions({ dependsOn: namespace }),
    );
    this.namespace = namespace.metadata.name;
    this.registerOutputs({ namespace: this.namespace });
  }
}
