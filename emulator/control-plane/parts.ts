import { join } from "node:path";

import type { Ports } from "../processes/ports.js";
import type { ProcessSpec } from "../processes/process.js";
import type { Certificates, KeyPair } from "./certificates.js";
import { egressFile } from "./egress.js";
import { leaseSeconds } from "./kwok.js";

/** The inputs of the command lines. */
export interface PartContext {
  /** Folder of the executables. */
  bin: string;
  /** Folder of the control plane: data, keys, configuration. */
  folder: string;
  ports: Ports;
  certificates: Certificates;
  /** KWOK's configuration files. */
  kwokConfig: string[];
}

/** The processes of the control plane, each after those it needs. */
export const partNames = ["etcd", "apiserver", "controllerManager", "scheduler", "kwok"] as const;
export type PartName = (typeof partNames)[number];

/** OKE's default ranges of Services and Pods. */
export const serviceCidr = "10.96.0.0/16";
export const podCidr = "10.244.0.0/16";

/** Process names, in `ps`, logs and messages. */
export const processNames: Record<PartName, string> = {
  etcd: "etcd",
  apiserver: "kube-apiserver",
  controllerManager: "kube-controller-manager",
  scheduler: "kube-scheduler",
  kwok: "kwok",
};

/** The command line of a part. */
export function partSpec(part: PartName, context: PartContext): ProcessSpec {
  const { bin, ports } = context;
  const { args, ports: needed } = describe[part](context);
  const name = processNames[part];
  return {
    name,
    file: join(bin, name),
    args: Object.entries(args).map(([flag, value]) => `--${flag}=${value}`),
    ports: Object.fromEntries(needed.map((port) => [port, ports[port]])),
  };
}

/** The path of a user's kubeconfig in the control plane's folder. */
export function kubeconfigFile(folder: string, part: "admin" | PartName): string {
  return join(folder, part === "admin" ? "kubeconfig" : `${part}.kubeconfig`);
}

type Flags = Record<string, string | number | boolean>;
type Describe = (context: PartContext) => { args: Flags; ports: (keyof Ports)[] };

const describe: Record<PartName, Describe> = {
  // https://etcd.io/docs/v3.6/op-guide/configuration/
  etcd: ({ folder, ports, certificates: { ca, etcd } }) => {
    const client = `https://127.0.0.1:${ports.etcdClient}`;
    const peer = `https://127.0.0.1:${ports.etcdPeer}`;
    return {
      ports: ["etcdClient", "etcdPeer"],
      args: {
        name: "sandbox",
        "data-dir": join(folder, "etcd"),
        "listen-client-urls": client,
        "advertise-client-urls": client,
        "listen-peer-urls": peer,
        "initial-advertise-peer-urls": peer,
        "initial-cluster": `sandbox=${peer}`,
        "cert-file": etcd.certificate,
        "key-file": etcd.key,
        "trusted-ca-file": ca,
        "client-cert-auth": true,
        "peer-cert-file": etcd.certificate,
        "peer-key-file": etcd.key,
        "peer-trusted-ca-file": ca,
        "peer-client-cert-auth": true,
        // Data survives a crash of the process but not a power failure. An fsync takes a laptop's disk 5 to
        // 20 ms for each of some thousand writes, and one command creates a lost cluster again.
        "unsafe-no-fsync": true,
        "log-level": "warn",
      },
    };
  },
  // https://kubernetes.io/docs/reference/command-line-tools-reference/kube-apiserver/
  apiserver: ({ folder, ports, certificates }) => ({
    ports: ["apiserver"],
    args: {
      "etcd-servers": `https://127.0.0.1:${ports.etcdClient}`,
      "etcd-cafile": certificates.ca,
      "etcd-certfile": certificates.etcdClient.certificate,
      "etcd-keyfile": certificates.etcdClient.key,
      "bind-address": "127.0.0.1",
      "advertise-address": "127.0.0.1",
      // Endpoints reject loopback addresses, and nothing here uses the Service `kubernetes`.
      "endpoint-reconciler-type": "none",
      "secure-port": ports.apiserver,
      "tls-cert-file": certificates.apiserver.certificate,
      "tls-private-key-file": certificates.apiserver.key,
      "client-ca-file": certificates.ca,
      "authorization-mode": "Node,RBAC",
      "authentication-token-webhook-config-file": join(folder, "token-review.kubeconfig"),
      "authentication-token-webhook-version": "v1",
      "authentication-token-webhook-cache-ttl": "10s",
      "service-account-issuer": "https://kubernetes.default.svc.cluster.local",
      "service-account-key-file": certificates.serviceAccounts.publicKey,
      "service-account-signing-key-file": certificates.serviceAccounts.privateKey,
      "service-cluster-ip-range": serviceCidr,
      "kubelet-certificate-authority": certificates.ca,
      "kubelet-client-certificate": certificates.kubeletClient.certificate,
      "kubelet-client-key": certificates.kubeletClient.key,
      "kubelet-preferred-address-types": "InternalIP",
      "egress-selector-config-file": egressFile(folder),
      profiling: false,
    },
  }),
  // https://kubernetes.io/docs/reference/command-line-tools-reference/kube-controller-manager/
  controllerManager: ({ folder, ports, certificates }) => ({
    ports: ["controllerManager"],
    args: {
      ...controller(
        folder,
        "controllerManager",
        ports.controllerManager,
        certificates.controllerManager,
      ),
      "root-ca-file": certificates.ca,
      "service-account-private-key-file": certificates.serviceAccounts.privateKey,
      "use-service-account-credentials": true,
      "allocate-node-cidrs": true,
      "cluster-cidr": podCidr,
      "node-cidr-mask-size": 25,
      "service-cluster-ip-range": serviceCidr,
    },
  }),
  // https://kubernetes.io/docs/reference/command-line-tools-reference/kube-scheduler/
  scheduler: ({ folder, ports, certificates }) => ({
    ports: ["scheduler"],
    args: controller(folder, "scheduler", ports.scheduler, certificates.scheduler),
  }),
  // https://kwok.sigs.k8s.io/docs/user/configuration/
  kwok: ({ folder, ports, certificates: { kubelet }, kwokConfig }) => ({
    ports: ["kwok"],
    args: {
      kubeconfig: kubeconfigFile(folder, "kwok"),
      config: kwokConfig.join(","),
      "manage-all-nodes": true,
      cidr: "10.244.0.0/25",
      "node-ip": "127.0.0.1",
      // The data plane serves the kubelets' API there: `kubectl exec`, `logs`, and `port-forward`.
      "node-port": ports.kubelet,
      "server-address": `127.0.0.1:${ports.kwok}`,
      "tls-cert-file": kubelet.certificate,
      "tls-private-key-file": kubelet.key,
      "node-lease-duration-seconds": leaseSeconds,
    },
  }),
};

function controller(folder: string, part: PartName, port: number, pair: KeyPair): Flags {
  const config = kubeconfigFile(folder, part);
  return {
    kubeconfig: config,
    "authentication-kubeconfig": config,
    "authorization-kubeconfig": config,
    // Otherwise each call to the port needs a review by the API server.
    "authorization-always-allow-paths": "/healthz,/readyz,/livez",
    "bind-address": "127.0.0.1",
    "secure-port": port,
    "tls-cert-file": pair.certificate,
    "tls-private-key-file": pair.key,
    "leader-elect": false,
    // The defaults, 20 and 30, throttle an installation of everything at once.
    "kube-api-qps": 200,
    "kube-api-burst": 400,
    profiling: false,
  };
}
