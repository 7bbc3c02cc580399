import { setTimeout as sleep } from "node:timers/promises";

import { ApiError } from "../control-plane/api.js";
import type { ControlPlane } from "../control-plane/index.js";
import type { DataPlane } from "../dataplane/index.js";
import { CloudController } from "./cloud-controller.js";
import type { Cloud } from "../oci/cloud.js";
import { OciError } from "../oci/state/errors.js";
import type { Machinery, Worker } from "../oci/clusters/backend.js";

/** How long a worker tries to join, in milliseconds; OKE gives up after twenty minutes. */
const joinMs = 20 * 60_000;
const leaveMs = 5_000;

/** A cluster as processes of this machine. There is one at a time: a newer one takes the place of the one before. */
export class LocalMachinery implements Machinery {
  /** Set once there is a cloud on this machinery. */
  cloud?: Cloud;
  private current?: string;
  private controller?: CloudController;
  private givenUp = false;

  constructor(
    private readonly at: {
      controlPlane: ControlPlane;
      /** Carries the requests of what runs in the cluster. */
      dataPlane?: Pick<DataPlane, "start" | "stop" | "detach">;
      tokenReviewUrl: string;
    },
  ) {}

  async startCluster(cluster: { clusterId: string; kubernetesVersion: string }) {
    const { controlPlane, dataPlane, tokenReviewUrl } = this.at;
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
    await this.at.dataPlane?.stop();
    await this.at.controlPlane.remove();
    this.current = undefined;
  }

  async addNode(worker: Worker): Promise<void> {
    const joined = await this.persist(joinMs, () => this.at.controlPlane.addNode(worker));
    if (joined) return;
    throw new OciError(
      500,
      "InternalError",
      "1 nodes(s) register timeout. First, confirm that network prerequisites have been met.",
    );
  }

  /** Where the API server does not answer, the Node stays what it is: an entry nobody reads. */
  async removeNode(name: string): Promise<void> {
    await this.persist(leaveMs, () => this.at.controlPlane.removeNode(name));
  }

  /** Ends what waits for an API server, so that {@link close} finds nothing under way. */
  giveUp(): void {
    this.givenUp = true;
  }

  /** Stops the cluster's processes; what it holds is there for the next one on the same folder. */
  async close(): Promise<void> {
    await this.controller?.stop();
    await this.at.dataPlane?.stop();
    await this.at.controlPlane.stop();
  }

  private async persist(forMs: number, work: () => Promise<void>): Promise<boolean> {
    const end = Date.now() + forMs;
    for (;;) {
      try {
        await work();
        return true;
      } catch (error) {
        if (error instanceof ApiError && error.status >= 400 && error.status < 500) throw error;
        if (this.givenUp || Date.now() > end) return false;
        await sleep(500);
      }
    }
  }
}
