import { existsSync, readFileSync } from "node:fs";
import { rootCertificates } from "node:tls";

/** Where systems keep the certificates that they trust, as Go looks for them: https://go.dev/src/crypto/x509/root_linux.go */
const files = [
  "/etc/ssl/certs/ca-certificates.crt",
  "/etc/pki/tls/certs/ca-bundle.crt",
  "/etc/ssl/ca-bundle.pem",
  "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
  "/etc/ssl/cert.pem",
];

/**
 * The certificate authorities that this system trusts, which kubectl and the Pulumi plugins use, beside Node's own and
 * those of `NODE_EXTRA_CA_CERTS`. `SSL_CERT_FILE` names another file than the system's.
 *
 * @returns PEM texts.
 */
export function systemRoots(env: Record<string, string | undefined> = process.env): string[] {
  const system = env["SSL_CERT_FILE"] || files.find((file) => existsSync(file));
  const texts = [system, env["NODE_EXTRA_CA_CERTS"]].map(readIfPresent);
  return [...rootCertificates, ...texts.filter((text) => text !== "")];
}

function readIfPresent(file: string | undefined): string {
  try {
    return file ? readFileSync(file, "utf8") : "";
  } catch {
    return "";
  }
}
