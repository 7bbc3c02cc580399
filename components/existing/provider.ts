import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";

import { problemsOf } from "./checks.js";
import type { ClusterFacts } from "./inspect.js";
import { isPath } from "./kubeconfig.js";
import type { Settings } from "../settings/settings.js";

/** Looks at a cluster; the plan and tests, which have none, put another in its place. */
export type Inspector = (existing: Settings["existing"]) => Promise<ClusterFacts>;

// The client library takes a second to load, which a program that looks at no cluster can do without.
const inspect: Inspector = async (existing) => (await import("./inspect.js")).inspect(existing);

let inspector: Inspector = inspect;

/** Replaces how a cluster is looked at; without an argument, the real way again. */
export function setClusterInspector(other: Inspector = inspect): void {
  inspector = other;
}

/**
 * A cluster that is there already: `await existingCluster("kubernetes", settings)`.
 *
 * @returns the provider, the cluster's identity (the UID of `kube-system`), known before anything is registered, and
 * how other programs reach the same cluster.
 * @throws pulumi.RunError where the cluster can't be reached or does not fit: its version, another Istio, permissions.
 */
export async function existingCluster(
  name: string,
  settings: Settings,
  opts?: pulumi.ResourceOptions,
): Promise<{
  provider: k8s.Provider;
  clusterId: pulumi.Output<string>;
  kubernetesVersion: string;
  access: Settings["existing"];
}> {
  const { kubeconfig } = settings.existing;
  const facts = await inspector(settings.existing);
  const problems = problemsOf(facts, settings);
  if (problems.length > 0) {
    throw new pulumi.RunError(
      [
        `The cluster ${facts.name} does not fit:`,
        ...problems.map((problem) => `  ${problem}`),
      ].join("\n"),
    );
  }
  const context = settings.existing.context ?? facts.context;
  const provider = new k8s.Provider(
    name,
    {
      // A path is no secret; a text may hold a credential.
      ...(kubeconfig && {
        kubeconfig: isPath(kubeconfig) ? kubeconfig : pulumi.secret(kubeconfig),
      }),
      // The one that was looked at, also where configuration leaves it open: a `destroy` after
      // `kubectl config use-context` must not reach another cluster.
      ...(context && { context }),
      // The same cluster under another kubeconfig is the same cluster.
      clusterIdentifier: facts.uid,
      // What was changed by hand belongs to whoever changed it; without force, `up` is refused the field.
      enablePatchForce: true,
    },
    opts,
  );
  return {
    provider,
    clusterId: pulumi.output(facts.uid),
    kubernetesVersion: facts.kubernetesVersion,
    access: { ...settings.existing, ...(context && { context }) },
  };
}
