import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { EmulatorError } from "../errors.js";
import type { Ports } from "../processes/ports.js";
import { findProcess, startProcess, stopProcess } from "../processes/process.js";
import type { Tools } from "../toolchain/index.js";
import { Api, ApiError } from "./api.js";
import { type Certificates, ensureCertificates } from "./certificates.js";
import { writeEgress } from "./egress.js";
import { administratorsBinding, writeIdentities } from "./identity.js";
import { IstiodSupervisor } from "./istiod.js";
import { writeKwokConfig } from "./kwok.js";
import { type WorkerNode, nodeObject } from "./node.js";
import { type PartContext, type PartName, partNames, partSpec, processNames } from "./parts.js";
import { isServing } from "./ready.js";
import { Restarter } from "./restarter.js";
import type { ClusterAccess, ClusterRequest, ControlPlaneProcess, ProcessStatus } from "./types.js";

export type { WorkerNode } from "./node.js";
export type * from "./types.js";
export { administrators } from "./identity.js";

/**
 * A Kubernetes control plane as processes of this machine, on loopback ports: etcd, API server, controller manager,
 * scheduler, KWOK in place of kubelets, and istiod while a Deployment of it exists.
 *
 * The processes outlive the one that starts them; another `ControlPlane` on the same state folder takes them over.
 */
export class ControlPlane {
  private readonly folder: string;
  private certificates?: Certificates;
  private api?: Api;
  private istiod?: IstiodSupervisor;
  private istiodHeld = false;
  private restarter?: Restarter;
  private readonly starting = new Map<PartName, Promise<void>>();

  constructor(
    private readonly options: {
      stateDir: string;
      tools: Pick<Tools, "bin" | "kwokStages">;
      ports: Ports;
    },
  ) {
    this.folder = join(options.stateDir, "control-plane");
  }

  /**
   * Starts the processes that do not run yet, on existing data if there is any, and waits until all of them serve.
   *
   * @throws EmulatorError that names the process whose port is taken, that ended, or that does not serve.
   */
  async start(request: ClusterRequest): Promise<ClusterAccess> {
    await this.removeOther(request.clusterId);
    const { ports } = this.options;
    const server = `https://127.0.0.1:${ports.apiserver}`;
    const keys = (this.certificates ??= await ensureCertificates(join(this.folder, "keys")));
    this.api ??= new Api(server, keys.ca, keys.admin);
    const kubeconfigPath = writeIdentities(this.folder, server, keys, request.tokenReviewUrl);
    writeEgress(this.folder, ports, keys);
    await Promise.all([this.startOne("etcd"), this.startOne("apiserver")]);
    await Promise.all([
      this.bindAdministrators(),
      ...partNames.slice(2).map((part) => this.startOne(part)),
    ]);
    this.supervise();
    this.restarter ??= new Restarter(this.options.stateDir, (part) => this.startOne(part));
    for (const part of partNames) this.restarter.release(part);
    return { kubeconfigPath, server, caPem: readFileSync(keys.ca, "utf8") };
  }

  /** Stops every process and keeps the cluster's data for the next {@link start}. */
  async stop(): Promise<void> {
    await this.restarter?.stop();
    this.restarter = undefined;
    await this.istiod?.stop();
    this.istiod = undefined;
    this.disconnect();
    await stopProcess(this.options.stateDir, "istiod");
    const stop = (parts: PartName[]) =>
      Promise.all(parts.map((part) => stopProcess(this.options.stateDir, processNames[part])));
    await stop(["controllerManager", "scheduler", "kwok"]);
    await stop(["apiserver"]);
    await stop(["etcd"]);
  }

