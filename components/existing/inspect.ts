import { homedir } from "node:os";

import {
  AppsV1Api,
  AuthorizationV1Api,
  CoreV1Api,
  KubeConfig,
  VersionApi,
} from "@kubernetes/client-node";
import * as pulumi from "@pulumi/pulumi";

import type { Settings } from "../settings.js";
import { present } from "./present.js";
import type { Present } from "./present.js";

/** What matters about a cluster before anything is put into it. */
export interface ClusterFacts {
  /** The context's name. */
  name: string;
  /** UID of the namespace `kube-system`, which lives as long as the cluster. */
  uid: string;
  /** `v1.34.2`. */
  kubernetesVersion: string;
  /** Deployments of istiod, and which Helm release or program manages them. */
  istiods: { namespace: string; version?: string; managedBy?: string }[];
  /** What the identity may not do, in words. */
  forbidden: string[];
  present: Present;
}

/** Everything the program does to a cluster, as the API server can be asked about it. */
const needed = [
  { verb: "create", group: "", resource: "namespaces" },
  { verb: "patch", group: "", resource: "namespaces" },
  { verb: "create", group: "apiextensions.k8s.io", resource: "customresourcedefinitions" },
  { verb: "create", group: "rbac.authorization.k8s.io", resource: "clusterroles" },
  { verb: "create", group: "rbac.authorization.k8s.io", resource: "clusterrolebindings" },
  {
    verb: "create",
    group: "admissionregistration.k8s.io",
    resource: "validatingwebhookconfigurations",
  },
  {
    verb: "create",
    group: "admissionregistration.k8s.io",
    resource: "mutatingwebhookconfigurations",
  },
  { verb: "create", group: "apps", resource: "daemonsets", namespace: "istio-system" },
  { verb: "create", group: "", resource: "secrets", namespace: "istio-system" },
];

/**
 * Looks at a cluster; changes nothing.
 *
 * @throws pulumi.RunError where it can't be reached.
 */
export async function inspect(existing: Settings["existing"]): Promise<ClusterFacts> {
  const config = kubeConfig(existing);
  const name = config.getCurrentContext();
  try {
    const core = config.makeApiClient(CoreV1Api);
    const [system, version, deployments, objects, answers] = await Promise.all([
      core.readNamespace({ name: "kube-system" }),
      config.makeApiClient(VersionApi).getCode(),
      config
        .makeApiClient(AppsV1Api)
        .listDeploymentForAllNamespaces({ labelSelector: "app=istiod" }),
      present(config),
      Promise.all(needed.map((access) => may(config.makeApiClient(AuthorizationV1Api), access))),
    ]);
    return {
      name,
      uid: system.metadata?.uid ?? "",
      kubernetesVersion: version.gitVersion,
      istiods: deployments.items.map(({ metadata, spec }) => ({
        namespace: metadata?.namespace ?? "",
        version: spec?.template.spec?.containers[0]?.image?.split(":").at(-1),
        managedBy: metadata?.annotations?.["meta.helm.sh/release-name"],
      })),
      forbidden: answers.flatMap((answer) => answer ?? []),
      present: objects,
    };
  } catch (error) {
    throw unreachable(name, config.getCurrentCluster()?.server, error);
  }
}

/** The kubeconfig that configuration names, or the one that kubectl would use. */
export function kubeConfig({ kubeconfig, context }: Settings["existing"]): KubeConfig {
  const config = new KubeConfig();
  try {
    if (!kubeconfig) loadDefault(config);
    else if (kubeconfig.trim().includes("\n")) config.loadFromString(kubeconfig);
    else config.loadFromFile(kubeconfig.replace(/^~(?=\/)/, homedir()));
  } catch (error) {
    throw new pulumi.RunError(
      `No kubeconfig: ${reason(error)}.\nNext: pulumi config set --path existing.kubeconfig <path of a kubeconfig>`,
    );
  }
  if (context && !config.getContexts().some(({ name }) => name === context)) {
    const known = config.getContexts().map(({ name }) => name);
    throw new pulumi.RunError(
      `existing.context = ${context}: the kubeconfig has no such context; it has: ${known.join(", ") || "none"}.\nNext: pulumi config set --path existing.context <name>`,
    );
  }
  if (context) config.setCurrentContext(context);
  return config;
}

/** The client falls back to http://localhost:8080 where it finds no kubeconfig; kubectl did so once. */
function loadDefault(config: KubeConfig): void {
  config.loadFromDefault();
  if (config.getCurrentCluster()?.server === "http://localhost:8080") {
    throw new Error("there is none at $KUBECONFIG or ~/.kube/config");
  }
}

async function may(
  api: AuthorizationV1Api,
  { verb, group, resource, namespace }: (typeof needed)[number],
): Promise<string | undefined> {
  const { status } = await api.createSelfSubjectAccessReview({
    body: { spec: { resourceAttributes: { verb, group, resource, namespace } } },
  });
  if (status?.allowed) return undefined;
  return `${verb} ${resource}${group && `.${group}`}${namespace ? ` in ${namespace}` : ""}`;
}

function unreachable(name: string, server: string | undefined, error: unknown): pulumi.RunError {
  return new pulumi.RunError(
    `The cluster of context ${name || "(none)"} (${server ?? "no server"}) can't be asked: ${reason(error)}\nNext: kubectl --context ${name || "<context>"} version; another cluster: pulumi config set --path existing.context <name>`,
  );
}

/** The client's own messages hold whole responses with their headers. */
function reason(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const text = cause instanceof Error ? cause.message || cause.name : String(cause);
  return text.split("\n")[0] ?? text;
}
