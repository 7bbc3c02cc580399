import type { KubeConfig } from "@kubernetes/client-node";

import { Access } from "./access.js";
import { exec, type RunInPod } from "./exec.js";
import { type Snapshot, snapshot } from "./snapshot.js";

/** What a verification needs of a cluster; tests simulate it. */
export interface ClusterUnderTest {
  /** Never throws: a list that cannot be read throws when it is asked for. */
  snapshot(): Promise<Snapshot>;
  run: RunInPod;
}

/**
 * A cluster as its API server shows it.
 *
 * @throws UncheckedError when the kubeconfig names no cluster.
 */
export function kubernetesCluster(config: KubeConfig, namespace: string): ClusterUnderTest {
  const access = new Access(config);
  return {
    snapshot: () => snapshot(access, namespace),
    run: (pod, command, timeoutMs) => exec(access, pod, command, timeoutMs),
  };
}
