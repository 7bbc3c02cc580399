import type { PartName } from "./parts.js";

/** The cluster to start. */
export interface ClusterRequest {
  /** A control plane with another cluster's data is replaced, and that data removed. */
  clusterId: string;
  kubernetesVersion: string;
  /** URL of the webhook that reviews bearer tokens (`authentication.k8s.io/v1`). */
  tokenReviewUrl: string;
}

/** How to reach a running cluster. */
export interface ClusterAccess {
  /** Path of the administrator's kubeconfig, mode 0600. */
  kubeconfigPath: string;
  /** `https://127.0.0.1:<port>` */
  server: string;
  /** The authority's certificate, PEM. */
  caPem: string;
}

/** A process of the control plane: one of its parts, or istiod. */
export type ControlPlaneProcess = PartName | "istiod";

/** One row of {@link ControlPlane.status}. */
export interface ProcessStatus {
  name: ControlPlaneProcess;
  /** Its name in `ps` and of its log file. */
  process: string;
  port: number;
  running: boolean;
  pid?: number;
  /** Why it does not run although it should, if known. */
  problem?: string;
}
