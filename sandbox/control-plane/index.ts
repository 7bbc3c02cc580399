import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { SandboxError } from "../errors.js";
import type { Ports } from "../ports.js";
import { findProcess, startProcess, stopProcess } from "../process.js";
import type { Tools } from "../tools/index.js";
import { Api, ApiError } from "./api.js";
import { type Certificates, ensureCertificates, kubeconfig } from "./certificates.js";
import { administratorsBinding } from "./identity.js";
import { IstiodSupervisor } from "./istiod.js";
import { writeKwokConfig } from "./kwok.js";
import { type WorkerNode, nodeObject } from "./node.js";
import {
  type PartName,
  type Surroundings,
  kubeconfigFile,
  partNames,
  partSpec,
  processNames,
} from "./parts.js";

export type { WorkerNode } from "./node.js";
export { administrators } from "./identity.js";

/** What a cluster is started for. */
export interface ClusterRequest {
  /** A control plane of another cluster is replaced, its data removed. */
  clusterId: string;
  kubernetesVersion: string;
  /** Where the API server sends bearer tokens that are not its own (`authentication.k8s.io/v1`). */
  tokenReviewUrl: string;
}

/** How a running cluster is reached. */
export interface ClusterAccess {
  /** An administrator's kubeconfig by client certificate, mode 0600. */
  kubeconfigPath: string;
  /** `https://127.0.0.1:<port>` */
  server: string;
  /** The authority's certificate. */
  caPem: string;
}

/** A process of the control plane: one of its parts, or istiod. */
export type ControlPlaneProcess = PartName | "istiod";

/** One row of {@link ControlPlane.status}. */
export interface ProcessStatus {
  name: ControlPlaneProcess;
  /** What `ps` and the log file call it. */
  process: string;
  port: number;
  running: boolean;
  pid?: number;
  /** Why it does not run though it should, where that is known. */
  problem?: string;
}

/**
 * A Kubernetes control plane as processes of this machine, on loopback ports: etcd, API server,
 * controller manager, scheduler, KWOK in place of kubelets, and istiod while the cluster has it.
 *
 * The processes outlive the one that starts them; another `ControlPlane` on the same state folder
 * finds them again.
 */
export class ControlPlane {
  private readonly folder: string;
  private certificates?: Certificates;
  private api?: Api;
  private istiod?: IstiodSupervisor;

  constructor(
    private readonly at: {
      stateDir: string;
      tools: Pick<Tools, "bin" | "kwokStages">;
      ports: Ports;
    },
  ) {
    this.folder = join(at.stateDir, "control-plane");
  }

  /**
   * Starts what does not run yet, on the data that is there; gives access when all of it serves.
   *
   * @throws SandboxError that names the process: its port is taken, it died, it does not serve.
   */
  async start(request: ClusterRequest): Promise<ClusterAccess> {
    await this.forgetOther(request.clusterId);
    const access = this.prepare(request);
    await Promise.all([this.startOne("etcd"), this.startOne("apiserver")]);
    await Promise.all([
      this.bindAdministrators(),
      ...partNames.slice(2).map((part) => this.startOne(part)),
    ]);
    this.supervise();
    return access;
  }

  /** Stops every process; what the cluster holds is kept for the next {@link start}. */
  async stop(): Promise<void> {
    await this.istiod?.stop();
    this.istiod = undefined;
    this.api?.close();
    await stopProcess(this.at.stateDir, "istiod");
    const stop = (parts: PartName[]) =>
      Promise.all(parts.map((part) => stopProcess(this.at.stateDir, processNames[part])));
    await stop(["controllerManager", "scheduler", "kwok"]);
    await stop(["apiserver"]);
    await stop(["etcd"]);
  }

