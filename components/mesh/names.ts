/** Istio's namespace. */
export const systemNamespace = "istio-system";

/** The ConfigMap with its CA's certificate that istiod writes into its namespaces. */
export const caCertificate = "istio-ca-root-cert";

/**
 * Names of the CRDs of chart `base`, as a regular expression; operators have others below istio.io.
 * https://github.com/istio/istio/blob/release-1.31/manifests/charts/base/files/crd-all.gen.yaml
 */
export const istioCrdNames = "[.](extensions|networking|security|telemetry)[.]istio[.]io$";

/** GatewayClass of waypoints. */
export const waypointClass = "istio-waypoint";

/** The ingress gateway's names, as in the walk-through. */
export const ingress = {
  /** Release, Deployment and Service. */
  name: "istio-ingressgateway",
  serviceAccount: "istio-ingressgateway-service-account",
  /** Labels of its Pods; Gateways select by the second. */
  labels: { app: "istio-ingressgateway", istio: "ingressgateway" },
} as const;

/** The five Istio charts by the names that a chart repository gives them. */
export const charts = ["base", "istiod", "cni", "ztunnel", "gateway"] as const;
export type Chart = (typeof charts)[number];
