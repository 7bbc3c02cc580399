import { homedir } from "node:os";

import {
  AppsV1Api,
  AuthorizationV1Api,
  CoreV1Api,
  KubeConfig,
  VersionApi,
} from "@kubernetes/client-node";
import * as pulumi from "@pulumi/pulumi";

import type { Settings } from "../settings/settings.js";
import { isPath, whyUnreadable } from "./kubeconfig.js";
import { lackingPermissions, refusals } from "./permissions.js";
import { present } from "./present.js";
import type { Present } from "./present.js";

/** What the program must know about a cluster before it deploys to it. */
export interface ClusterFacts {
  /** The cluster's name in messages: the context. */
  name: string;
  /** The kubeconfig's context; absent inside the cluster, where there is no kubeconfig. */
  context?: string;
  /** UID of namespace `kube-system`, which is constant for the cluster's lifetime. */
  uid: string;
  /** `v1.34.2`. */
  kubernetesVersion: string;
  /** Deployments of istiod, and the Helm releases that manage them. */
  istiods: { namespace: string; version?: string; managedBy?: string }[];
  present: Present;
}

/**
 * Inspects a cluster without changing it.
 *
 * @throws pulumi.RunError if it is unreachable, or the identity lacks a permission that the program needs.
 */
export async function inspect(existing: Settings["existing"]): Promise<ClusterFacts> {
  const config = kubeConfig(existing);
  const name = config.getCurrentContext();
  try {
    // First, because the other requests fail without these permissions.
    const forbidden = await refusals(config.makeApiClient(AuthorizationV1Api));
    if (forbidden.length > 0) throw lackingPermissions(name, forbidden);
    const [system, version, deployments, objects] = await Promise.all([
      config.makeApiClient(CoreV1Api).readNamespace({ name: "kube-system" }),
      config.makeApiClient(VersionApi).getCode(),
      config
        .makeApiClient(AppsV1Api)
        .listDeploymentForAllNamespaces({ labelSelector: "app=istiod" }),
      present(config),
    ]);
    return {
      name,
      ...(!isInCluster(config) && { context: name }),
      uid: system.metadata?.uid ?? "",
      kubernetesVersion: version.gitVersion,
      istiods: deployments.items.map(({ metadata, spec }) => ({
        namespace: metadata?.namespace ?? "",
        version: spec?.template.spec?.containers[0]?.image?.split(":").at(-1),
        managedBy: metadata?.annotations?.["meta.helm.sh/release-name"],
      })),
      present: objects,
    };
  } catch (error) {
    if (pulumi.RunError.isInstance(error)) throw error;
    throw unreachable(name, config.getCurrentCluster()?.server, error);
  }
}

/** The configured kubeconfig, or the one that kubectl uses. */
export function kubeConfig({ kubeconfig, context }: Settings["existing"]): KubeConfig {
  const config = new KubeConfig();
  try {
    if (!kubeconfig) loadDefault(config);
    else if (!isPath(kubeconfig)) config.loadFromString(kubeconfig);
    else config.loadFromFile(kubeconfig.trim().replace(/^~(?=\/)/, homedir()));
  } catch (error) {
    throw new pulumi.RunError(
      `No kubeconfig: ${whyUnreadable(kubeconfig, error)}.\nNext: pulumi config set --path existing.kubeconfig <path of a kubeconfig>`,
    );
  }
  if (context && !config.getContexts().some(({ name }) => name === context)) {
    const known = config.getContexts().map(({ name }) => name);
    throw new pulumi.RunError(
      `existing.context = ${context}: the kubeconfig has no such context. It has: ${known.join(", ") || "none"}.\nNext: pulumi config set --path existing.context <name>`,
    );
  }
  if (context) config.setCurrentContext(context);
  return config;
}

/** Without a kubeconfig the client falls back to http://localhost:8080. */
function loadDefault(config: KubeConfig): void {
  config.loadFromDefault();
  if (config.getCurrentCluster()?.server === "http://localhost:8080") {
    throw new Error("neither $KUBECONFIG nor ~/.kube/config has one");
  }
}

/** Inside the cluster the client reads the service account's token from a file. */
const isInCluster = (config: KubeConfig) =>
  (config.getCurrentUser()?.authProvider as { name?: string } | undefined)?.name === "tokenFile";

function unreachable(name: string, server: string | undefined, error: unknown): pulumi.RunError {
  return new pulumi.RunError(
    `Can't reach the cluster of context ${name || "(none)"} (${server ?? "no server"}): ${reason(error)}\nTo check: kubectl --context ${name || "<context>"} version. To use another cluster: pulumi config set --path existing.context <name>`,
  );
}

/** The first line: the client's messages contain whole responses with their headers. */
function reason(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const text = cause instanceof Error ? cause.message || cause.name : String(cause);
  return text.split("\n")[0] ?? text;
}
