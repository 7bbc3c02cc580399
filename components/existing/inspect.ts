import * as pulumi from "@pulumi/pulumi";

import { KubeClient } from "../kubeconfig/client.js";
import { connectTo } from "../kubeconfig/connect.js";
import type { Settings } from "../settings/settings.js";
import { listObjects, statusError, type Metadata } from "./lists.js";
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
  const client = new KubeClient(connectTo(existing));
  const { context, server } = client.connection;
  const name = context || "in-cluster";
  try {
    // First, because the other requests fail without these permissions.
    const forbidden = await refusals(client);
    if (forbidden.length > 0) throw lackingPermissions(name, forbidden);
    const [system, version, deployments, objects] = await Promise.all([
      get<{ metadata: Metadata }>(client, "/api/v1/namespaces/kube-system"),
      get<{ gitVersion: string }>(client, "/version"),
      listObjects<IstiodDeployment>(client, "/apis/apps/v1/deployments?labelSelector=app%3Distiod"),
      present(client),
    ]);
    return {
      name,
      ...(context && { context }),
      uid: system.metadata.uid ?? "",
      kubernetesVersion: version.gitVersion,
      istiods: deployments.map(({ metadata, spec }) => ({
        namespace: metadata.namespace ?? "",
        version: spec?.template?.spec?.containers?.[0]?.image?.split(":").at(-1),
        managedBy: metadata.annotations?.["meta.helm.sh/release-name"],
      })),
      present: objects,
    };
  } catch (error) {
    if (pulumi.RunError.isInstance(error)) throw error;
    throw unreachable(name, server, error);
  }
}

interface IstiodDeployment {
  metadata: Metadata;
  spec?: { template?: { spec?: { containers?: { image?: string }[] } } };
}

async function get<T>(client: KubeClient, path: string): Promise<T> {
  const answer = await client.request(path);
  if (answer.status !== 200) throw statusError(answer);
  return JSON.parse(answer.body) as T;
}

function unreachable(name: string, server: string, error: unknown): pulumi.RunError {
  return new pulumi.RunError(
    `Can't reach the cluster of context ${name} (${server}): ${reason(error)}\nTo check: kubectl --context ${name} version. To use another cluster: pulumi config set --path existing.context <name>`,
  );
}

function reason(error: unknown): string {
  const { message, name } = error as Error;
  return (message || name).split("\n")[0] ?? name;
}
