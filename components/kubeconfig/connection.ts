import { existsSync } from "node:fs";

import { pemProblem, secretProblem, unreadable } from "./credentials.js";
import { InvalidKubeconfig, type Kubeconfig } from "./load.js";
import { clusterSchema, userSchema } from "./schema.js";
import type { ClusterEntry, ExecEntry, UserEntry } from "./schema.js";

/** A cluster and an identity, as a context names them. */
export interface Connection {
  /** The context's name; empty inside a cluster, where there is no kubeconfig. */
  context: string;
  /** The API server's URL without a slash at its end. */
  server: string;
  cluster: ClusterEntry;
  user: UserEntry;
}

type Environment = Record<string, string | undefined>;

/**
 * The connection of a context, validated as kubectl does
 * (https://github.com/kubernetes/client-go/blob/v0.36.3/tools/clientcmd/validation.go). A context without a user, or
 * with one that the kubeconfig lacks, is anonymous.
 *
 * @param name the context's; default: the current one.
 * @throws InvalidKubeconfig
 */
export function connectionOf(config: Kubeconfig, name = config.currentContext): Connection {
  const known = [...config.contexts.keys()].join(", ") || "none";
  if (!name) throw new InvalidKubeconfig(`it has no current context. Its contexts: ${known}`);
  const context = config.contexts.get(name);
  if (!context) throw new InvalidKubeconfig(`it has no context ${name}. Its contexts: ${known}`);
  const cluster = config.clusters.get(context.cluster ?? "");
  if (!cluster) {
    const which = context.cluster ? `cluster ${context.cluster}, which it lacks` : "no cluster";
    throw new InvalidKubeconfig(`its context ${name} names ${which}`);
  }
  const user = config.users.get(context.user ?? "") ?? userSchema.parse({});
  const problem =
    clusterProblem(`its cluster ${context.cluster}`, cluster) ??
    userProblem(`its user ${context.user}`, user);
  if (problem) throw new InvalidKubeconfig(problem);
  const server = withScheme(cluster.server ?? "");
  return { context: name, server: server.replace(/\/+$/, ""), cluster, user };
}

/** Without a scheme client-go uses HTTP, since the certificates are not read yet. */
const withScheme = (server: string) => (/^\w+:\/\//.test(server) ? server : `http://${server}`);

const serviceAccount = "/var/run/secrets/kubernetes.io/serviceaccount";

/** The connection of a Pod to its own cluster; undefined outside of one. */
export function inClusterConnection(env: Environment = process.env): Connection | undefined {
  const { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port } = env;
  if (!host || !port || !existsSync(`${serviceAccount}/token`)) return undefined;
  return {
    context: "",
    server: `https://${host.includes(":") ? `[${host}]` : host}:${port}`,
    cluster: clusterSchema.parse({ "certificate-authority": `${serviceAccount}/ca.crt` }),
    user: userSchema.parse({ tokenFile: `${serviceAccount}/token` }),
  };
}

/** The first reason why kubectl rejects the cluster. */
function clusterProblem(its: string, cluster: ClusterEntry): string | undefined {
  const { server, "proxy-url": proxy } = cluster;
  if (!server) return `${its} has no server`;
  if (!URL.canParse(withScheme(server))) {
    return `${its} has a server that is not a URL such as https://192.0.2.10:6443`;
  }
  if (proxy && !/^(https?|socks5):$/.test(URL.canParse(proxy) ? new URL(proxy).protocol : "")) {
    return `${its} has a proxy-url that is not http://, https:// or socks5://`;
  }
  if (cluster["certificate-authority"] && cluster["certificate-authority-data"]) {
    return `${its} has both certificate-authority and certificate-authority-data`;
  }
  const ca = cluster["certificate-authority"] ?? cluster["certificate-authority-data"];
  if (ca && cluster["insecure-skip-tls-verify"]) {
    return `${its} has both a certificate authority and insecure-skip-tls-verify`;
  }
  const problem = pemProblem(cluster, "certificate-authority");
  return problem && `${its} has ${problem}`;
}

/** The first reason why kubectl rejects the user. */
function userProblem(its: string, user: UserEntry): string | undefined {
  const { as, exec, token, username, password } = user;
  if (token && (username || password)) return `${its} has both a token and a password`;
  if (!as && (user["as-uid"] || user["as-groups"].length > 0 || user["as-user-extra"])) {
    return `${its} has as-uid, as-groups or as-user-extra without as`;
  }
  if (user["client-certificate"] && user["client-certificate-data"]) {
    return `${its} has both client-certificate and client-certificate-data`;
  }
  if (user["client-certificate"] || user["client-certificate-data"]) {
    if (user["client-key"] && user["client-key-data"]) {
      return `${its} has both client-key and client-key-data`;
    }
    if (!user["client-key"] && !user["client-key-data"]) {
      return `${its} has a client certificate without a key`;
    }
  }
  const hasCertificate = user["client-certificate"] || user["client-certificate-data"];
  const problem =
    pemProblem(user, "client-certificate") ??
    // A key alone is no credential.
    (hasCertificate ? pemProblem(user, "client-key") : undefined) ??
    secretProblem(user) ??
    // With a token, kubectl reads the file only to renew it.
    (token ? undefined : unreadable("tokenFile", user.tokenFile));
  if (problem) return `${its} has ${problem}`;
  if (exec && user["auth-provider"]) return `${its} has both exec and auth-provider`;
  return exec && execProblem(its, exec);
}

const execVersions = ["v1", "v1beta1"].map((version) => `client.authentication.k8s.io/${version}`);

function execProblem(its: string, exec: ExecEntry): string | undefined {
  const { apiVersion, command, interactiveMode } = exec;
  if (!command) return `${its} has an exec without a command`;
  if (!apiVersion || !execVersions.includes(apiVersion)) {
    return `${its} has an exec with apiVersion ${apiVersion ?? "(none)"}; kubectl supports ${execVersions.join(" and ")}`;
  }
  if (!interactiveMode) {
    return apiVersion === execVersions[0]
      ? `${its} has an exec without interactiveMode, which ${apiVersion} requires`
      : undefined;
  }
  if (!["Never", "IfAvailable", "Always"].includes(interactiveMode)) {
    return `${its} has an exec with interactiveMode ${interactiveMode}; expected Never, IfAvailable or Always`;
  }
  return interactiveMode === "Always"
    ? `${its} has an exec with interactiveMode Always, which needs a terminal; Pulumi's providers have none`
    : undefined;
}
