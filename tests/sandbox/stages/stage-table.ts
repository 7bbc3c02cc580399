import type { Stage } from "../../../components/settings/settings.js";

/** The resources that a stage adds to the previous one, by logical name. */
export interface StageStep {
  stage: Exclude<Stage, "cluster">;
  /** Created by a move forward, deleted by a move back. */
  has: string[];
  /** Updated by both moves. */
  differs: string[];
}

const crds = [
  "backendtlspolicies",
  "gatewayclasses",
  "gateways",
  "grpcroutes",
  "httproutes",
  "listenersets",
  "referencegrants",
  "tcproutes",
  "tlsroutes",
  "udproutes",
].map((name) => `gateway-api-customresourcedefinition-${name}.gateway.networking.k8s.io`);

/** The resources of the first stage. */
export const firstStage = [
  "network",
  "network-vcn",
  "network-gateways",
  "network-gateways-internet",
  "network-gateways-nat",
  "network-gateways-services",
  "network-gateways-routes-private",
  "network-gateways-routes-public",
  "network-rules-api",
  "network-rules-load-balancers",
  "network-rules-workers",
  "network-subnet-api",
  "network-subnet-load-balancers",
  "network-subnet-workers",
  "network-load-balancer-sweep",
  "cluster",
  "cluster-cluster",
  "nodes",
  "nodes-pool",
  "kubernetes",
  "kubernetes-load-balancer",
  "verification",
  "verification-command",
];

/** The later stages, without the verification, which every move changes. */
export const stageSteps: StageStep[] = [
  {
    stage: "mesh",
    has: [
      "gateway-api",
      ...crds,
      "istio-base",
      "istio-base-namespace",
      "istio-base-base",
      "istio",
      "istio-istiod",
      "istio-cni",
      "istio-ztunnel",
      "ingress",
      "ingress-release",
      "ingress-load-balancer",
    ],
    differs: [],
  },
  {
    stage: "bookinfo",
    has: [
      "bookinfo",
      "bookinfo-serviceaccount-bookinfo-details",
      "bookinfo-serviceaccount-bookinfo-ratings",
      "bookinfo-serviceaccount-bookinfo-reviews",
      "bookinfo-serviceaccount-bookinfo-productpage",
      "bookinfo-deployment-details-v1",
      "bookinfo-deployment-ratings-v1",
      "bookinfo-deployment-reviews-v1",
      "bookinfo-deployment-reviews-v2",
      "bookinfo-deployment-reviews-v3",
      "bookinfo-deployment-productpage-v1",
      "bookinfo-service-details",
      "bookinfo-service-ratings",
      "bookinfo-service-reviews",
      "bookinfo-service-productpage",
      "clients",
      "clients-serviceaccount-sleep",
      "clients-serviceaccount-notsleep",
      "clients-deployment-sleep",
      "clients-deployment-notsleep",
      "routes",
      "routes-gateway-bookinfo-gateway",
      "routes-virtualservice-bookinfo-gateway",
    ],
    differs: [],
  },
  {
    stage: "ambient",
    has: ["enrolment", "enrolment-namespacepatch"],
    differs: [],
  },
  {
    stage: "l4",
    has: ["authorization", "authorization-authorizationpolicy-productpage-viewer"],
    differs: [],
  },
  {
    stage: "l7",
    has: [
      "productpage-waypoint",
      "productpage-waypoint-gateway-productpage-waypoint",
      "authorization-authorizationpolicy-productpage-waypoint",
      "authorization-servicepatch-productpage",
    ],
    differs: ["authorization-authorizationpolicy-productpage-viewer"],
  },
  {
    stage: "traffic",
    has: [
      "reviews-waypoint",
      "reviews-waypoint-gateway-reviews-waypoint",
      "reviews-split",
      "reviews-split-destinationrule-reviews",
      "reviews-split-virtualservice-reviews",
      "reviews-split-servicepatch-reviews",
    ],
    differs: [],
  },
];
