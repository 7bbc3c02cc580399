import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import type { Ports } from "../processes/ports.js";
import {
  type ProcessRecord,
  findProcess,
  startProcess,
  stopProcess,
} from "../processes/process.js";
import { type Api, type KubeObject, follow } from "./api.js";
import { istiodArguments, istiodEnvironment, type IstiodPod } from "./istiod-pod.js";
import { servingAnnotation } from "./kwok.js";
import { answersOk, speaksTls } from "./ready.js";

const name = "istiod";
const namespace = "/api/v1/namespaces/istio-system";

/**
 * Plays the kubelet for istiod's Pods: while one is scheduled the real istiod runs as a process,
 * with that Pod's own arguments, environment and service account; the Pod is ready when it
 * answers. A process that dies is started again.
 */
export class IstiodSupervisor {
  private pods: IstiodPod[] = [];
  private readonly abort = new AbortController();
  private working: Promise<void> = Promise.resolve();
  private timer?: NodeJS.Timeout;
  private held = false;
  /** Why istiod does not run though it should. */
  problem?: string;
  private failures = 0;
  private notBefore = 0;

  constructor(
    private readonly api: Api,
    private readonly at: {
      stateDir: string;
      bin: string;
      folder: string;
      ports: Ports;
      ca: string;
    },
  ) {}

  start(): void {
    const selector = `${namespace}/pods?labelSelector=app%3Distiod`;
    void follow<IstiodPod>(this.api, selector, this.abort.signal, (pods) => {
      this.pods = pods;
      void this.wake();
    });
    // A process does not tell of its death when it was started by an earlier run.
    this.timer = setInterval(() => void this.wake(), 1_000).unref();
  }

  /** Ends the supervision; `leave` keeps the process. */
  async stop({ leave = false } = {}): Promise<void> {
    this.abort.abort();
    clearInterval(this.timer);
    await this.working;
    if (!leave) await stopProcess(this.at.stateDir, name);
  }

  /** Keeps istiod stopped until {@link release}. */
  async hold(): Promise<void> {
    this.held = true;
    await this.wake();
  }

  async release(): Promise<void> {
    this.held = false;
    this.failures = this.notBefore = 0;
    await this.wake();
  }

  private wake(): Promise<void> {
    this.working = this.working.then(() => this.reconcile()).catch(() => undefined);
    return this.working;
  }

  private async reconcile(): Promise<void> {
    const { stateDir } = this.at;
    const pod = newest(this.pods);
    const running = findProcess(stateDir, name);
    if (!pod || this.held) {
      if (running) await stopProcess(stateDir, name);
      return this.tell(false);
    }
    if (running && running.version === version(pod)) return this.tell(await this.answers());
    await this.tell(false);
    if (Date.now() < this.notBefore) return;
    if (running) await stopProcess(stateDir, name);
    try {
      await this.launch(pod);
      this.failures = 0;
      this.problem = undefined;
    } catch (error) {
      this.failures++;
      await this.complain(pod, (error as Error).message);
    }
    this.notBefore = this.failures && Date.now() + Math.min(1_000 * 2 ** this.failures, 30_000);
    await this.tell(this.failures === 0);
  }

  private async launch(pod: IstiodPod): Promise<ProcessRecord> {
    const { stateDir, bin, folder, ports } = this.at;
    const cwd = join(folder, name);
    mkdirSync(cwd, { recursive: true });
    const kubeconfig = join(cwd, "kubeconfig");
    writeFileSync(kubeconfig, await this.identity(pod), { mode: 0o600 });
    return startProcess(stateDir, {
      name,
      file: join(bin, "pilot-discovery"),
      args: istiodArguments(pod, ports, kubeconfig),
      env: istiodEnvironment(pod),
      cwd,
      version: version(pod),
      ports: {
        xDS: ports.istiodGrpc,
        "xDS by TLS": ports.istiodXds,
        debug: ports.istiodHttp,
        webhooks: ports.istiodWebhook,
        metrics: ports.istiodMonitoring,
      },
      ready: () => this.answers(),
    });
  }

  // Its own service account, so that the chart's RBAC is what istiod lives by.
  private async identity({ spec }: IstiodPod): Promise<string> {
    const account = spec.serviceAccountName ?? "default";
    const { status } = await this.api.call<{ status: { token: string } }>(
      `${namespace}/serviceaccounts/${account}/token`,
      { method: "POST", body: { spec: { expirationSeconds: 365 * 86_400 } } },
    );
    const { server } = this.api;
    return JSON.stringify({
      apiVersion: "v1",
      kind: "Config",
      "current-context": name,
      contexts: [{ name, context: { cluster: name, user: name } }],
      clusters: [{ name, cluster: { server, "certificate-authority": this.at.ca } }],
      users: [{ name, user: { token: status.token } }],
    });
  }

  /** What the Pod's probe asks, and that the webhooks' port is open. */
  private async answers(): Promise<boolean> {
    const { istiodHttp, istiodWebhook } = this.at.ports;
    return (await answersOk(istiodHttp, "/ready")) && (await speaksTls(istiodWebhook));
  }

  // As a kubelet does: whoever waits for the Pod, reads why.
  private async complain(pod: IstiodPod, problem: string): Promise<void> {
    if (problem === this.problem) return;
    this.problem = problem;
    const { name: podName, namespace: podNamespace, uid } = pod.metadata;
    const now = new Date().toISOString();
    const event = {
      metadata: { generateName: `${podName}.`, namespace: podNamespace },
      involvedObject: {
        apiVersion: "v1",
        kind: "Pod",
        name: podName,
        namespace: podNamespace,
        uid,
      },
      type: "Warning",
      reason: "Failed",
      message: problem.slice(0, 1_000),
      source: { component: "oke-ambient-mesh-sandbox" },
      firstTimestamp: now,
      lastTimestamp: now,
      count: 1,
    };
    await this.api
      .call(`${namespace}/events`, { method: "POST", body: event })
      .catch(() => undefined);
  }

  private async tell(serving: boolean): Promise<void> {
    for (const { metadata } of this.pods) {
      const said = metadata.annotations?.[servingAnnotation];
      if (metadata.deletionTimestamp || said === String(serving) || (!said && !serving)) continue;
      const annotations = { [servingAnnotation]: String(serving) };
      await this.api
        .call(`${namespace}/pods/${metadata.name}`, {
          method: "PATCH",
          body: { metadata: { annotations } },
        })
        .catch(() => undefined); // gone, or the server is away: told again when it is back
    }
  }
}

// A Deployment's Pods of one revision have one hash; of a new one, istiod starts anew.
function version({ metadata }: KubeObject): string {
  return metadata.labels?.["pod-template-hash"] ?? metadata.uid ?? "";
}

function newest(pods: IstiodPod[]): IstiodPod | undefined {
  const age = ({ metadata }: IstiodPod) => Date.parse(metadata.creationTimestamp ?? "");
  return pods
    .filter(({ metadata, spec }) => spec.nodeName && !metadata.deletionTimestamp)
    .sort((a, b) => age(b) - age(a))[0];
}
