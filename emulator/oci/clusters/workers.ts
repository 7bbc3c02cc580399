import { freeAddress } from "../network/addresses.js";
import { type Body, list, part } from "../state/body.js";
import { OciError } from "../state/errors.js";
import { region } from "../tenancy/identity.js";
import type { ClusterBackend, Worker } from "./backend.js";
import { imageName, offers } from "./offers.js";
import type { Resources } from "../network/resources.js";
import type { Item, Store } from "../state/store.js";

interface Placement {
  availabilityDomain: string;
  subnetId: string;
}

/** The instances of node pools. Each has a VNIC in the worker subnet, a boot volume and a Node in Kubernetes. */
export class Workers {
  constructor(
    private readonly store: Store,
    private readonly resources: Resources,
    private readonly backend: ClusterBackend,
  ) {}

  /** A pool's workers, in the form of the API's `nodes`. */
  of(poolId: string): Item[] {
    return this.store.all("instance").flatMap(({ item, owner }) => {
      if (owner !== poolId) return [];
      const vnic = this.store.all("vnic").find(({ owner: instance }) => instance === item.id);
      const subnetId = vnic?.item["subnetId"];
      return [{ ...(item["node"] as Item), subnetId, id: item.id, nodePoolId: poolId }];
    });
  }

  /** Adds or removes workers until the pool has its size. */
  async scale(pool: Item): Promise<void> {
    const wanted = Number(part(pool, "nodeConfigDetails")["size"]);
    for (const node of this.of(pool.id)) await this.backend.addNode(worker(node));
    while (this.of(pool.id).length < wanted) await this.add(pool);
    for (const node of this.of(pool.id).slice(wanted)) await this.terminate(node);
  }

  /** Replaces, one by one, the workers that differ from the pool's specification. The new worker comes first. */
  async cycle(pool: Item): Promise<void> {
    const wanted = JSON.stringify(this.specification(pool));
    for (const node of this.of(pool.id)) {
      if (JSON.stringify(specificationOf(node)) === wanted) continue;
      await this.add(pool);
      await this.terminate(node);
    }
  }

  async remove(poolId: string): Promise<void> {
    for (const node of this.of(poolId)) await this.terminate(node);
  }

  private async add(pool: Item): Promise<void> {
    const config = part(pool, "nodeConfigDetails");
    const { availabilityDomain, subnetId } = this.place(pool, config);
    const specification = this.specification(pool);
    const privateIp = freeAddress(this.store, subnetId);
    const { compartmentId } = pool;
    const freeformTags = config["freeformTags"] ?? {};
    const displayName = `oke-${pool.id.slice(-8)}-${privateIp.replaceAll(".", "-")}`;
    const node = {
      name: privateIp,
      privateIp,
      availabilityDomain,
      faultDomain: "FAULT-DOMAIN-1",
      kubernetesVersion: specification["kubernetesVersion"],
      lifecycleState: "ACTIVE",
      lifecycleDetails: "",
      specification,
    };
    const instance = this.resources.create(
      "instance",
      { compartmentId, displayName, freeformTags, shape: specification["shape"], node },
      pool.id,
    );
    const about = { compartmentId, displayName, freeformTags, instanceId: instance.id };
    this.resources.create("vnic", { ...about, subnetId, privateIp }, instance.id);
    const sizeInGBs = Number(part(pool, "nodeSourceDetails")["bootVolumeSizeInGBs"] ?? 50);
    this.resources.create("bootvolume", { ...about, availabilityDomain, sizeInGBs }, instance.id);
    await this.backend.addNode(worker({ ...node, id: instance.id } as unknown as Item));
  }

  private async terminate(node: Item): Promise<void> {
    await this.backend.removeNode(String(node["name"]));
    this.store.remove(node.id);
  }

  /** The placement with the fewest workers among those that have capacity. */
  private place(pool: Item, config: Body): Placement {
    const { withoutCapacity } = offers(this.store);
    const shape = String(pool["nodeShape"]);
    const full = withoutCapacity[shape] ?? [];
    const occupied = this.of(pool.id).map((node) => node["availabilityDomain"]);
    const used = ({ availabilityDomain }: Placement) =>
      occupied.filter((domain) => domain === availabilityDomain).length;
    const [best] = list<Placement>(config, "placementConfigs")
      .filter(({ availabilityDomain }) => !full.includes(availabilityDomain))
      .sort((a, b) => used(a) - used(b));
    if (best) return best;
    throw new OciError(
      500,
      "InternalError",
      "1 nodes(s) launch failure: Out of host capacity. (500, InternalError, Out of host capacity.)",
    );
  }

  /** The properties that a worker keeps for life. */
  private specification(pool: Item): Body {
    const image = imageName(String(part(pool, "nodeSourceDetails")["imageId"]), offers(this.store));
    return {
      kubernetesVersion: pool["kubernetesVersion"],
      shape: pool["nodeShape"],
      ...part(pool, "nodeShapeConfig"),
      image,
    };
  }
}

/** `born` is the property's name in earlier state files. */
const specificationOf = (node: Item): Body => (node["specification"] ?? node["born"]) as Body;

/** The Node of an instance. Its name is the private address, as on OKE. */
function worker(node: Item): Worker {
  const specification = specificationOf(node);
  const zone = String(node["availabilityDomain"]);
  const release = /^Oracle-Linux-(\d+\.\d+)/.exec(String(specification["image"]))?.[1] ?? "";
  return {
    name: String(node["name"]),
    shape: String(specification["shape"]),
    ocpus: Number(specification["ocpus"] ?? 1),
    memoryGb: Number(specification["memoryInGBs"] ?? 16),
    kubeletVersion: String(specification["kubernetesVersion"]),
    osImage: `Oracle Linux Server ${release}`,
    labels: {
      "topology.kubernetes.io/region": region,
      "topology.kubernetes.io/zone": zone.slice(zone.indexOf(":") + 1),
      "node.kubernetes.io/instance-type": String(specification["shape"]),
      "oci.oraclecloud.com/fault-domain": String(node["faultDomain"]),
    },
  };
}
