import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";

import { Component } from "../resources/component.js";
import { explainFailures, type Advice } from "../resources/hooks.js";
import { skipAwait } from "../resources/manifest.js";
import { chartRelease, type ChartSource, type Values } from "./chart.js";
import { ingress, systemNamespace } from "./names.js";

export interface IngressGatewayArgs extends ChartSource {
  /** Name of Istio's namespace. */
  namespace: pulumi.Input<string>;
  /** The Service's type: `LoadBalancer`, or another type if the cluster has no load balancers. */
  serviceType: pulumi.Input<"LoadBalancer" | "NodePort" | "ClusterIP">;
  /** Annotations of the Service; on OKE those of `ociLoadBalancer`. Default: none. */
  annotations?: pulumi.Input<Record<string, pulumi.Input<string>>>;
  /** Values of the chart `gateway`, merged deeply into the program's. Default: none. */
  helmValues?: pulumi.Input<Values>;
  /** Injects the gateway's image, so the Release depends on it; the Service does not. */
  istiod: pulumi.Resource;
  /**
   * The cluster, if the program owns it: the Release is deleted with it. The Service is not, because its load
   * balancer costs money and blocks the subnet until the Service is deleted. Do not set `deletedWith` on the component:
   * the Service would inherit it (https://www.pulumi.com/docs/iac/concepts/resources/options/deletedwith/).
   */
  cluster?: pulumi.Resource;
  /** Workers for its Pods; empty if the cluster already has workers. */
  workers: pulumi.Resource[];
  /** The Service's provider, which removes it from the state when the cluster is unreachable. Default: the component's. */
  serviceProvider?: pulumi.ProviderResource;
}

/**
 * Istio's ingress gateway and its address.
 *
 * @example
 * const source = { chartRepository: "https://istio-release.storage.googleapis.com/charts", version: "1.31.1" };
 * const args = { ...source, namespace: base.namespace, serviceType: "NodePort", istiod: mesh.istiod, workers: [] };
 * const { address } = new IngressGateway("ingress", args, { provider });
 */
export class IngressGateway extends Component {
  /**
   * The address for requests from outside: the load balancer's, or `<pending>`; for a NodePort `<node>:<port>`, where
   * `<node>` is any node's address; for a ClusterIP its name in the cluster.
   */
  readonly address: pulumi.Output<string>;

  constructor(name: string, args: IngressGatewayArgs, opts?: pulumi.ComponentResourceOptions) {
    super("oke-ambient-mesh:mesh:IngressGateway", name, opts, args.workers);
    chartRelease(
      `${name}-release`,
      {
        chart: "gateway",
        releaseName: ingress.name,
        chartRepository: args.chartRepository,
        version: args.version,
        values: gatewayValues,
        overrides: args.helmValues,
      },
      this.childOptions({ dependsOn: args.istiod, deletedWith: args.cluster }),
    );
    const service = new k8s.core.v1.Service(
      `${name}-load-balancer`,
      {
        metadata: {
          name: ingress.name,
          namespace: args.namespace,
          labels: ingress.labels,
          annotations: pulumi
            .all([args.annotations, args.serviceType])
            .apply(([annotations, type]) => ({ ...annotations, ...awaited(type) })),
        },
        spec: {
          type: args.serviceType,
          selector: ingress.labels,
          ports: [
            { name: "http2", port: 80, targetPort: 80 },
            { name: "https", port: 443, targetPort: 443 },
          ],
        },
      },
      this.childOptions({
        customTimeouts: { create: "15m", delete: "15m" },
        hooks: explainFailures(`${name}-load-balancer-failure`, addressAdvice, this),
        ...(args.serviceProvider && { provider: args.serviceProvider }),
      }),
    );
    this.address = pulumi
      .output(args.serviceType)
      .apply((type) => addressOf(type, service, args.namespace));
    this.registerOutputs({ address: this.address });
  }
}

/**
 * Makes the provider wait for the load balancer's address alone. By default it also waits for the gateway's Pods, as the
 * Release does: where istiod has failed, there will be none, and an `up` would go on for all of the 15 minutes
 * (https://github.com/pulumi/pulumi-kubernetes/blob/v4.25.0/provider/pkg/metadata/overrides.go).
 */
function awaited(type: string): Record<string, string> {
  return type === "LoadBalancer"
    ? { "pulumi.com/waitFor": "jsonpath={.status.loadBalancer.ingress[0]}" }
    : skipAwait;
}

/** Advice about a load balancer without an address. */
export const addressAdvice: Advice = (errors) =>
  errors.some((error) => /timed out waiting/.test(error))
    ? [
        `Service ${ingress.name} in ${systemNamespace} got no address from a load balancer.`,
        `To see why:                              kubectl describe service ${ingress.name} -n ${systemNamespace}`,
        "Where the cluster has no load balancers: pulumi config set --path gateway.serviceType NodePort",
      ].join("\n")
    : undefined;

/** The status as it is; the SDK's types have no optional fields. */
interface Status {
  loadBalancer?: { ingress?: { ip?: string; hostname?: string }[] };
}

function addressOf(
  type: string,
  { spec, status }: k8s.core.v1.Service,
  namespace: pulumi.Input<string>,
): pulumi.Output<string> {
  if (type === "LoadBalancer") {
    // There is no address in the preview of a new load balancer, nor after the wait for one timed out.
    return (status as pulumi.Output<Status | undefined>).apply((known) => {
      const at = known?.loadBalancer?.ingress?.[0];
      // kubectl shows `<pending>` too.
      return at?.ip ?? at?.hostname ?? "<pending>";
    });
  }
  if (type === "NodePort") {
    // The port is unknown in the first preview, in which the namespace does not exist.
    return spec.apply(({ ports }) => `<node>:${ports[0]?.nodePort ?? "<port>"}`);
  }
  return pulumi.interpolate`${ingress.name}.${namespace}.svc.cluster.local`;
}

/** The Service is a separate resource, so that its address need not wait for istiod. */
const gatewayValues: Values = {
  serviceAccount: { name: ingress.serviceAccount },
  service: { type: "None" },
  autoscaling: { enabled: false },
  resources: { requests: { cpu: "100m", memory: "128Mi" } },
};

/**
 * The Service's annotations on OKE: the smallest flexible load balancer, unmanaged security lists, which are the
 * stack's, and the stack's tags, by which the load balancer is found.
 * https://github.com/oracle/oci-cloud-controller-manager/blob/master/docs/load-balancer-annotations.md
 */
export function ociLoadBalancer(freeformTags: Record<string, string>): Record<string, string> {
  const loadBalancer = "service.beta.kubernetes.io/oci-load-balancer";
  return {
    "oci.oraclecloud.com/load-balancer-type": "lb",
    [`${loadBalancer}-shape`]: "flexible",
    [`${loadBalancer}-shape-flex-min`]: "10",
    [`${loadBalancer}-shape-flex-max`]: "10",
    [`${loadBalancer}-security-list-management-mode`]: "None",
    "oci.oraclecloud.com/initial-freeform-tags-override": JSON.stringify(freeformTags),
  };
}
