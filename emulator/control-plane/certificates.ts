import { generateKeyPairSync } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import type { Subject } from "./issue.js";

/** Paths of a certificate and its private key. */
export interface KeyPair {
  certificate: string;
  key: string;
}

/** The files of the control plane's certificates and keys, created once. */
export interface Certificates {
  /** Path of the certificate of the authority that issues all others, PEM. */
  ca: string;
  etcd: KeyPair;
  /** The API server's, for its calls to etcd. */
  etcdClient: KeyPair;
  apiserver: KeyPair;
  /** The API server's, for its calls to kubelets. */
  kubeletClient: KeyPair;
  /** The kubelets': KWOK and the data plane serve with it. */
  kubelet: KeyPair;
  controllerManager: KeyPair;
  scheduler: KeyPair;
  kwok: KeyPair;
  admin: KeyPair;
  /** Paths of the keys that sign service account tokens, PEM. */
  serviceAccounts: { privateKey: string; publicKey: string };
}

const loopback = ["localhost", "127.0.0.1"];

/** Subjects: https://kubernetes.io/docs/setup/best-practices/certificates/ */
const subjects: Record<Exclude<keyof Certificates, "ca" | "serviceAccounts">, Subject> = {
  etcd: { commonName: "etcd", hosts: loopback },
  etcdClient: { commonName: "kube-apiserver-etcd-client" },
  apiserver: {
    commonName: "kube-apiserver",
    hosts: ["localhost", "127.0.0.1", "10.96.0.1", "kubernetes", "kubernetes.default.svc"],
  },
  kubeletClient: { commonName: "kube-apiserver-kubelet-client" },
  kubelet: {
    commonName: "system:node:kwok",
    organization: "system:nodes",
    hosts: loopback,
  },
  controllerManager: { commonName: "system:kube-controller-manager", hosts: loopback },
  scheduler: { commonName: "system:kube-scheduler", hosts: loopback },
  kwok: { commonName: "kwok", organization: "system:masters" },
  admin: { commonName: "kubernetes-admin", organization: "system:masters" },
};

/**
 * The certificates in `folder`; missing ones are created.
 *
 * @param folder created with mode 0700; private keys have mode 0600.
 */
export async function ensureCertificates(folder: string): Promise<Certificates> {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const file = (name: string) => join(folder, name);
  const files: Certificates = {
    ca: file("ca.crt"),
    serviceAccounts: {
      privateKey: file("service-accounts.key"),
      publicKey: file("service-accounts.pub"),
    },
    ...(Object.fromEntries(
      Object.keys(subjects).map((name) => [
        name,
        { certificate: file(`${name}.crt`), key: file(`${name}.key`) },
      ]),
    ) as Record<keyof typeof subjects, KeyPair>),
  };
  // Written last: without it, the other files are from an interrupted run.
  if (existsSync(files.serviceAccounts.publicKey)) return files;

  // Half a second to load, needed once in the life of a cluster.
  const { Authority } = await import("./issue.js");
  const authority = await Authority.create("oke-ambient-mesh sandbox");
  writeFileSync(files.ca, authority.certificate);
  for (const [name, subject] of Object.entries(subjects)) {
    const { certificate, key } = await authority.issue(subject);
    const pair = files[name as keyof typeof subjects];
    writeFileSync(pair.certificate, certificate);
    writeFileSync(pair.key, key, { mode: 0o600 });
  }
  const { publicKey, privateKey } = generateKeyPairSync("ec", {
    namedCurve: "P-256",
    publicKeyEncoding: { type: "spki", format: "pem" },
    privateKeyEncoding: { type: "pkcs8", format: "pem" },
  });
  writeFileSync(files.serviceAccounts.privateKey, privateKey, { mode: 0o600 });
  writeFileSync(files.serviceAccounts.publicKey, publicKey);
  return files;
}

/** A kubeconfig for one user, with keys and certificates embedded. */
export function kubeconfig(server: string, ca: string, { certificate, key }: KeyPair): string {
  const data = (path: string) => readFileSync(path).toString("base64");
  return `${JSON.stringify(
    {
      apiVersion: "v1",
      kind: "Config",
      "current-context": "sandbox",
      contexts: [{ name: "sandbox", context: { cluster: "sandbox", user: "sandbox" } }],
      clusters: [{ name: "sandbox", cluster: { server, "certificate-authority-data": data(ca) } }],
      users: [
        {
          name: "sandbox",
          user: { "client-certificate-data": data(certificate), "client-key-data": data(key) },
        },
      ],
    },
    null,
    2,
  )}\n`;
}
