import type { Connection } from "../../../components/kubeconfig/connection.js";
import { Access } from "./access.js";
import { exec, type RunInPod } from "./exec.js";
import { readLog, type ReadLog } from "./logs.js";
import { prometheus, type Prometheus } from "./prometheus.js";
import { type Snapshot, snapshot } from "./snapshot.js";

/** What a verification needs of a cluster; tests simulate it. */
export interface ClusterUnderTest {
  /** Never throws: a list that cannot be read throws when it is asked for. */
  snapshot(): Promise<Snapshot>;
  run: RunInPod;
  prometheus: Prometheus;
  log: ReadLog;
}

/** A cluster as its API server shows it. */
export function kubernetesCluster(connection: Connection, namespace: string): ClusterUnderTest {
  const access = new Access(connection);
  return {
    snapshot: () => snapshot(access, namespace),
    prometheus: prometheus(access),
    log: (pod, since) => readLog(access, pod, since),
    run: (pod, command, timeoutMs) => exec(access, pod, command, timeoutMs),
  };
}