  /** Stops every process and removes the cluster's data, keys and kubeconfig. */
  async remove(): Promise<void> {
    await this.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** Leaves the processes to the next `ControlPlane` on the same state folder. */
  async detach(): Promise<void> {
    await this.restarter?.stop();
    this.restarter = undefined;
    await this.istiod?.stop({ leave: true });
    this.istiod = undefined;
    this.disconnect();
  }

  /** All processes, running or not. */
  status(): ProcessStatus[] {
    const { stateDir, ports } = this.options;
    const port: Record<ControlPlaneProcess, number> = {
      ...ports,
      etcd: ports.etcdClient,
      istiod: ports.istiodXds,
    };
    return ([...partNames, "istiod"] as const).map((name) => {
      const process = name === "istiod" ? name : processNames[name];
      const pid = findProcess(stateDir, process)?.pid;
      const problem = name === "istiod" ? this.istiod?.problem : undefined;
      const running = pid !== undefined;
      return {
        name,
        process,
        port: port[name],
        running,
        ...(running && { pid }),
        ...(!running && problem && { problem }),
      };
    });
  }

  /** Stops one process, and keeps it stopped until {@link startPart}. */
  async stopPart(name: ControlPlaneProcess): Promise<void> {
    if (name === "istiod") {
      this.istiodHeld = true;
      await this.istiod?.hold();
      return;
    }
    // First, or it is restarted between its end and the removal of its record.
    await this.restarter?.hold(name);
    await this.starting.get(name)?.catch(() => undefined);
    await stopProcess(this.options.stateDir, processNames[name]);
  }

  /** Starts one process again. */
  async startPart(name: ControlPlaneProcess): Promise<void> {
    if (name === "istiod") {
      this.istiodHeld = false;
      await this.istiod?.release();
    } else {
      await this.startOne(name);
      this.restarter?.release(name);
    }
  }

  /** Creates a Node; an existing one of that name is left as it is. */
  async addNode(node: WorkerNode): Promise<void> {
    await this.create("/api/v1/nodes", nodeObject(node));
  }

  /** Deletes a Node; its Pods are deleted with it. */
  async removeNode(name: string): Promise<void> {
    await this.connection.call(`/api/v1/nodes/${name}`, { method: "DELETE" }).catch((error) => {
      if (!(error instanceof ApiError && error.status === 404)) throw error;
    });
  }

  /** The administrator's connection to the API server.
   *
   * @throws EmulatorError before {@link start}. */
  get connection(): Api {
    if (!this.api) throw new EmulatorError("The cluster's control plane is not started.");
    return this.api;
  }

  private disconnect(): void {
    this.api?.close();
    this.api = this.certificates = undefined;
  }

  private async removeOther(clusterId: string): Promise<void> {
    const file = join(this.folder, "cluster");
    if (existsSync(file) && readFileSync(file, "utf8").trim() === clusterId) return;
    await this.stop();
    // KWOK's folder stays: it may hold configuration that is not the cluster's.
    for (const part of ["etcd", "keys", "istiod", "kubeconfig"]) {
      rmSync(join(this.folder, part), { recursive: true, force: true });
    }
    mkdirSync(this.folder, { recursive: true, mode: 0o700 });
    writeFileSync(file, `${clusterId}\n`);
  }

  /** Joins a start in progress: a second one would find the port taken. */
  private startOne(part: PartName): Promise<void> {
    const pending = this.starting.get(part);
    if (pending) return pending;
    const start = this.launch(part).finally(() => this.starting.delete(part));
    this.starting.set(part, start);
    return start;
  }

  private async launch(part: PartName): Promise<void> {
    const { stateDir, tools, ports } = this.options;
    if (!this.certificates) throw new EmulatorError("The cluster's control plane is not started.");
    const context: PartContext = {
      bin: tools.bin,
      folder: this.folder,
      ports,
      certificates: this.certificates,
      kwokConfig:
        part === "kwok" ? writeKwokConfig(join(this.folder, "kwok"), tools.kwokStages) : [],
    };
    const ready = () => isServing(part, context);
    await startProcess(stateDir, { ...partSpec(part, context), ready });
  }

  private supervise(): void {
    if (this.istiod) return;
    const { stateDir, tools, ports } = this.options;
    const ca = (this.certificates as Certificates).ca;
    const { bin } = tools;
    this.istiod = new IstiodSupervisor(this.connection, {
      stateDir,
      bin,
      folder: this.folder,
      ports,
      ca,
    });
    if (this.istiodHeld) void this.istiod.hold();
    this.istiod.start();
  }

  private async bindAdministrators(): Promise<void> {
    const path = "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings";
    await this.create(path, administratorsBinding);
  }

  private async create(path: string, body: unknown): Promise<void> {
    await this.connection.call(path, { method: "POST", body }).catch((error) => {
      if (!(error instanceof ApiError && error.status === 409)) throw error;
    });
  }
}
