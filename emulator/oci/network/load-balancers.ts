import { loopbackAddress } from "./addresses.js";
import { type Body, list, require } from "../state/body.js";
import { notFound } from "../state/errors.js";
import { compartmentId } from "../tenancy/identity.js";
import { mayUse, type Resources } from "./resources.js";
import { type Item, newOcid, type Store } from "../state/store.js";
import type { WorkRequest, WorkRequests } from "../state/work-requests.js";

/**
 * Load balancers: https://docs.oracle.com/en-us/iaas/api/#/en/loadbalancer/20170115/LoadBalancer
 * Each has a VNIC in its subnet, which keeps the subnet from being deleted.
 */
export class LoadBalancers {
  constructor(
    private readonly store: Store,
    private readonly resources: Resources,
    private readonly requests: () => WorkRequests,
    /** What tells this sandbox from others, for the addresses. */
    private readonly sandbox: string,
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
      ipAddresses: [{ ipAddress: loopbackAddress(this.store, this.sandbox), isPublic: true }],
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

  /** Work of LOADBALANCER_CREATE. */
  async start(id: string): Promise<void> {
    this.store.patch(id, { lifecycleState: "ACTIVE" });
  }

  /** Work of LOADBALANCER_DELETE. */
  async stop(id: string): Promise<void> {
    this.store.remove(id);
  }
}
