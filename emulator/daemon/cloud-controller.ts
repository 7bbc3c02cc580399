import { ApiError, type Api, follow, type KubeObject } from "../control-plane/api.js";
import { list, part } from "../oci/state/body.js";
import type { Cloud } from "../oci/cloud.js";
import { OciError } from "../oci/state/errors.js";
import { answer } from "../oci/http/routes.js";
import type { Item } from "../oci/state/store.js";

interface Service extends KubeObject {
  metadata: KubeObject["metadata"] & { namespace: string; uid: string; finalizers?: string[] };
  spec: {
    type: string;
    loadBalancerClass?: string;
    ports?: { name?: string; port: number; nodePort?: number; protocol?: string }[];
  };
  status?: { loadBalancer?: { ingress?: { ip?: string }[] } };
}

const finalizer = "service.kubernetes.io/load-balancer-cleanup";
const prefix = "service.beta.kubernetes.io/oci-load-balancer-";
const path = "/20170115/loadBalancers";

/**
 * Simulates OCI's cloud controller manager: creates a load balancer for each Service of type LoadBalancer and deletes it
 * with the Service. What OCI rejects is retried and reported in an Event.
 * https://github.com/oracle/oci-cloud-controller-manager/blob/master/docs/load-balancer-annotations.md
 */
export class CloudController {
  private readonly abort = new AbortController();
  private services: Service[] = [];
  private working: Promise<void> = Promise.resolve();
  private readonly delays = new Map<string, { until: number; wait: number }>();
  private timer?: NodeJS.Timeout;

  constructor(
    private readonly cloud: Cloud,
    private readonly api: Api,
    private readonly clusterId: string,
  ) {}

  start(): void {
    void follow<Service>(this.api, "/api/v1/services", this.abort.signal, (services) => {
      this.services = services;
      void this.wake();
    });
  }

  async stop(): Promise<void> {
    this.abort.abort();
    clearTimeout(this.timer);
    await this.working;
  }

  private wake(): Promise<void> {
    this.working = this.working.then(() => this.reconcileAll());
    return this.working;
  }

  private async reconcileAll(): Promise<void> {
    clearTimeout(this.timer);
    for (const service of this.services) {
      const { uid } = service.metadata;
      const delay = this.delays.get(uid);
      if (this.abort.signal.aborted || (delay && delay.until > Date.now())) continue;
      try {
        await this.reconcile(service);
        this.delays.delete(uid);
      } catch (error) {
        const isPending = error instanceof Pending;
        const wait = isPending ? 100 : Math.min((delay?.wait ?? 500) * 2, 30_000);
        this.delays.set(uid, { until: Date.now() + wait, wait });
        if (!isPending) await this.recordEvent(service, error);
      }
    }
    const next = Math.min(...[...this.delays.values()].map(({ until }) => until));
    if (!Number.isFinite(next) || this.abort.signal.aborted) return;
    this.timer = setTimeout(() => void this.wake(), Math.max(0, next - Date.now()) + 10);
  }

  private async reconcile(service: Service): Promise<void> {
    const { metadata, spec, status } = service;
    const isManaged = metadata.finalizers?.includes(finalizer) ?? false;
    const wanted =
      spec.type === "LoadBalancer" && !spec.loadBalancerClass && !metadata.deletionTimestamp;
    if (!wanted) {
      if (isManaged) await this.remove(service);
      return;
    }
    if (!isManaged) await this.setFinalizers(service, [...(metadata.finalizers ?? []), finalizer]);
    const balancer = this.find(metadata.uid) ?? this.create(service);
    if (balancer.lifecycleState !== "ACTIVE") throw new Pending();
    const [address] = balancer["ipAddresses"] as { ipAddress: string }[];
    const ingress = [{ ip: address?.ipAddress, ipMode: "VIP" }];
    if (status?.loadBalancer?.ingress?.[0]?.ip === address?.ipAddress) return;
    await this.patch(service, "/status", { status: { loadBalancer: { ingress } } });
  }

