import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";

import { childOptions } from "../resources/component.js";
import { chartRelease, type ChartSource, type Values } from "./chart.js";
import { ingress } from "./names.js";

export interface IngressGatewayArgs extends ChartSource {
  /** Istio's namespace. */
  namespace: pulumi.Input<string>;
  /** `LoadBalancer`, or `NodePort` and `ClusterIP` where there is none. */
  serviceType: pulumi.Input<"LoadBalancer" | "NodePort" | "ClusterIP">;
  /** Annotations of the Service, such as `ociLoadBalancer` gives. Default: none. */
  annotations?: pulumi.Input<Record<string, pulumi.Input<string>>>;
  /** Values of the chart `gateway` on top of the program's, merged deeply. Default: none. */
  helmValues?: pulumi.Input<Values>;
  /** Fills in the gateway's image: the Release waits for it, the Service does not. */
  istiod: pulumi.Resource;
  /**
   * The cluster, where it is this program's: the Release goes with it. The Service never does: its load
   * balancer costs money and stands in the subnet until the Service is deleted. For the same reason
   * this component takes no `deletedWith` of its own, which children inherit
   * (https://www.pulumi.com/docs/iac/concepts/resources/options/deletedwith/).
   */
  cluster?: pulumi.Resource;
  /** Provider of the Service alone, one that forgets what is unreachable. Default: the component's own. */
  serviceProvider?: pulumi.ProviderResource;
}

/** The classic ingress gateway and its address. Its Pods need a worker: give `dependsOn` one. */
export class IngressGateway extends pulumi.ComponentResource {
  /**
   * Where requests from outside go: the load balancer's address, `<pending>` while it has none; for a
   * NodePort `<node>:<port>`, to be completed with any node's address; for a ClusterIP its name in the cluster.
   */
  readonly address: pulumi.Output<string>;

  constructor(name: string, args: IngressGatewayArgs, opts?: pulumi.ComponentResourceOptions) {
    super("oke-ambient-mesh:mesh:IngressGateway", name, {}, opts);
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
      childOptions(this, opts, { dependsOn: args.istiod, deletedWith: args.cluster }),
    );
    const service = new k8s.core.v1.Service(
      `${name}-load-balancer`,
      {
        metadata: {
          name: ingress.name,
          namespace: args.namespace,
          labels: ingress.labels,
          annotations: args.annotations,
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
      // The provider waits for an address and for the gateway's Pods.
      childOptions(this, opts, {
        customTimeouts: { create: "15m", delete: "15m" },
        ...(args.serviceProvider && { provider: args.serviceProvider }),
      }),
    );
    this.address = pulumi
      .output(args.serviceType)
      .apply((type) => addressOf(type, service, args.namespace));
    this.registerOutputs({ address: this.address });
  }
}

/** As it comes; by the SDK's types all of it is there. */
interface Status {
  loadBalancer?: { ingress?: { ip?: string; hostname?: string }[] };
}

function addressOf(
  type: string,
  { spec, status }: k8s.core.v1.Service,
  namespace: pulumi.Input<string>,
): pulumi.Output<string> {
  if (type === "LoadBalancer") {
    // A Service that is about to become one has no address yet in a preview, nor has one that waited in vain.
    return (status as pulumi.Output<Status | undefined>).apply((known) => {
      const at = known?.loadBalancer?.ingress?.[0];
      // As kubectl shows it.
      return at?.ip ?? at?.hostname ?? "<pending>";
    });
  }
  if (type === "NodePort") {
    // The first preview, in which the namespace is not there yet, knows no port.
    return spec.apply(({ ports }) => `<node>:${ports[0]?.nodePort ?? "<port>"}`);
  }
  return pulumi.interpolate`${ingress.name}.${namespace}.svc.cluster.local`;
}

/** `None`: the Service is a resource of its own, whose address need not wait for istiod. */
const gatewayValues: Values = {
  serviceAccount: { name: ingress.serviceAccount },
  service: { type: "None" },
  autoscaling: { enabled: false },
  resources: { requests: { cpu: "100m", memory: "128Mi" } },
};

/**
 * The Service's annotations on OKE: the smallest flexible load balancer, security lists left to the
 * stack that owns them, and the stack's tags, by which it is found again.
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
