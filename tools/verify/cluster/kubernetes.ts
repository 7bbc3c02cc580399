import type { KubeConfig } from "@kubernetes/client-node";

import type { ClusterUnderTest } from "../verify.js";
import { Access } from "./access.js";
import { exec } from "./exec.js";
import { snapshot } from "./snapshot.js";

/**
 * A cluster as its API server shows it.
 *
 * @throws Unchecked when the kubeconfig names no cluster.
 */
export function kubernetesCluster(config: KubeConfig, namespace: string): ClusterUnderTest {
  const access = new Access(config);
  return {
    snapshot: () => snapshot(access, namespace),
    run: (pod, command, timeoutMs) => exec(access, pod, command, timeoutMs),
  };
}