  private async remove(service: Service): Promise<void> {
    const { metadata, spec } = service;
    const balancer = this.find(metadata.uid);
    if (balancer) {
      if (balancer.lifecycleState !== "DELETING") this.request("DELETE", `${path}/${balancer.id}`);
      if (this.find(metadata.uid)) throw new Pending();
    }
    if (!metadata.deletionTimestamp && spec.type !== "LoadBalancer") {
      await this.patch(service, "/status", { status: { loadBalancer: null } });
    }
    const others = metadata.finalizers?.filter((name) => name !== finalizer) ?? [];
    await this.setFinalizers(service, others);
  }

  /** A load balancer's display name is the UID of its Service, as with the real controller. */
  private find(uid: string): Item | undefined {
    const all = this.cloud.store.all("loadbalancer").map(({ item }) => item);
    return all.find(({ displayName }) => displayName === uid);
  }

  private create({ metadata, spec }: Service): Item {
    const { annotations = {}, uid } = metadata;
    const cluster = this.cloud.clusters.get(this.clusterId);
    const subnets = list<string>(part(cluster, "options"), "serviceLbSubnetIds");
    const tags = annotations["oci.oraclecloud.com/initial-freeform-tags-override"];
    const shapeName = annotations[`${prefix}shape`] ?? "100Mbps";
    const bandwidth = (end: string) => Number(annotations[`${prefix}shape-flex-${end}`] ?? 10);
    const ports = (spec.ports ?? []).map(({ protocol = "TCP", port, nodePort }) => ({
      name: `${protocol}-${port}`,
      port,
      nodePort,
    }));
    this.request("POST", path, {
      compartmentId: cluster.compartmentId,
      displayName: uid,
      shapeName,
      ...(shapeName === "flexible" && {
        shapeDetails: {
          minimumBandwidthInMbps: bandwidth("min"),
          maximumBandwidthInMbps: bandwidth("max"),
        },
      }),
      isPrivate: annotations[`${prefix}internal`] === "true",
      subnetIds: [annotations[`${prefix}subnet1`] ?? subnets[0]],
      freeformTags: tags ? (JSON.parse(tags) as object) : {},
      listeners: Object.fromEntries(ports.map(({ name, port }) => [name, { name, port }])),
      backendSets: Object.fromEntries(
        ports.map(({ name, nodePort }) => [name, { name, nodePort }]),
      ),
    });
    throw new Pending();
  }

  /** Sends the request that the real controller sends, so that rejections and injected faults apply. */
  private request(method: string, target: string, body?: object): void {
    const url = new URL(target, "http://127.0.0.1");
    answer(this.cloud, method, url, body ? JSON.stringify(body) : "");
  }

  private async setFinalizers(service: Service, finalizers: string[]): Promise<void> {
    await this.patch(service, "", { metadata: { finalizers } });
  }

  private async patch({ metadata }: Service, subresource: string, body: object): Promise<void> {
    const { namespace, name } = metadata;
    const target = `/api/v1/namespaces/${namespace}/services/${name}${subresource}`;
    await this.api.call(target, { method: "PATCH", body }).catch((error: unknown) => {
      if (!(error instanceof ApiError && error.status === 404)) throw error;
    });
  }

  private async recordEvent({ metadata }: Service, error: unknown): Promise<void> {
    const { name, namespace, uid } = metadata;
    const reason =
      error instanceof OciError ? `${error.status} ${error.code}. ${error.message}` : String(error);
    const now = new Date().toISOString();
    const event = {
      metadata: { generateName: `${name}.`, namespace },
      involvedObject: { apiVersion: "v1", kind: "Service", name, namespace, uid },
      type: "Warning",
      reason: "SyncLoadBalancerFailed",
      message: `Error syncing load balancer: ${reason}`,
      source: { component: "service-controller" },
      firstTimestamp: now,
      lastTimestamp: now,
      count: 1,
    };
    const target = `/api/v1/namespaces/${namespace}/events`;
    await this.api.call(target, { method: "POST", body: event }).catch(() => undefined);
  }
}

/** The load balancer is being created or deleted: check again soon. */
class Pending extends Error {}
