import { setTimeout as sleep } from "node:timers/promises";

import { ApiError } from "../control-plane/api.js";
import type { ControlPlane } from "../control-plane/index.js";
import type { DataPlane } from "../dataplane/index.js";
import { CloudController } from "./cloud-controller.js";
import type { Cloud } from "../oci/cloud.js";
import { OciError } from "../oci/state/errors.js";
import type { ClusterBackend, Worker } from "../oci/clusters/backend.js";

/** How long a worker tries to join, in milliseconds: as long as on OKE. */
const joinMs = 20 * 60_000;
const leaveMs = 5_000;

/** Runs one cluster at a time as processes of this machine: a new cluster replaces the one before. */
export class LocalBackend implements ClusterBackend {
  /** Set after construction: the cloud and its backend need each other. */
  cloud?: Cloud;
  private current?: string;
  private controller?: CloudController;
  private abandoned = false;

  constructor(
    private readonly options: {
      controlPlane: ControlPlane;
      /** Carries the requests between Pods. */
      dataPlane?: Pick<DataPlane, "start" | "stop" | "detach">;
      tokenReviewUrl: string;
    },
  ) {}

  async startCluster(cluster: { clusterId: string; kubernetesVersion: string }) {
    const { controlPlane, dataPlane, tokenReviewUrl } = this.options;
    await this.controller?.stop();
    const another = this.current !== undefined && this.current !== cluster.clusterId;
    if (another) await dataPlane?.stop();
    const { server, caPem } = await controlPlane.start({ ...cluster, tokenReviewUrl });
    await dataPlane?.start();
    this.current = cluster.clusterId;
    if (this.cloud) {
      const { clusterId } = cluster;
      this.controller = new CloudController(this.cloud, controlPlane.connection, clusterId);
      this.controller.start();
    }
    return { server, caPem };
  }

  async stopCluster(clusterId: string): Promise<void> {
    if (this.current !== undefined && this.current !== clusterId) return;
    await this.controller?.stop();
    await this.options.dataPlane?.stop();
    await this.options.controlPlane.remove();
    this.current = undefined;
  }

  async addNode(worker: Worker): Promise<void> {
    const joined = await this.retry(joinMs, () => this.options.controlPlane.addNode(worker));
    if (joined) return;
    throw new OciError(
      500,
      "InternalError",
      "1 nodes(s) register timeout. First, confirm that network prerequisites have been met.",
    );
  }

  /** If the API server does not answer, the Node remains. */
  async removeNode(name: string): Promise<void> {
    await this.retry(leaveMs, () => this.options.controlPlane.removeNode(name));
  }

  /** Ends the waiting for an API server, so that {@link close} does not have to wait too. */
  abandonRetries(): void {
    this.abandoned = true;
  }

  /** Stops the cluster's processes and keeps its data for the next backend on the same folder. */
  async close(): Promise<void> {
    await this.controller?.stop();
    await this.options.dataPlane?.stop();
    await this.options.controlPlane.stop();
  }

  private async retry(forMs: number, work: () => Promise<void>): Promise<boolean> {
    const end = Date.now() + forMs;
    for (;;) {
      try {
        await work();
        return true;
      } catch (error) {
        if (error instanceof ApiError && error.status >= 400 && error.status < 500) throw error;
        if (this.abandoned || Date.now() > end) return false;
        await sleep(500);
      }
    }
  }
}
