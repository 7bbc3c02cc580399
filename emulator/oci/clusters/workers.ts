import { freeAddress } from "../network/addresses.js";
import { type Body, list, part } from "../state/body.js";
import { OciError } from "../state/errors.js";
import { region } from "../tenancy/identity.js";
import type { Machinery, Worker } from "./backend.js";
import { imageName, offers } from "./offers.js";
import type { Resources } from "../network/resources.js";
import type { Item, Store } from "../state/store.js";

interface Placement {
  availabilityDomain: string;
  subnetId: string;
}

/** The instances of node pools: each with a VNIC in the worker subnet and a boot volume, and a Node in Kubernetes. */
export class Workers {
  constructor(
    private readonly store: Store,
    private readonly resources: Resources,
    private readonly machinery: Machinery,
  ) {}

  /** A pool's workers as OKE lists them. */
  of(poolId: string): Item[] {
    return this.store.all("instance").flatMap(({ item, owner }) => {
      if (owner !== poolId) return [];
      const vnic = this.store.all("vnic").find(({ owner: instance }) => instance === item.id);
      const subnetId = vnic?.item["subnetId"];
      return [{ ...(item["node"] as Item), subnetId, id: item.id, nodePoolId: poolId }];
    });
  }

  /** Starts or ends workers until there are as many as the pool wants. */
  async scale(pool: Item): Promise<void> {
    const wanted = Number(part(pool, "nodeConfigDetails")["size"]);
    for (const node of this.of(pool.id)) await this.machinery.addNode(worker(node));
    while (this.of(pool.id).length < wanted) await this.add(pool);
    for (const node of this.of(pool.id).slice(wanted)) await this.end(node);
  }

  /** Replaces the workers that are not what the pool says now, one after the other, the new one first. */
  async cycle(pool: Item): Promise<void> {
    const now = JSON.stringify(this.born(pool));
    for (const node of this.of(pool.id)) {
      if (JSON.stringify(node["born"]) === now) continue;
      await this.add(pool);
      await this.end(node);
    }
  }

  async remove(poolId: string): Promise<void> {
    for (const node of this.of(poolId)) await this.end(node);
  }

  private async add(pool: Item): Promise<void> {
    const config = part(pool, "nodeConfigDetails");
    const { availabilityDomain, subnetId } = this.place(pool, config);
    const born = this.born(pool);
    const privateIp = freeAddress(this.store, subnetId);
    const { compartmentId } = pool;
    const freeformTags = config["freeformTags"] ?? {};
    const displayName = `oke-${pool.id.slice(-8)}-${privateIp.replaceAll(".", "-")}`;
    const node = {
      name: privateIp,
      privateIp,
      availabilityDomain,
      faultDomain: "FAULT-DOMAIN-1",
      kubernetesVersion: born["kubernetesVersion"],
      lifecycleState: "ACTIVE",
      lifecycleDetails: "",
      born,
    };
    const instance = this.resources.create(
      "instance",
      { compartmentId, displayName, freeformTags, shape: born["shape"], node },
      pool.id,
    );
    const about = { compartmentId, displayName, freeformTags, instanceId: instance.id };
    this.resources.create("vnic", { ...about, subnetId, privateIp }, instance.id);
    const sizeInGBs = Number(part(pool, "nodeSourceDetails")["bootVolumeSizeInGBs"] ?? 50);
    this.resources.create("bootvolume", { ...about, availabilityDomain, sizeInGBs }, instance.id);
    await this.machinery.addNode(worker({ ...node, id: instance.id } as unknown as Item));
  }

  private async end(node: Item): Promise<void> {
    await this.machinery.removeNode(String(node["name"]));
    this.store.remove(node.id);
  }

  /** The placement with the fewest workers among those whose domain has capacity. */
  private place(pool: Item, config: Body): Placement {
    const { withoutCapacity } = offers(this.store);
    const shape = String(pool["nodeShape"]);
    const full = withoutCapacity[shape] ?? [];
    const there = this.of(pool.id).map((node) => node["availabilityDomain"]);
    const used = ({ availabilityDomain }: Placement) =>
      there.filter((domain) => domain === availabilityDomain).length;
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

  /** What a worker gets at its birth and keeps. */
  private born(pool: Item): Body {
    const image = imageName(String(part(pool, "nodeSourceDetails")["imageId"]), offers(this.store));
    return {
      kubernetesVersion: pool["kubernetesVersion"],
      shape: pool["nodeShape"],
      ...part(pool, "nodeShapeConfig"),
      image,
    };
  }
}

/** OCI's instances are named by an OCID; Kubernetes knows a worker by its address. */
function worker(node: Item): Worker {
  const born = node["born"] as Body;
  const zone = String(node["availabilityDomain"]);
  const release = /^Oracle-Linux-(\d+\.\d+)/.exec(String(born["image"]))?.[1] ?? "";
  return {
    name: String(node["name"]),
    shape: String(born["shape"]),
    ocpus: Number(born["ocpus"] ?? 1),
    memoryGb: Number(born["memoryInGBs"] ?? 16),
    kubeletVersion: String(born["kubernetesVersion"]),
    osImage: `Oracle Linux Server ${release}`,
    labels: {
      "topology.kubernetes.io/region": region,
      "topology.kubernetes.io/zone": zone.slice(zone.indexOf(":") + 1),
      "node.kubernetes.io/instance-type": String(born["shape"]),
      "oci.oraclecloud.com/fault-domain": String(node["faultDomain"]),
    },
  };
}
