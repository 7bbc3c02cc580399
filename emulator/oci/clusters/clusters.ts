import semver from "semver";

import { cidrBlock, overlap } from "../network/addresses.js";
import { type Body, list, oneOf, part, require } from "../state/body.js";
import { conflict, invalid, notFound } from "../state/errors.js";
import { compartmentId, mayUse } from "../tenancy/identity.js";
import type { ClusterBackend } from "./backend.js";
import { offers } from "./offers.js";
import type { Resources } from "../network/resources.js";
import { type Item, newOcid, type Store } from "../state/store.js";
import type { WorkRequest, WorkRequests } from "../state/work-requests.js";

/**
 * Clusters of OKE: https://docs.oracle.com/en-us/iaas/api/#/en/containerengine/20180222/Cluster
 * The API endpoint has a VNIC in its subnet; the backend runs the control plane.
 */
export class Clusters {
  constructor(
    private readonly store: Store,
    private readonly resources: Resources,
    private readonly backend: ClusterBackend,
    private readonly requests: () => WorkRequests,
  ) {}

  get(id: string): Item {
    const stored = this.store.get(id);
    if (stored?.kind !== "cluster") throw notFound();
    return { ...stored.item, availableKubernetesUpgrades: this.upgrades(stored.item) };
  }

  create(body: Body): WorkRequest {
    require(body, "name", "compartmentId", "vcnId", "kubernetesVersion");
    if (!mayUse(body["compartmentId"])) throw notFound();
    const version = String(body["kubernetesVersion"]);
    oneOf("kubernetesVersion", version, offers(this.store).kubernetesVersions);
    const type = body["type"] ?? "BASIC_CLUSTER";
    oneOf("type", type, ["BASIC_CLUSTER", "ENHANCED_CLUSTER"]);
    const podNetwork = list<{ cniType: string }>(body, "clusterPodNetworkOptions");
    for (const { cniType } of podNetwork) {
      oneOf("cniType", cniType, ["FLANNEL_OVERLAY", "OCI_VCN_IP_NATIVE"]);
    }
    const endpoint = part(body, "endpointConfig");
    const options = part(body, "options");
    this.checkNetwork(body, endpoint, options);
    const id = newOcid("cluster");
    this.store.put({
      kind: "cluster",
      item: {
        freeformTags: {},
        definedTags: {},
        ...body,
        type,
        endpointConfig: { nsgIds: [], ...endpoint },
        clusterPodNetworkOptions:
          podNetwork.length > 0 ? podNetwork : [{ cniType: "OCI_VCN_IP_NATIVE" }],
        options: {
          addOns: { isKubernetesDashboardEnabled: false, isTillerEnabled: false },
          admissionControllerOptions: { isPodSecurityPolicyEnabled: false },
          ipFamilies: ["IPv4"],
          ...options,
          kubernetesNetworkConfig: {
            podsCidr: "10.244.0.0/16",
            servicesCidr: "10.96.0.0/16",
            ...part(options, "kubernetesNetworkConfig"),
          },
        },
        id,
        compartmentId: String(body["compartmentId"]),
        lifecycleState: "CREATING",
        timeCreated: new Date().toISOString(),
        metadata: { timeCreated: new Date().toISOString() },
      },
    });
    return this.requests().accept("CLUSTER_CREATE", id);
  }

  update(id: string, body: Body): WorkRequest {
    const cluster = this.live(id);
    const version = body["kubernetesVersion"];
    if (version !== undefined && version !== cluster["kubernetesVersion"]) {
      oneOf("kubernetesVersion", version, this.upgrades(cluster));
    }
    if (body["type"] === "BASIC_CLUSTER" && cluster["type"] === "ENHANCED_CLUSTER") {
      throw invalid("An enhanced cluster can't become a basic one");
    }
    this.store.patch(id, { lifecycleState: "UPDATING" });
    return this.requests().accept("CLUSTER_UPDATE", id, { changes: body });
  }

  delete(id: string): WorkRequest {
    this.live(id);
    this.store.patch(id, { lifecycleState: "DELETING" });
    return this.requests().accept("CLUSTER_DELETE", id);
  }

