import semver from "semver";

import { type Body, list, oneOf, part, require } from "../state/body.js";
import type { Clusters } from "./clusters.js";
import { conflict, invalid, notFound } from "../state/errors.js";
import { availabilityDomains, mayUse } from "../tenancy/identity.js";
import { imageName, offers } from "./offers.js";
import type { Resources } from "../network/resources.js";
import { type Item, newOcid, type Store } from "../state/store.js";
import type { WorkRequest, WorkRequests } from "../state/work-requests.js";
import type { Workers } from "./workers.js";

/** Node pools of OKE: https://docs.oracle.com/en-us/iaas/api/#/en/containerengine/20180222/NodePool */
export class NodePools {
  constructor(
    private readonly store: Store,
    private readonly resources: Resources,
    private readonly clusters: Clusters,
    private readonly workers: Workers,
    private readonly requests: () => WorkRequests,
  ) {}

  get(id: string): Item {
    const item = this.record(id);
    const imageId = String(part(item, "nodeSourceDetails")["imageId"]);
    const sourceName = imageName(imageId, offers(this.store));
    return {
      ...item,
      nodeImageId: imageId,
      nodeImageName: sourceName,
      nodeSource: { sourceType: "IMAGE", imageId, sourceName },
      nodes: this.workers.of(id),
    };
  }

  /** The node pools of one cluster, or of all. */
  list(clusterId?: string): Item[] {
    return this.store
      .all("nodepool")
      .filter(({ item }) => clusterId === undefined || item["clusterId"] === clusterId)
      .map(({ item }) => this.get(item.id));
  }

  create(body: Body): WorkRequest {
    require(body, "compartmentId", "clusterId", "name", "nodeShape", "nodeConfigDetails");
    if (!mayUse(body["compartmentId"])) throw notFound();
    const cluster = this.clusters.get(String(body["clusterId"]));
    if (!["ACTIVE", "UPDATING"].includes(cluster.lifecycleState)) {
      throw conflict(`The cluster ${cluster.id} is in state ${cluster.lifecycleState}`);
    }
    this.check(body, cluster);
    const id = newOcid("nodepool");
    const eviction = { evictionGraceDuration: "PT60M", isForceDeleteAfterGraceDuration: false };
    this.store.put({
      kind: "nodepool",
      item: {
        freeformTags: {},
        definedTags: {},
        initialNodeLabels: [],
        nodeMetadata: {},
        ...body,
        kubernetesVersion: body["kubernetesVersion"] ?? cluster["kubernetesVersion"],
        nodeEvictionNodePoolSettings: {
          ...eviction,
          ...part(body, "nodeEvictionNodePoolSettings"),
        },
        id,
        compartmentId: String(body["compartmentId"]),
        lifecycleState: "CREATING",
        timeCreated: new Date().toISOString(),
      },
    });
    return this.requests().accept("NODEPOOL_CREATE", id);
  }

  update(id: string, body: Body): WorkRequest {
    const pool = this.live(id);
    const cluster = this.clusters.get(String(pool["clusterId"]));
    const changed = merged(pool, body);
    this.check(changed, cluster);
    this.store.patch(id, { lifecycleState: "UPDATING" });
    return this.requests().accept("NODEPOOL_UPDATE", id, { changes: body });
  }

  delete(id: string): WorkRequest {
    this.live(id);
    this.store.patch(id, { lifecycleState: "DELETING" });
    return this.requests().accept("NODEPOOL_DELETE", id);
  }

  /** Handles NODEPOOL_CREATE; also adds the Nodes again for a new process. */
  async start(id: string): Promise<void> {
    await this.scale(id, () => this.workers.scale(this.get(id)));
  }

  /** Handles NODEPOOL_UPDATE. Existing workers keep their version and image, unless the pool cycles them. */
  async change(id: string, { changes }: Body): Promise<void> {
    this.store.patch(id, merged(this.record(id), changes as Body));
    await this.scale(id, async () => {
      const pool = this.get(id);
      await this.workers.scale(pool);
      if (part(pool, "nodePoolCyclingDetails")["isNodeCyclingEnabled"]) {
        await this.workers.cycle(pool);
      }
    });
  }

