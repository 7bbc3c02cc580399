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
 * Acts as the kubelet for istiod's Pods: while one is scheduled, the real istiod runs as a process with that Pod's
 * arguments, environment and service account. The Pod is ready while istiod serves. A process that ends is restarted.
 */
export class IstiodSupervisor {
  private pods: IstiodPod[] = [];
  private readonly abort = new AbortController();
  private working: Promise<void> = Promise.resolve();
  private timer?: NodeJS.Timeout;
  private held = false;
  /** Why istiod does not run although it should. */
  problem?: string;
  private failures = 0;
  private notBefore = 0;

  constructor(
    private readonly api: Api,
    private readonly options: {
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
    // There is no exit event for a process that an earlier run started.
    this.timer = setInterval(() => void this.wake(), 1_000).unref();
  }

  /** Stops istiod; with `leave`, only the supervision ends. */
  async stop({ leave = false } = {}): Promise<void> {
    this.abort.abort();
    clearInterval(this.timer);
    await this.working;
    if (!leave) await stopProcess(this.options.stateDir, name);
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
    const { stateDir } = this.options;
    const pod = newest(this.pods);
    const running = findProcess(stateDir, name);
    if (!pod || this.held) {
      if (running) await stopProcess(stateDir, name);
      return this.annotate(false);
    }
    if (running && running.version === version(pod)) return this.annotate(await this.isServing());
    await this.annotate(false);
    if (Date.now() < this.notBefore) return;
    if (running) await stopProcess(stateDir, name);
    try {
      await this.launch(pod);
      this.failures = 0;
      this.problem = undefined;
    } catch (error) {
      this.failures++;
      await this.recordEvent(pod, (error as Error).message);
    }
    this.notBefore = this.failures && Date.now() + Math.min(1_000 * 2 ** this.failures, 30_000);
    await this.annotate(this.failures === 0);
  }

  private async launch(pod: IstiodPod): Promise<ProcessRecord> {
    const { stateDir, bin, folder, ports } = this.options;
    const cwd = join(folder, name);
    mkdirSync(cwd, { recursive: true });
    const kubeconfig = join(cwd, "kubeconfig");
    writeFileSync(kubeconfig, await this.kubeconfig(pod), { mode: 0o600 });
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
      ready: () => this.isServing(),
    });
  }

  // The Pod's service account, so that the chart's RBAC applies.
  private async kubeconfig({ spec }: IstiodPod): Promise<string> {
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
      clusters: [{ name, cluster: { server, "certificate-authority": this.options.ca } }],
      users: [{ name, user: { token: status.token } }],
    });
  }

  /** The check of the Pod's readiness probe, and whether the webhooks' port is open. */
  private async isServing(): Promise<boolean> {
    const { istiodHttp, istiodWebhook } = this.options.ports;
    return (await answersOk(istiodHttp, "/ready")) && (await speaksTls(istiodWebhook));
  }

  // Like a kubelet, so that a client that waits for the Pod learns why.
  private async recordEvent(pod: IstiodPod, problem: string): Promise<void> {
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

  private async annotate(serving: boolean): Promise<void> {
    for (const { metadata } of this.pods) {
      const current = metadata.annotations?.[servingAnnotation];
      const isCurrent = current === String(serving) || (!current && !serving);
      if (metadata.deletionTimestamp || isCurrent) continue;
      const annotations = { [servingAnnotation]: String(serving) };
      await this.api
        .call(`${namespace}/pods/${metadata.name}`, {
          method: "PATCH",
          body: { metadata: { annotations } },
        })
        .catch(() => undefined); // deleted, or the API server is unreachable: the next turn tries again
    }
  }
}

// The Pods of one revision share a hash: istiod restarts when it changes.
function version({ metadata }: KubeObject): string {
  return metadata.labels?.["pod-template-hash"] ?? metadata.uid ?? "";
}

function newest(pods: IstiodPod[]): IstiodPod | undefined {
  const age = ({ metadata }: IstiodPod) => Date.parse(metadata.creationTimestamp ?? "");
  return pods
    .filter(({ metadata, spec }) => spec.nodeName && !metadata.deletionTimestamp)
    .sort((a, b) => age(b) - age(a))[0];
}
