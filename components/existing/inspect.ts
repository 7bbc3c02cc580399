import * as pulumi from "@pulumi/pulumi";

import { KubeClient } from "../kubeconfig/client.js";
import type { Connection } from "../kubeconfig/connection.js";
import { connectTo } from "../kubeconfig/connect.js";
import { systemNamespace } from "../mesh/names.js";
import { reaches, type Settings } from "../settings/settings.js";
import { reaching } from "./commands.js";
import { refusedPods, type RefusedPods } from "./dry-run.js";
import { Lists, statusError, type Metadata } from "./lists.js";
import { hasLoadBalancerController } from "./load-balancer.js";
import { missingObjects } from "./objects.js";
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
  /** Why the deletion of a namespace has not ended, by its name. */
  heldNamespaces?: Record<string, string>;
  /** Pods of the application that the API server would refuse. */
  refusedPods?: RefusedPods[];
  /** Whether the ingress Service needs a load balancer and nothing seems to give it an address. */
  lacksLoadBalancers?: boolean;
}

/**
 * Inspects a cluster without changing it.
 *
 * @throws pulumi.RunError if it is unreachable, or the identity lacks a permission that the program needs.
 */
export async function inspect(settings: Settings): Promise<ClusterFacts> {
  const client = new KubeClient(connectTo(settings.existing));
  const { context } = client.connection;
  const name = context || "in-cluster";
  try {
    // First, because the other requests fail without these permissions.
    const forbidden = await refusals(client, settings);
    if (forbidden.length > 0) throw lackingPermissions(name, forbidden);
    const [system, version, deployments, objects] = await Promise.all([
      get<{ metadata: Metadata }>(client, "/api/v1/namespaces/kube-system"),
      get<{ gitVersion: string }>(client, "/version"),
      new Lists(client).objects<IstiodDeployment>(
        "/apis/apps/v1/deployments?labelSelector=app%3Distiod",
      ),
      present(client, settings),
    ]);
    const [heldNamespaces, pods, lacksLoadBalancers] = await Promise.all([
      held(client, objects, settings),
      refused(client, objects, settings),
      // Only a cluster that may lack them costs a request.
      objects.mayLackLoadBalancers &&
        hasLoadBalancerController(new Lists(client)).then((has) => !has),
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
      heldNamespaces,
      refusedPods: pods,
      lacksLoadBalancers,
    };
  } catch (error) {
    if (pulumi.RunError.isInstance(error)) throw error;
    throw unreachable(client.connection, settings.existing.kubeconfig, error);
  }
}

/** Only a namespace that is being deleted costs a request. */
async function held(
  client: KubeClient,
  { namespaces }: Present,
  { namespace }: Settings,
): Promise<Record<string, string>> {
  const ours = [namespace, systemNamespace];
  const going = namespaces.filter((each) => each.isBeingDeleted && ours.includes(each.name));
  const entries = going.map(async ({ name }) => {
    const found = await client.get<NamespaceStatus>(`/api/v1/namespaces/${name}`);
    const reasons = (found?.status?.conditions ?? [])
      .filter(({ status }) => status === "True")
      .map(({ message = "" }) => message.trim())
      .filter((message) => message !== "");
    return [name, reasons.join("; ")] as const;
  });
  return Object.fromEntries(await Promise.all(entries));
}

interface NamespaceStatus {
  status?: { conditions?: { status: string; message?: string }[] };
}

/** A Pod that already exists was admitted, and a namespace that does not exist has no rules yet. */
async function refused(
  client: KubeClient,
  { namespaces, application }: Present,
  settings: Settings,
): Promise<RefusedPods[]> {
  const { namespace, stage } = settings;
  const found = namespaces.find(({ name }) => name === namespace);
  if (!reaches(stage)("bookinfo") || !found || found.isBeingDeleted) return [];
  return refusedPods(client, namespace, missingObjects(settings, application));
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

function unreachable(
  { context, server }: Connection,
  kubeconfig: string | undefined,
  error: unknown,
): pulumi.RunError {
  return new pulumi.RunError(
    `Can't reach the cluster of context ${context || "in-cluster"} (${server}): ${reason(error)}\nTo check: ${reaching({ kubeconfig, context })("kubectl version")}. To use another cluster: pulumi config set --path existing.context <name>`,
  );
}

function reason(error: unknown): string {
  const { message, name } = error as Error;
  return (message || name).split("\n")[0] ?? name;
}
