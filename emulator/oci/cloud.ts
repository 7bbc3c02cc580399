import { Clusters } from "./clusters/clusters.js";
import { Faults } from "./state/faults.js";
import { LoadBalancers } from "./network/load-balancers.js";
import type { ClusterBackend } from "./clusters/backend.js";
import { NodePools } from "./clusters/node-pools.js";
import { Resources } from "./network/resources.js";
import type { Store } from "./state/store.js";
import { Workers } from "./clusters/workers.js";
import { WorkRequests } from "./state/work-requests.js";

/** OCI's services, over one state. */
export class Cloud {
  readonly faults = new Faults();
  readonly resources: Resources;
  readonly clusters: Clusters;
  readonly nodePools: NodePools;
  readonly loadBalancers: LoadBalancers;
  readonly workRequests: WorkRequests;

  /** @param emulator identifies the emulator on this machine: its state folder. */
  constructor(
    readonly store: Store,
    backend: ClusterBackend,
    emulator: string,
  ) {
    const requests = () => this.workRequests;
    this.resources = new Resources(store);
    this.clusters = new Clusters(store, this.resources, backend, requests);
    const workers = new Workers(store, this.resources, backend);
    this.nodePools = new NodePools(store, this.resources, this.clusters, workers, requests);
    this.loadBalancers = new LoadBalancers(store, this.resources, requests, emulator);
    this.workRequests = new WorkRequests(store, this.faults, {
      CLUSTER_CREATE: (id) => this.clusters.start(id),
      CLUSTER_UPDATE: (id, details) => this.clusters.change(id, details),
      CLUSTER_DELETE: (id) => this.deleteCluster(id),
      NODEPOOL_CREATE: (id) => this.nodePools.start(id),
      NODEPOOL_UPDATE: (id, details) => this.nodePools.change(id, details),
      NODEPOOL_DELETE: (id) => this.nodePools.stop(id),
      LOADBALANCER_CREATE: (id) => this.loadBalancers.start(id),
      LOADBALANCER_DELETE: (id) => this.loadBalancers.stop(id),
    });
  }

  /** Restores what an earlier process left: control planes, Nodes, operations in progress. */
  async resume(): Promise<void> {
    for (const { item } of this.store.all("cluster")) {
      if (!["ACTIVE", "UPDATING"].includes(item.lifecycleState)) continue;
      await this.clusters.start(item.id);
      for (const pool of this.nodePools.list(item.id)) {
        if (pool.lifecycleState === "ACTIVE") await this.nodePools.start(pool.id);
      }
    }
    this.workRequests.resume();
  }

  /** A cluster's node pools are deleted with it. */
  private async deleteCluster(id: string): Promise<void> {
    for (const pool of this.nodePools.list(id)) {
      if (pool.lifecycleState !== "DELETED") await this.nodePools.stop(pool.id);
    }
    await this.clusters.stop(id);
  }
}
