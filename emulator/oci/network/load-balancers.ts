import { loopbackAddress } from "./addresses.js";
import { type Body, list, require } from "../state/body.js";
import { notFound } from "../state/errors.js";
import { compartmentId, mayUse } from "../tenancy/identity.js";
import type { Resources } from "./resources.js";
import { type Item, newOcid, type Store } from "../state/store.js";
import type { WorkRequest, WorkRequests } from "../state/work-requests.js";

/**
 * Load balancers: https://docs.oracle.com/en-us/iaas/api/#/en/loadbalancer/20170115/LoadBalancer
 * Each has a VNIC in its subnet, which prevents the subnet's deletion.
 */
export class LoadBalancers {
  constructor(
    private readonly store: Store,
    private readonly resources: Resources,
    private readonly requests: () => WorkRequests,
    /** Identifies the emulator on this machine, for {@link loopbackAddress}. */
    private readonly emulator: string,
  ) {}

  get(id: string): Item {
    const stored = this.store.get(id);
    if (stored?.kind !== "loadbalancer") throw notFound();
    return stored.item;
  }

  list(query: Record<string, string>): Item[] {
    return this.resources.list("loadbalancer", query);
  }

  create(body: Body): { item: Item; request: WorkRequest } {
    require(body, "compartmentId", "displayName", "shapeName", "subnetIds");
    if (!mayUse(body["compartmentId"])) throw notFound();
    const id = newOcid("loadbalancer");
    const subnets = list<string>(body, "subnetIds");
    for (const subnetId of subnets) this.resources.get("subnet", subnetId);
    const item: Item = {
      freeformTags: {},
      definedTags: {},
      isPrivate: false,
      listeners: {},
      backendSets: {},
      ...body,
      id,
      compartmentId: String(body["compartmentId"]),
      lifecycleState: "CREATING",
      timeCreated: new Date().toISOString(),
      ipAddresses: [{ ipAddress: loopbackAddress(this.store, this.emulator), isPublic: true }],
    };
    this.store.put({ kind: "loadbalancer", item });
    for (const subnetId of subnets) {
      const displayName = `VNIC for LB ${id}`;
      this.resources.create("vnic", { compartmentId, subnetId, displayName }, id);
    }
    return { item, request: this.requests().accept("LOADBALANCER_CREATE", id) };
  }

  delete(id: string): WorkRequest {
    this.get(id);
    this.store.patch(id, { lifecycleState: "DELETING" });
    return this.requests().accept("LOADBALANCER_DELETE", id);
  }

  /** Handles LOADBALANCER_CREATE. */
  async start(id: string): Promise<void> {
    this.store.patch(id, { lifecycleState: "ACTIVE" });
  }

  /** Handles LOADBALANCER_DELETE. */
  async stop(id: string): Promise<void> {
    this.store.remove(id);
  }
}
