import type { PartName } from "./parts.js";

/** What a cluster is started for. */
export interface ClusterRequest {
  /** A control plane of another cluster is replaced, its data removed. */
  clusterId: string;
  kubernetesVersion: string;
  /** Where the API server sends bearer tokens that are not its own (`authentication.k8s.io/v1`). */
  tokenReviewUrl: string;
}

/** How a running cluster is reached. */
export interface ClusterAccess {
  /** An administrator's kubeconfig by client certificate, mode 0600. */
  kubeconfigPath: string;
  /** `https://127.0.0.1:<port>` */
  server: string;
  /** The authority's certificate. */
  caPem: string;
}

/** A process of the control plane: one of its parts, or istiod. */
export type ControlPlaneProcess = PartName | "istiod";

/** One row of {@link ControlPlane.status}. */
export interface ProcessStatus {
  name: ControlPlaneProcess;
  /** What `ps` and the log file call it. */
  process: string;
  port: number;
  running: boolean;
  pid?: number;
  /** Why it does not run though it should, where that is known. */
  problem?: string;
}
