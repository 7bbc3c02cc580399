import { execFile } from "node:child_process";

import { KubeConfig } from "@kubernetes/client-node";
import type { RequestOptions } from "node:https";
import type { User } from "@kubernetes/client-node";

import { UncheckedError } from "../finding.js";

const helperSeconds = 30;
const handshakeMs = 10_000;

/** A WebSocket opens with the same options and waits forever without this one. */
class BoundedKubeConfig extends KubeConfig {
  override async applyToHTTPSOptions(options: RequestOptions): Promise<void> {
    await super.applyToHTTPSOptions(options);
    (options as { handshakeTimeout?: number }).handshakeTimeout = handshakeMs;
  }
}

interface Credential {
  token?: string;
  clientCertificateData?: string;
  clientKeyData?: string;
  expirationTimestamp?: string;
}

/**
 * A kubeconfig whose credential plugin runs with a time limit, and once for all requests that wait for it
 * (https://kubernetes.io/docs/reference/access-authn-authz/authentication/#client-go-credential-plugins).
 */
export class Access {
  private ready?: { config: Promise<KubeConfig>; until: number };

  /**
   * @throws UncheckedError when the kubeconfig names no cluster.
   */
  constructor(private readonly given: KubeConfig) {
    if (!given.getCurrentCluster()) {
      const context = given.getCurrentContext();
      throw new UncheckedError(
        `the kubeconfig has no cluster for ${context ? `context ${context}` : "its current context"}`,
        true,
      );
    }
  }

  /** The API server's address. */
  get server(): string {
    return this.given.getCurrentCluster()?.server ?? "";
  }

  /** @throws UncheckedError when the credential plugin fails or times out. */
  async config(): Promise<KubeConfig> {
    if (!this.ready || this.ready.until <= Date.now()) {
      const ready = { config: this.resolve(), until: Infinity };
      this.ready = ready;
      ready.config.catch(() => {
        if (this.ready === ready) this.ready = undefined;
      });
    }
    return this.ready.config;
  }

  private async resolve(): Promise<KubeConfig> {
    const user = this.given.getCurrentUser();
    const config = new BoundedKubeConfig();
    const credential = user?.exec ? await credentialOf(user) : undefined;
    config.loadFromOptions({
      clusters: this.given.clusters,
      contexts: this.given.contexts,
      currentContext: this.given.getCurrentContext(),
      users: this.given.users.map((other) =>
        other !== user || !credential
          ? other
          : {
              name: user.name,
              token: credential.token,
              certData: base64(credential.clientCertificateData),
              keyData: base64(credential.clientKeyData),
            },
      ),
    });
    const ends = Date.parse(credential?.expirationTimestamp ?? "");
    if (this.ready && !Number.isNaN(ends)) this.ready.until = ends - 30_000;
    return config;
  }
}

const base64 = (text?: string) => text && Buffer.from(text).toString("base64");

interface ExecPlugin {
  command: string;
  args?: string[];
  env?: { name: string; value: string }[];
  apiVersion?: string;
}

function credentialOf(user: User): Promise<Credential> {
  const plugin = user.exec as ExecPlugin;
  const info = {
    apiVersion: plugin.apiVersion,
    kind: "ExecCredential",
    spec: { interactive: false },
  };
  const env = {
    ...process.env,
    KUBERNETES_EXEC_INFO: JSON.stringify(info),
    ...Object.fromEntries((plugin.env ?? []).map(({ name, value }) => [name, value])),
  };
  return new Promise((resolve, reject) => {
    const fail = (why: string) =>
      reject(new UncheckedError(`the kubeconfig's credential plugin (${plugin.command}) ${why}`));
    execFile(
      plugin.command,
      plugin.args ?? [],
      { env, timeout: helperSeconds * 1000, killSignal: "SIGKILL" },
      (error, stdout, stderr) => {
        if (error?.killed) return fail(`did not answer within ${helperSeconds} s`);
        if (error?.code === "ENOENT") return fail("is not installed");
        if (error) return fail(`failed: ${stderr.trim() || error.message}`);
        try {
          resolve((JSON.parse(stdout) as { status: Credential }).status ?? {});
        } catch {
          fail("did not return an ExecCredential");
        }
      },
    ).stdin?.end();
  });
}
