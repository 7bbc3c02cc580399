import type { KubeObject } from "./api.js";

/** A worker of a node pool. */
export interface WorkerNode {
  /** On OKE, the private address. */
  name: string;
  shape: string;
  ocpus: number;
  memoryGb: number;
  /** `v1.34.2` */
  kubeletVersion: string;
  osImage: string;
  /** Added to the labels that every Node has, or replacing them. */
  labels?: Record<string, string>;
}

/** The Node of a worker, without conditions and addresses, which KWOK sets. */
export function nodeObject(node: WorkerNode): KubeObject & Record<string, unknown> {
  const cpus = node.ocpus * 2; // an x86 OCPU is a core of two threads
  const total = { cpu: cpus * 1000, memory: Math.floor(node.memoryGb * 1024) };
  const pods = "110";
  return {
    apiVersion: "v1",
    kind: "Node",
    metadata: {
      name: node.name,
      labels: {
        "kubernetes.io/arch": "amd64",
        "kubernetes.io/os": "linux",
        "kubernetes.io/hostname": node.name,
        "node.kubernetes.io/instance-type": node.shape,
        "topology.kubernetes.io/zone": "SANDBOX-AD-1",
        "oci.oraclecloud.com/fault-domain": "FAULT-DOMAIN-1",
        ...node.labels,
      },
    },
    spec: {},
    status: {
      capacity: { cpu: String(cpus), memory: `${total.memory}Mi`, pods },
      allocatable: {
        cpu: `${total.cpu - reservedCpu(cpus)}m`,
        memory: `${total.memory - reservedMemory(node.memoryGb)}Mi`,
        pods,
      },
      nodeInfo: {
        architecture: "amd64",
        operatingSystem: "linux",
        containerRuntimeVersion: "cri-o://1.33.0",
        kernelVersion: "5.15.0",
        kubeProxyVersion: node.kubeletVersion,
        kubeletVersion: node.kubeletVersion,
        osImage: node.osImage,
        bootID: "",
        machineID: "",
        systemUUID: "",
      },
    },
  };
}

// What OKE reserves for the kubelet and the system, of which 100m and 100Mi for the system:
// https://docs.oracle.com/en-us/iaas/Content/ContEng/Tasks/contengbestpractices_topic-Cluster-Management-best-practices.htm
function reservedCpu(cpus: number): number {
  return (
    100 +
    Math.round(
      tiers(cpus, [
        [1, 60],
        [1, 10],
        [2, 5],
        [Infinity, 2.5],
      ]),
    )
  );
}

function reservedMemory(gigabytes: number): number {
  const shares: Tiers = [
    [4, 0.25],
    [4, 0.2],
    [8, 0.1],
    [112, 0.06],
    [Infinity, 0.02],
  ];
  return 100 + Math.round(tiers(gigabytes, shares) * 1024);
}

type Tiers = [size: number, rate: number][];

function tiers(amount: number, steps: Tiers): number {
  let rest = amount;
  return steps.reduce((sum, [size, rate]) => {
    const part = Math.min(rest, size);
    rest -= part;
    return sum + part * rate;
  }, 0);
}
