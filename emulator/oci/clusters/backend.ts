/** A worker as Kubernetes gets to know it. */
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

/** What stands behind an OKE cluster: a control plane and its Nodes. All of it can be called again. */
export interface Machinery {
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
