import type { KubeClient } from "../kubeconfig/client.js";
import type { KubernetesObject } from "../resources/manifest.js";

/** Pods that the API server would not admit. */
export interface RefusedPods {
  /** Names of the Deployments. */
  deployments: string[];
  /** The API server's reason: `violates PodSecurity "restricted:latest": …`. */
  reason: string;
}

interface Template {
  metadata?: { labels?: Record<string, string> };
  spec: Record<string, unknown>;
}

/**
 * Asks the API server whether it would admit each Deployment's Pod, by a dry run, which stores nothing
 * (https://kubernetes.io/docs/reference/using-api/api-concepts/#dry-run). So Pod security levels, limits, quotas and
 * admission webhooks are all asked as they are. An identity that may not create Pods gets no answer, since controllers
 * will create them.
 */
export async function refusedPods(
  client: KubeClient,
  namespace: string,
  objects: KubernetesObject[],
): Promise<RefusedPods[]> {
  const answers = await Promise.all(
    objects
      .filter(({ kind }) => kind === "Deployment")
      .map(async ({ metadata, spec }) => ({
        name: metadata.name,
        reason: await refusal(client, namespace, (spec as { template: Template }).template),
      })),
  );
  const reasons = [...new Set(answers.flatMap(({ reason }) => reason ?? []))];
  return reasons.map((reason) => ({
    reason,
    deployments: answers.filter((answer) => answer.reason === reason).map(({ name }) => name),
  }));
}

async function refusal(
  client: KubeClient,
  namespace: string,
  { metadata, spec }: Template,
): Promise<string | undefined> {
  const path = `/api/v1/namespaces/${namespace}/pods?dryRun=All`;
  const { status, body } = await client.request(path, {
    method: "POST",
    body: {
      apiVersion: "v1",
      kind: "Pod",
      metadata: { name: "oke-ambient-mesh-dry-run", namespace, labels: metadata?.labels },
      // Its own service account does not exist yet.
      spec: { ...spec, serviceAccountName: "default" },
    },
  });
  // 404: the namespace is gone; 5xx: a webhook that can't be asked.
  if (![400, 403, 422].includes(status)) return undefined;
  const message = messageOf(body);
  return !message || isNoVerdict.test(message)
    ? undefined
    : message.replace(/^.*?"oke-ambient-mesh-dry-run" is (forbidden|invalid): /, "");
}

/** Refusals of the dry run, or of this identity, rather than of the Pod. */
const isNoVerdict =
  /cannot create resource|error looking up service account|does not support dry run/;

function messageOf(body: string): string {
  try {
    return (JSON.parse(body) as { message?: string }).message ?? "";
  } catch {
    // Something between here and the API server answers in HTML.
    return "";
  }
}