  /** Stops every process and removes the cluster's data, keys and kubeconfig. */
  async remove(): Promise<void> {
    await this.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** Ends the supervision and leaves the processes to the next `ControlPlane`. */
  async detach(): Promise<void> {
    await this.istiod?.stop({ leave: true });
    this.istiod = undefined;
    this.api?.close();
  }

  /** What should run, and whether it does. */
  status(): ProcessStatus[] {
    const { stateDir, ports } = this.at;
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
    if (name === "istiod") await this.istiod?.hold();
    else await stopProcess(this.at.stateDir, processNames[name]);
  }

  /** Starts one process again. */
  async startPart(name: ControlPlaneProcess): Promise<void> {
    if (name === "istiod") await this.istiod?.release();
    else await this.startOne(name);
  }

  /** Makes a worker; one of that name that is there already stays as it is. */
  async addNode(node: WorkerNode): Promise<void> {
    await this.create("/api/v1/nodes", nodeObject(node));
  }

  /** Takes a worker away; its Pods go with it. */
  async removeNode(name: string): Promise<void> {
    await this.connection.call(`/api/v1/nodes/${name}`, { method: "DELETE" }).catch((error) => {
      if (!(error instanceof ApiError && error.status === 404)) throw error;
    });
  }

  /** The administrator's connection to the API server. */
  get connection(): Api {
    if (!this.api) throw new SandboxError("The cluster's control plane is not started.");
    return this.api;
  }

  private async forgetOther(clusterId: string): Promise<void> {
    const file = join(this.folder, "cluster");
    if (existsSync(file) && readFileSync(file, "utf8").trim() === clusterId) return;
    await this.stop();
    // What others laid into KWOK's folder is not the cluster's.
    for (const part of ["etcd", "keys", "istiod", "kubeconfig"]) {
      rmSync(join(this.folder, part), { recursive: true, force: true });
    }
    mkdirSync(this.folder, { recursive: true, mode: 0o700 });
    writeFileSync(file, `${clusterId}\n`);
  }

  private prepare({ tokenReviewUrl }: ClusterRequest): ClusterAccess {
    const server = `https://127.0.0.1:${this.at.ports.apiserver}`;
    const keys = (this.certificates = ensureCertificates(join(this.folder, "keys")));
    this.api?.close();
    this.api = new Api(server, keys.ca, keys.admin);
    for (const user of ["controllerManager", "scheduler", "kwok", "admin"] as const) {
      const text = kubeconfig(server, keys.ca, keys[user]);
      writeFileSync(kubeconfigFile(this.folder, user), text, { mode: 0o600 });
    }
    // https://kubernetes.io/docs/reference/access-authn-authz/authentication/#webhook-token-authentication
    const name = "token-review";
    const review = {
      apiVersion: "v1",
      kind: "Config",
      "current-context": name,
      contexts: [{ name, context: { cluster: name, user: name } }],
      clusters: [{ name, cluster: { server: tokenReviewUrl } }],
      users: [{ name, user: {} }],
    };
    writeFileSync(join(this.folder, `${name}.kubeconfig`), JSON.stringify(review));
    const caPem = readFileSync(keys.ca, "utf8");
    return { kubeconfigPath: kubeconfigFile(this.folder, "admin"), server, caPem };
  }

  private async startOne(part: PartName): Promise<void> {
    const { stateDir, tools, ports } = this.at;
    if (!this.certificates) throw new SandboxError("The cluster's control plane is not started.");
    const around: Surroundings = {
      bin: tools.bin,
      folder: this.folder,
      ports,
      certificates: this.certificates,
      kwokConfig:
        part === "kwok" ? writeKwokConfig(join(this.folder, "kwok"), tools.kwokStages) : [],
    };
    const ready = () => this.serves(part, this.certificates as Certificates);
    await startProcess(stateDir, { ...partSpec(part, around), ready });
  }

  private async serves(part: PartName, { ca, etcdClient, admin }: Certificates): Promise<boolean> {
    const { etcdClient: etcdPort, controllerManager, scheduler, kwok } = this.at.ports;
    const ask = async (port: number, path: string, user = admin) => {
      const api = new Api(`https://127.0.0.1:${port}`, ca, user);
      try {
        return await api.answers(path);
      } finally {
        api.close();
      }
    };
    if (part === "etcd") return ask(etcdPort, "/readyz", etcdClient);
    if (part === "apiserver") return this.connection.answers("/readyz");
    if (part === "kwok") return ask(kwok, "/healthz");
    return ask(part === "scheduler" ? scheduler : controllerManager, "/healthz");
  }

  private supervise(): void {
    if (this.istiod) return;
    const { stateDir, tools, ports } = this.at;
    const ca = (this.certificates as Certificates).ca;
    const { bin } = tools;
    this.istiod = new IstiodSupervisor(this.connection, {
      stateDir,
      bin,
      folder: this.folder,
      ports,
      ca,
    });
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
