import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { dirname, isAbsolute, resolve } from "node:path";
import { promisify } from "node:util";
import { parse, stringify } from "yaml";

/** Where an API server is and how to prove who one is. */
export interface Connection {
  /** `https://host:port[/path]` */
  server: string;
  ca?: Buffer;
  serverName?: string;
  insecure: boolean;
  /** Namespace of the chosen context. */
  namespace?: string;
  /** @param fresh the ones used last were refused: asks for others, where they come from a command */
  credentials(fresh?: boolean): Promise<Credentials>;
  /** A kubeconfig of this connection alone, its credentials resolved: for `helm`, to be kept secret. */
  kubeconfig(): Promise<string>;
}

export interface Credentials {
  token?: string;
  cert?: Buffer;
  key?: Buffer;
}

interface Cluster {
  server?: string;
  "certificate-authority-data"?: string;
  "certificate-authority"?: string;
  "tls-server-name"?: string;
  "insecure-skip-tls-verify"?: boolean;
}
interface Exec {
  apiVersion?: string;
  command: string;
  args?: string[];
  env?: { name: string; value: string }[];
  provideClusterInfo?: boolean;
  installHint?: string;
}
interface User {
  token?: string;
  tokenFile?: string;
  "client-certificate-data"?: string;
  "client-certificate"?: string;
  "client-key-data"?: string;
  "client-key"?: string;
  exec?: Exec;
}
interface Config {
  "current-context"?: string;
  clusters?: { name: string; cluster: Cluster }[];
  users?: { name: string; user: User }[];
  contexts?: { name: string; context: { cluster: string; user?: string; namespace?: string } }[];
}

/**
 * Reads a kubeconfig as `kubectl` does.
 *
 * @param source the contents, or the path of a file
 * @throws Error that says which part is missing or wrong
 */
export function connect(source: string, context?: string, cluster?: string): Connection {
  const { config, folder } = load(source);
  const contextName = context ?? config["current-context"];
  const chosen = config.contexts?.find(({ name }) => name === contextName)?.context;
  if (!chosen) {
    const offered = config.contexts?.map(({ name }) => name).join(", ") || "none";
    throw new Error(`the kubeconfig has no context "${contextName ?? ""}" (it has: ${offered})`);
  }
  const clusterName = cluster ?? chosen.cluster;
  const target = config.clusters?.find(({ name }) => name === clusterName)?.cluster;
  if (!target?.server) throw new Error(`the kubeconfig has no cluster "${clusterName}"`);
  const user = config.users?.find(({ name }) => name === chosen.user)?.user ?? {};
  const ca = bytes(folder, target["certificate-authority-data"], target["certificate-authority"]);
  const server = target.server.replace(/\/+$/, "");
  const credentials = credentialsOf(user, folder, server, ca);
  return {
    server,
    ca,
    serverName: target["tls-server-name"],
    insecure: target["insecure-skip-tls-verify"] ?? false,
    namespace: chosen.namespace,
    credentials,
    kubeconfig: async () => resolved(target, ca, await credentials()),
  };
}

function load(source: string): { config: Config; folder: string } {
  const isText = source.includes("\n") || source.trimStart().startsWith("{");
  try {
    const text = isText ? source : readFileSync(source, "utf8");
    const config: unknown = parse(text);
    if (typeof config !== "object" || config === null) throw new Error("it is not a YAML map");
    return { config, folder: isText ? process.cwd() : dirname(resolve(source)) };
  } catch (error) {
    throw new Error(`the kubeconfig cannot be read: ${(error as Error).message}`);
  }
}

function bytes(folder: string, data?: string, file?: string): Buffer | undefined {
  if (data) return Buffer.from(data, "base64");
  return file ? readFileSync(isAbsolute(file) ? file : resolve(folder, file)) : undefined;
}

function credentialsOf(user: User, folder: string, server: string, ca?: Buffer) {
  const { exec } = user;
  if (exec) return cached(() => runExec(exec, server, ca));
  return async (): Promise<Credentials> => ({
    token: user.token ?? bytes(folder, undefined, user.tokenFile)?.toString().trim(),
    cert: bytes(folder, user["client-certificate-data"], user["client-certificate"]),
    key: bytes(folder, user["client-key-data"], user["client-key"]),
  });
}

type Expiring = Credentials & { expires?: number };

function cached(fetch: () => Promise<Expiring>): Connection["credentials"] {
  let current: Promise<Expiring> | undefined;
  return async (fresh = false) => {
    const used = current;
    const known = await used?.catch(() => undefined);
    const stale = fresh || !known || (known.expires ?? Infinity) < Date.now() + 30_000;
    // Of those that find it stale together only the first starts the command.
    if (stale && current === used) current = fetch();
    return current!;
  };
}

// https://kubernetes.io/docs/reference/access-authn-authz/authentication/#client-go-credential-plugins
async function runExec(exec: Exec, server: string, ca?: Buffer): Promise<Expiring> {
  const apiVersion = exec.apiVersion ?? "client.authentication.k8s.io/v1";
  const cluster = exec.provideClusterInfo
    ? { server, "certificate-authority-data": ca?.toString("base64") }
    : undefined;
  const info = { apiVersion, kind: "ExecCredential", spec: { interactive: false, cluster } };
  const extra = Object.fromEntries((exec.env ?? []).map(({ name, value }) => [name, value]));
  try {
    const { stdout } = await promisify(execFile)(exec.command, exec.args ?? [], {
      env: { ...process.env, ...extra, KUBERNETES_EXEC_INFO: JSON.stringify(info) },
    });
    const { status } = JSON.parse(stdout) as { status?: Record<string, string | undefined> };
    const expires = status?.["expirationTimestamp"];
    const { clientCertificateData: cert, clientKeyData: key } = status ?? {};
    return {
      token: status?.["token"],
      cert: cert ? Buffer.from(cert) : undefined,
      key: key ? Buffer.from(key) : undefined,
      expires: expires ? Date.parse(expires) : undefined,
    };
  } catch (error) {
    const { stderr, message } = error as Error & { stderr?: string };
    const hint = exec.installHint ? `\n${exec.installHint}` : "";
    const reason = stderr?.trim() || message.split("\n")[0];
    throw new Error(
      `the kubeconfig's credential command "${exec.command}" failed: ${reason}${hint}`,
    );
  }
}

function resolved(cluster: Cluster, ca: Buffer | undefined, { token, cert, key }: Credentials) {
  return stringify({
    apiVersion: "v1",
    kind: "Config",
    "current-context": "it",
    clusters: [
      {
        name: "it",
        cluster: {
          ...cluster,
          "certificate-authority": undefined,
          "certificate-authority-data": ca?.toString("base64"),
        },
      },
    ],
    contexts: [{ name: "it", context: { cluster: "it", user: "it" } }],
    users: [
      {
        name: "it",
        user: {
          token,
          "client-certificate-data": cert?.toString("base64"),
          "client-key-data": key?.toString("base64"),
        },
      },
    ],
  });
}
