/** Where Istio lives. */
export const systemNamespace = "istio-system";

/** The ingress gateway's names, as the walk-through knows them. */
export const ingress = {
  /** Release, Deployment and Service. */
  name: "istio-ingressgateway",
  serviceAccount: "istio-ingressgateway-service-account",
  /** Labels of its Pods; Gateways select by the second. */
  labels: { app: "istio-ingressgateway", istio: "ingressgateway" },
} as const;
