import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";

import type { Connection } from "./connection.js";
import type { ExecEntry } from "./schema.js";

const limitSeconds = 30;

/** What a credential plugin returns. */
export interface PluginCredential {
  token?: string;
  /** PEM. */
  clientCertificateData?: string;
  clientKeyData?: string;
  expirationTimestamp?: string;
}

/** A credential plugin that gave no credential. */
export class PluginError extends Error {}

/**
 * Runs the user's credential plugin with a time limit
 * (https://kubernetes.io/docs/reference/access-authn-authz/authentication/#client-go-credential-plugins).
 *
 * @throws PluginError
 */
export function runPlugin(plugin: ExecEntry, connection: Connection): Promise<PluginCredential> {
  const { command = "", apiVersion } = plugin;
  const info = {
    apiVersion,
    kind: "ExecCredential",
    spec: {
      interactive: false,
      ...(plugin.provideClusterInfo && { cluster: clusterInfo(connection) }),
    },
  };
  const env = {
    ...process.env,
    ...Object.fromEntries(plugin.env.map(({ name, value }) => [name, value])),
    KUBERNETES_EXEC_INFO: JSON.stringify(info),
  };
  return new Promise((resolve, reject) => {
    const fail = (why: string) =>
      reject(new PluginError(`the kubeconfig's credential plugin (${command}) ${why}`));
    const limits = { timeout: limitSeconds * 1000, killSignal: "SIGKILL" } as const;
    execFile(command, plugin.args, { env, ...limits }, (error, stdout, stderr) => {
      if (error?.killed) return fail(`did not answer within ${limitSeconds} s`);
      if (error?.code === "ENOENT") {
        return fail(["is not installed", plugin.installHint?.trim()].filter(Boolean).join(". "));
      }
      if (error) return fail(`failed: ${stderr.trim() || error.message}`);
      const credential = credentialIn(stdout, apiVersion);
      return typeof credential === "string" ? fail(credential) : resolve(credential);
    }).stdin?.end();
  });
}

function credentialIn(stdout: string, apiVersion?: string): PluginCredential | string {
  let answer: { apiVersion?: string; status?: PluginCredential } | null;
  try {
    answer = JSON.parse(stdout) as typeof answer;
  } catch {
    return "did not return an ExecCredential";
  }
  if (answer?.apiVersion !== apiVersion) {
    return `returned apiVersion ${answer?.apiVersion ?? "(none)"}; the kubeconfig expects ${apiVersion}`;
  }
  const { token, clientCertificateData: certificate, clientKeyData: key } = answer?.status ?? {};
  if (!token && !certificate && !key) return "returned neither a token nor a certificate";
  if (!certificate !== !key) return "returned only one of certificate and key";
  return answer?.status ?? {};
}

/** As client-go, which passes on the content of a file: https://pkg.go.dev/k8s.io/client-go/rest#ConfigToExecCluster */
const inBase64 = (file: string | undefined) => file && readFileSync(file).toString("base64");

function clusterInfo({ server, cluster }: Connection) {
  return {
    server,
    "tls-server-name": cluster["tls-server-name"],
    "insecure-skip-tls-verify": cluster["insecure-skip-tls-verify"],
    "certificate-authority-data":
      cluster["certificate-authority-data"] ?? inBase64(cluster["certificate-authority"]),
    "proxy-url": cluster["proxy-url"],
    config: cluster.extensions.find(({ name }) => name === "client.authentication.k8s.io/exec")
      ?.extension,
  };
}
