import { setTimeout as sleep } from "node:timers/promises";

import { ApiError } from "../control-plane/api.js";
import type { ControlPlane } from "../control-plane/index.js";
import { CloudController } from "./cloud-controller.js";
import type { Cloud } from "./cloud.js";
import { OciError } from "./errors.js";
import type { Machinery, Worker } from "./machinery.js";

/** How long a worker tries to join, in milliseconds; OKE gives up after twenty minutes. */
const joinMs = 20 * 60_000;
const leaveMs = 5_000;

/** A cluster as processes of this machine. There is one at a time: a newer one takes the place of the one before. */
export class LocalMachinery implements Machinery {
  /** Set once there is a cloud on this machinery. */
  cloud?: Cloud;
  private current?: string;
  private controller?: CloudController;

  constructor(
    private readonly controlPlane: ControlPlane,
    private readonly tokenReviewUrl: string,
  ) {}

  async startCluster(cluster: { clusterId: string; kubernetesVersion: string }) {
    await this.controller?.stop();
    const { tokenReviewUrl } = this;
    const { server, caPem } = await this.controlPlane.start({ ...cluster, tokenReviewUrl });
    this.current = cluster.clusterId;
    if (this.cloud) {
      const { connection } = this.controlPlane;
      this.controller = new CloudController(this.cloud, connection, cluster.clusterId);
      this.controller.start();
    }
    return { server, caPem };
  }

  async stopCluster(clusterId: string): Promise<void> {
    if (this.current !== undefined && this.current !== clusterId) return;
    await this.controller?.stop();
    await this.controlPlane.remove();
    this.current = undefined;
  }

  async addNode(worker: Worker): Promise<void> {
    const joined = await this.persist(joinMs, () => this.controlPlane.addNode(worker));
    if (joined) return;
    throw new OciError(
      500,
      "InternalError",
      "1 nodes(s) register timeout. First, confirm that network prerequisites have been met.",
    );
  }

  /** Where the API server does not answer, the Node stays what it is: an entry nobody reads. */
  async removeNode(name: string): Promise<void> {
    await this.persist(leaveMs, () => this.controlPlane.removeNode(name));
  }

  /** Ends what works here; the cluster's processes go on until the control plane is stopped. */
  async close(): Promise<void> {
    await this.controller?.stop();
  }

  private async persist(forMs: number, work: () => Promise<void>): Promise<boolean> {
    const end = Date.now() + forMs;
    for (;;) {
      try {
        await work();
        return true;
      } catch (error) {
        if (error instanceof ApiError && error.status >= 400 && error.status < 500) throw error;
        if (Date.now() > end) return false;
        await sleep(500);
      }
    }
  }
}