  /** Handles NODEPOOL_DELETE. */
  async stop(id: string): Promise<void> {
    await this.workers.remove(id);
    this.store.patch(id, { lifecycleState: "DELETED" });
  }

  /** A pool without the properties that {@link get} derives. */
  private record(id: string): Item {
    const stored = this.store.get(id);
    if (stored?.kind !== "nodepool") throw notFound();
    return stored.item;
  }

  private async scale(id: string, work: () => Promise<void>): Promise<void> {
    const { lifecycleState } = this.record(id);
    try {
      await work();
      this.store.patch(id, { lifecycleState: "ACTIVE", lifecycleDetails: "" });
    } catch (error) {
      // A pool that was active stays active: the next process tries again.
      if (lifecycleState === "ACTIVE") throw error;
      const lifecycleDetails = error instanceof Error ? error.message : String(error);
      this.store.patch(id, { lifecycleState: "NEEDS_ATTENTION", lifecycleDetails });
      throw error;
    }
  }

  private live(id: string): Item {
    const pool = this.get(id);
    if (pool.lifecycleState === "DELETED") throw notFound();
    if (this.requests().isBusy(id)) {
      throw conflict(
        `The node pool ${id} is in state ${pool.lifecycleState}: it is being changed.`,
      );
    }
    return pool;
  }

  private check(pool: Body, cluster: Item): void {
    const offered = offers(this.store);
    const shape = String(pool["nodeShape"]);
    oneOf("nodeShape", shape, offered.shapes);
    if (shape.endsWith(".Flex") && part(pool, "nodeShapeConfig")["ocpus"] === undefined) {
      throw invalid(`nodeShapeConfig is required for the flexible shape ${shape}`);
    }
    const version = String(pool["kubernetesVersion"] ?? cluster["kubernetesVersion"]);
    const control = String(cluster["kubernetesVersion"]);
    if (!isWorkerVersion(version, control)) {
      throw invalid(
        `Invalid kubernetesVersion: ${version} is not compatible with a cluster of ${control}`,
      );
    }
    const imageId = String(part(pool, "nodeSourceDetails")["imageId"]);
    const image = imageName(imageId, offered);
    if (!image) throw invalid(`Invalid nodeSourceDetails.imageId: Node image ${imageId} not found`);
    if (image.includes("-aarch64-") !== /\.A\d+\./.test(shape)) {
      throw invalid(`Image ${image} is not compatible with the shape ${shape}`);
    }
    const config = part(pool, "nodeConfigDetails");
    require(config, "size");
    if (!Number.isInteger(config["size"]) || Number(config["size"]) < 0) {
      throw invalid(`Invalid nodeConfigDetails.size: ${String(config["size"])}`);
    }
    const placements = list<{ availabilityDomain: string; subnetId: string }>(
      config,
      "placementConfigs",
    );
    if (placements.length === 0) throw invalid("nodeConfigDetails.placementConfigs is empty");
    for (const { availabilityDomain, subnetId } of placements) {
      oneOf("availabilityDomain", availabilityDomain, availabilityDomains);
      this.resources.get("subnet", subnetId);
      if (list(part(cluster, "options"), "serviceLbSubnetIds").includes(subnetId)) {
        throw invalid(`Subnet ${subnetId} is for load balancers: it can't be used by node pools`);
      }
    }
    const cycling = part(pool, "nodePoolCyclingDetails")["isNodeCyclingEnabled"];
    if (cycling && cluster["type"] !== "ENHANCED_CLUSTER") {
      throw invalid("nodePoolCyclingDetails: node cycling needs an enhanced cluster");
    }
  }
}

/** Workers may be up to three minors older than the control plane: https://kubernetes.io/releases/version-skew-policy/ */
const isWorkerVersion = (version: string, control: string): boolean =>
  semver.valid(version) !== null &&
  semver.lte(version, control) &&
  semver.minor(control) - semver.minor(version) <= 3;

/** An update replaces the properties that it names; in `nodeConfigDetails`, likewise. */
function merged(pool: Item, changes: Body): Item {
  const config = { ...part(pool, "nodeConfigDetails"), ...part(changes, "nodeConfigDetails") };
  return { ...pool, ...changes, nodeConfigDetails: config };
}
