import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";

import { childOptions } from "../resources/component.js";
import { registerObject, type KubernetesObject } from "../resources/manifest.js";
import { chartRelease, type ChartSource, type Values } from "./chart.js";
import { asRegistered, ours } from "./definitions.js";
import { systemNamespace } from "./names.js";

export interface IstioBaseArgs extends ChartSource {
  /** Values of the chart `base` on top of the program's, merged deeply. Default: none. */
  helmValues?: pulumi.Input<Values>;
  /**
   * Istio's definitions where they are not the chart's to bring (`loadIstioDefinitions`). Plain: they
   * decide the number of resources. Default: the chart brings them.
   */
  definitions?: KubernetesObject[];
}

/** Istio's namespace, definitions and validation: needs an API server and no worker. */
export class IstioBase extends pulumi.ComponentResource {
  /** Name of Istio's namespace, known once it exists. */
  readonly namespace: pulumi.Output<string>;

  constructor(name: string, args: IstioBaseArgs, opts?: pulumi.ComponentResourceOptions) {
    super("oke-ambient-mesh:mesh:IstioBase", name, {}, opts);
    const namespace = new k8s.core.v1.Namespace(
      `${name}-namespace`,
      {
        metadata: {
          name: systemNamespace,
          // The CNI agent and ztunnel work in the host's network: a cluster that enforces a stricter
          // standard by default would refuse their Pods
          // (https://istio.io/latest/docs/ambient/install/platform-prerequisites/).
          labels: { "pod-security.kubernetes.io/enforce": "privileged", ...ours },
        },
      },
      childOptions(this, opts),
    );
    const definitions = asRegistered(args.definitions ?? []);
    for (const definition of definitions) {
      registerObject(name, definition, childOptions(this, opts));
    }
    const excludedCRDs = definitions.map(({ metadata }) => metadata.name);
    chartRelease(
      `${name}-base`,
      {
        chart: "base",
        releaseName: "istio-base",
        chartRepository: args.chartRepository,
        version: args.version,
        // No validationFailurePolicy: the chart's is Ignore, until istiod answers and sets Fail itself
        // (https://github.com/istio/istio/blob/release-1.31/manifests/charts/base/templates/defaultrevision-validatingwebhookconfiguration.yaml).
        // With Fail from the start, an `up` that ends before istiod is there leaves a webhook that nobody
        // answers, and every later preview fails: the provider has the API server try what it would create
        // (https://github.com/pulumi/pulumi-kubernetes/blob/master/provider/pkg/provider/provider.go).
        // Nothing gets round istiod meanwhile, since every Istio object depends on it. Nor is there drift:
        // a Release is compared by its values, and an upgrade renders no failurePolicy.
        values: definitions.length > 0 ? { base: { excludedCRDs } } : {},
        overrides: args.helmValues,
      },
      childOptions(this, opts, { dependsOn: namespace }),
    );
    this.namespace = namespace.metadata.name;
    this.registerOutputs({ namespace: this.namespace });
  }
}
