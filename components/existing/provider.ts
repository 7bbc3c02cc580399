import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";

import { forProvider } from "../kubeconfig/for-provider.js";
import { wordsOf } from "../kubeconfig/words.js";
import { isSecretKey } from "../resources/sealing.js";
import { withoutWords } from "../resources/secret-texts.js";
import type { Settings } from "../settings/settings.js";
import { problemsOf } from "./checks.js";
import { unlistedSentence, warningsOf } from "./warnings.js";
import { inspect as inspectCluster, type ClusterFacts } from "./inspect.js";

/** Inspects a cluster without changing it. */
export type ClusterInspector = (settings: Settings) => Promise<ClusterFacts>;

/**
 * The kubernetes provider of an existing cluster.
 *
 * @param inspect replaces the requests to the cluster, for plans and tests.
 * @returns also the cluster's ID, the UID of `kube-system`, which is known before anything is registered, and how
 * other commands reach the same cluster.
 * @throws pulumi.RunError if the cluster is unreachable or does not fit: its version, another Istio, permissions.
 */
export async function existingClusterProvider(
  name: string,
  settings: Settings,
  inspect: ClusterInspector = inspectCluster,
): Promise<{
  provider: k8s.Provider;
  clusterId: pulumi.Output<string>;
  kubernetesVersion: string;
  access: Settings["existing"] & { isSecret?: boolean };
}> {
  const { kubeconfig } = settings.existing;
  const hide = hidingKubeconfig(kubeconfig);
  const facts = await inspect(settings).catch((error: unknown) => {
    throw pulumi.RunError.isInstance(error) ? new pulumi.RunError(hide(error.message)) : error;
  });
  const problems = problemsOf(facts, settings);
  if (problems.length > 0) {
    const lines = [
      `The cluster ${facts.name} does not fit:`,
      ...problems.map((problem) => `  ${problem}`),
    ];
    throw new pulumi.RunError(hide(lines.join("\n")));
  }
  for (const warning of warningsOf(facts, settings)) await pulumi.log.warn(hide(warning));
  const { unlisted } = facts.present;
  if (unlisted.length > 0) {
    await pulumi.log.warn(`Not all of the cluster was checked: ${unlistedSentence(unlisted)}.`);
  }
  const context = settings.existing.context ?? facts.context;
  const provider = new k8s.Provider(name, {
    ...(kubeconfig && { kubeconfig: kubeconfigInput(kubeconfig) }),
    // The inspected context, even if the configuration sets none: a `destroy` after `kubectl config use-context` must
    // not reach another cluster.
    ...(context && { context }),
    // The same cluster in another kubeconfig is the same cluster.
    clusterIdentifier: facts.uid,
    // A field changed by hand belongs to another field manager; without force, `up` fails on it.
    enablePatchForce: true,
  });
  return {
    provider,
    clusterId: pulumi.output(facts.uid),
    kubernetesVersion: facts.kubernetesVersion,
    access: {
      ...settings.existing,
      ...(context && { context }),
      ...(isSecretAccess() && { isSecret: true }),
    },
  };
}

/** The engine hides an encrypted value in messages as a whole, not what a kubeconfig's text contains. */
function hidingKubeconfig(kubeconfig: string | undefined): (message: string) => string {
  return withoutWords(isSecretAccess() ? wordsOf(kubeconfig) : []);
}

const isSecretAccess = () => isSecretKey(`${pulumi.getProject()}:existing`);

/** A path is not a secret; a text may contain a credential. */
function kubeconfigInput(kubeconfig: string): pulumi.Input<string> {
  const text = forProvider(kubeconfig);
  return text === undefined ? kubeconfig : pulumi.secret(text);
}