  /** Handles CLUSTER_CREATE; also restarts a cluster's control plane for a new process. */
  async start(id: string): Promise<void> {
    const { kubernetesVersion, endpointConfig, lifecycleState } = this.get(id);
    try {
      const subnetId = (endpointConfig as Body)["subnetId"];
      const { server, caPem } = await this.backend.startCluster({
        clusterId: id,
        kubernetesVersion: String(kubernetesVersion),
      });
      const address = server.replace("https://", "");
      if (lifecycleState === "CREATING" && subnetId && !this.hasVnic(id)) {
        const displayName = `oke-endpoint-${id.slice(-8)}`;
        this.resources.create("vnic", { compartmentId, subnetId, displayName }, id);
      }
      this.store.patch(id, {
        lifecycleState: "ACTIVE",
        endpoints: { publicEndpoint: address, privateEndpoint: address, kubernetes: address },
      });
      this.store.keep(`authority of ${id}`, caPem);
    } catch (error) {
      // A cluster that was active stays active: the next process tries again.
      if (lifecycleState === "CREATING") {
        this.store.patch(id, { lifecycleState: "FAILED", lifecycleDetails: String(error) });
      }
      throw error;
    }
  }

  /** Handles CLUSTER_UPDATE. */
  async change(id: string, { changes }: Body): Promise<void> {
    const { options, endpointConfig } = this.get(id);
    const body = changes as Body;
    this.store.patch(id, {
      ...body,
      ...(body["options"] ? { options: { ...(options as Body), ...part(body, "options") } } : {}),
      endpointConfig,
      lifecycleState: "ACTIVE",
    });
  }

  /** Handles CLUSTER_DELETE. As on OKE, load balancers remain. */
  async stop(id: string): Promise<void> {
    await this.backend.stopCluster(id);
    for (const { item, owner } of this.store.all()) if (owner === id) this.store.remove(item.id);
    this.store.patch(id, { lifecycleState: "DELETED" });
  }

  /** The certificate authority of a cluster's API server. */
  authority(id: string): string {
    return this.store.document<string>(`authority of ${id}`) ?? "";
  }

  private live(id: string): Item {
    const cluster = this.get(id);
    const { lifecycleState } = cluster;
    if (lifecycleState === "DELETED") throw notFound();
    if (this.requests().isBusy(id)) {
      throw conflict(`The cluster ${id} is in state ${lifecycleState}: it is being changed.`);
    }
    return cluster;
  }

  private hasVnic(id: string): boolean {
    return this.store.all("vnic").some(({ owner }) => owner === id);
  }

  private checkNetwork(body: Body, endpoint: Body, options: Body): void {
    const vcn = this.resources.get("vcn", String(body["vcnId"]));
    const subnetId = endpoint["subnetId"];
    const inVcn = (id: unknown) => {
      const subnet = this.resources.get("subnet", String(id));
      if (subnet["vcnId"] !== vcn.id) throw invalid(`Subnet ${String(id)} is not in ${vcn.id}`);
      return subnet;
    };
    if (subnetId !== undefined) {
      const subnet = inVcn(subnetId);
      if (endpoint["isPublicIpEnabled"] && subnet["prohibitPublicIpOnVnic"]) {
        throw invalid(
          `Subnet ${subnet.id} is private: its endpoint can't have a public IP address`,
        );
      }
    }
    for (const id of list(options, "serviceLbSubnetIds")) inVcn(id);
    const ranges = part(options, "kubernetesNetworkConfig");
    for (const [name, text] of Object.entries(ranges)) {
      const block = cidrBlock(String(text));
      const taken = cidrBlock(String(vcn["cidrBlock"]));
      if (!block) throw invalid(`${name} ${String(text)} is not a CIDR block`);
      if (taken && overlap(block, taken)) throw invalid(`${name} overlaps the VCN's CIDR block`);
    }
  }

  private upgrades({ kubernetesVersion }: Item): string[] {
    const from = String(kubernetesVersion);
    return offers(this.store).kubernetesVersions.filter(
      (version) => semver.gt(version, from) && semver.minor(version) - semver.minor(from) <= 1,
    );
  }
}
