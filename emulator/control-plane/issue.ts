// @peculiar/x509 needs this import first.
import "reflect-metadata";

import { KeyObject, webcrypto } from "node:crypto";
import { isIPv4 } from "node:net";

import * as x509 from "@peculiar/x509";

/** The subject of a certificate. */
export interface Subject {
  commonName: string;
  /** A group, in Kubernetes. */
  organization?: string;
  /** Names and addresses of a server; without them the certificate is a client's. */
  hosts?: string[];
}

/** A certificate and its private key, PEM. */
export interface Issued {
  certificate: string;
  key: string;
}

const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };

/** A certificate authority whose private key lives as long as this object. */
export class Authority {
  private constructor(
    /** PEM. */
    readonly certificate: string,
    private readonly name: x509.JsonName,
    private readonly privateKey: webcrypto.CryptoKey,
  ) {}

  static async create(commonName: string): Promise<Authority> {
    const keys = await newKeys();
    const name = nameOf({ commonName });
    const certificate = await x509.X509CertificateGenerator.createSelfSigned(
      {
        name,
        keys,
        ...validity(),
        signingAlgorithm: algorithm,
        extensions: [
          new x509.BasicConstraintsExtension(true, undefined, true),
          new x509.KeyUsagesExtension(
            x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign,
            true,
          ),
        ],
      },
      webcrypto,
    );
    return new Authority(pem(certificate), name, keys.privateKey);
  }

  async issue(subject: Subject): Promise<Issued> {
    const { publicKey, privateKey } = await newKeys();
    const { clientAuth, serverAuth } = x509.ExtendedKeyUsage;
    const { hosts } = subject;
    const certificate = await x509.X509CertificateGenerator.create(
      {
        subject: nameOf(subject),
        issuer: this.name,
        publicKey,
        signingKey: this.privateKey,
        ...validity(),
        signingAlgorithm: algorithm,
        extensions: [
          new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
          new x509.ExtendedKeyUsageExtension(hosts ? [serverAuth, clientAuth] : [clientAuth]),
          ...(hosts ? [new x509.SubjectAlternativeNameExtension(hosts.map(alternativeName))] : []),
        ],
      },
      webcrypto,
    );
    const key = KeyObject.from(privateKey).export({ type: "pkcs8", format: "pem" }).toString();
    return { certificate: pem(certificate), key };
  }
}

const newKeys = () => webcrypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);

const pem = (certificate: x509.X509Certificate) => `${certificate.toString("pem")}\n`;

/** Ten years, from an hour ago: clocks differ. */
function validity(): { notBefore: Date; notAfter: Date } {
  const now = Date.now();
  return {
    notBefore: new Date(now - 3_600_000),
    notAfter: new Date(now + 3_650 * 86_400_000),
  };
}

const nameOf = ({ organization, commonName }: Subject): x509.JsonName => [
  ...(organization ? [{ O: [organization] }] : []),
  { CN: [commonName] },
];

const alternativeName = (host: string): x509.JsonGeneralName => ({
  type: isIPv4(host) ? "ip" : "dns",
  value: host,
});
