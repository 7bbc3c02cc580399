/** A worker as Kubernetes sees it. */
export interface Worker {
  /** The Node's name: on OKE, the address in the worker subnet. */
  name: string;
  shape: string;
  ocpus: number;
  memoryGb: number;
  /** `v1.33.1`. */
  kubeletVersion: string;
  /** `Oracle Linux Server 7.9`. */
  osImage: string;
  labels: Record<string, string>;
}

/** Runs the control planes of OKE clusters and their Nodes. All methods are idempotent. */
export interface ClusterBackend {
  startCluster(cluster: { clusterId: string; kubernetesVersion: string }): Promise<{
    /** `https://127.0.0.1:<port>`. */
    server: string;
    /** Certificate authority of the API server, PEM. */
    caPem: string;
  }>;
  stopCluster(clusterId: string): Promise<void>;
  addNode(worker: Worker): Promise<void>;
  removeNode(name: string): Promise<void>;
}
