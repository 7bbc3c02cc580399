import { generateKeyPairSync, randomBytes, sign, type KeyObject } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { isIPv4 } from "node:net";
import { join } from "node:path";

import { der } from "./der.js";

/** Where one certificate and its key lie. */
export interface KeyPair {
  certificate: string;
  key: string;
}

/** The control plane's keys, as files; each made once and then kept. */
export interface Certificates {
  /** PEM file of the authority that signs all the others. */
  ca: string;
  etcd: KeyPair;
  /** With which the API server calls etcd. */
  etcdClient: KeyPair;
  apiserver: KeyPair;
  /** With which the API server calls kubelets. */
  kubeletClient: KeyPair;
  /** With which KWOK answers as the kubelets. */
  kubelet: KeyPair;
  controllerManager: KeyPair;
  scheduler: KeyPair;
  kwok: KeyPair;
  admin: KeyPair;
  /** Key files of the service account tokens' signatures. */
  serviceAccounts: { privateKey: string; publicKey: string };
}

interface Subject {
  commonName: string;
  /** Kubernetes reads it as the group. */
  organization?: string;
  /** Names and addresses a server answers under; a certificate without is a client's. */
  hosts?: string[];
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

/** Makes what is missing in `folder` (mode 0700, key files 0600). */
export function ensureCertificates(folder: string): Certificates {
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
  // Written last: without it the run that made the others was cut off.
  if (existsSync(files.serviceAccounts.publicKey)) return files;

  const authority = { name: "oke-ambient-mesh sandbox", ...newKey() };
  writeFileSync(files.ca, issue({ commonName: authority.name }, authority.publicKey, authority));
  for (const name of Object.keys(subjects) as (keyof typeof subjects)[]) {
    const { publicKey, privateKey } = newKey();
    writeFileSync(files[name].certificate, issue(subjects[name], publicKey, authority));
    writeFileSync(files[name].key, pem(privateKey), { mode: 0o600 });
  }
  const { publicKey, privateKey } = newKey();
  writeFileSync(files.serviceAccounts.privateKey, pem(privateKey), { mode: 0o600 });
  writeFileSync(files.serviceAccounts.publicKey, publicKey.export({ type: "spki", format: "pem" }));
  return files;
}

/** A kubeconfig for one user; keys and certificates lie in it, so that it works from anywhere. */
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

const ecdsaWithSha256 = der.sequence(der.oid("1.2.840.10045.4.3.2"));

/** One certificate, PEM, of ten years. https://www.rfc-editor.org/rfc/rfc5280 */
function issue(
  subject: Subject,
  publicKey: KeyObject,
  authority: { name: string; privateKey: KeyObject },
): string {
  const self = subject.commonName === authority.name;
  const now = Date.now();
  const usages = subject.hosts ? ["1.3.6.1.5.5.7.3.1", "1.3.6.1.5.5.7.3.2"] : ["1.3.6.1.5.5.7.3.2"];
  const extensions = self
    ? [
        extension("2.5.29.19", true, der.sequence(der.boolean(true))),
        extension("2.5.29.15", true, der.bits(Buffer.from([0b0000_0110]), 1)),
      ]
    : [
        extension("2.5.29.15", true, der.bits(Buffer.from([0b1000_0000]), 7)),
        extension("2.5.29.37", false, der.sequence(...usages.map((usage) => der.oid(usage)))),
      ];
  if (subject.hosts)
    extensions.push(extension("2.5.29.17", false, alternativeNames(subject.hosts)));
  const content = der.sequence(
    der.explicit(0, der.integer(Buffer.from([2]))),
    der.integer(Buffer.concat([Buffer.from([1]), randomBytes(15)])),
    ecdsaWithSha256,
    distinguishedName({ commonName: authority.name }),
    // An hour back, for clocks that are put right meanwhile.
    der.sequence(der.time(new Date(now - 3_600_000)), der.time(new Date(now + 3_650 * 86_400_000))),
    distinguishedName(subject),
    publicKey.export({ type: "spki", format: "der" }),
    der.explicit(3, der.sequence(...extensions)),
  );
  const signature = sign("sha256", content, authority.privateKey);
  const whole = der.sequence(content, ecdsaWithSha256, der.bits(signature));
  const lines = whole.toString("base64").match(/.{1,64}/g) ?? [];
  return ["-----BEGIN CERTIFICATE-----", ...lines, "-----END CERTIFICATE-----", ""].join("\n");
}

function distinguishedName({ organization, commonName }: Subject): Buffer {
  const attribute = (oid: string, value: string) =>
    der.set(der.sequence(der.oid(oid), der.utf8(value)));
  return der.sequence(
    ...(organization ? [attribute("2.5.4.10", organization)] : []),
    attribute("2.5.4.3", commonName),
  );
}

function alternativeNames(hosts: string[]): Buffer {
  return der.sequence(
    ...hosts.map((host) =>
      isIPv4(host)
        ? der.implicit(7, Buffer.from(host.split(".").map(Number)))
        : der.implicit(2, Buffer.from(host)),
    ),
  );
}

function extension(oid: string, critical: boolean, value: Buffer): Buffer {
  return der.sequence(der.oid(oid), ...(critical ? [der.boolean(true)] : []), der.octets(value));
}

function newKey(): { publicKey: KeyObject; privateKey: KeyObject } {
  return generateKeyPairSync("ec", { namedCurve: "P-256" });
}

function pem(key: KeyObject): string | Buffer {
  return key.export({ type: "pkcs8", format: "pem" });
}
