import { mkdir } from "node:fs/promises";
import { join } from "node:path";

import { ensureCertificates } from "../control-plane/certificates.js";
import type { Ports } from "../processes/ports.js";
import { findProcess, startProcess, stopProcess } from "../processes/process.js";
import type { Tools } from "../toolchain/index.js";
import { dataPlaneName as name, readStatus } from "./status.js";

/**
 * The data plane: a process that carries requests according to the cluster's objects and istiod's configuration. It watches
 * both and needs no other input; istiod may start later.
 */
export class DataPlane {
  private readonly folder: string;
  private timer?: NodeJS.Timeout;
  private working: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly options: {
      stateDir: string;
      tools: Pick<Tools, "dataplane" | "envoy" | "curl" | "prometheus">;
      ports: Ports;
    },
  ) {
    this.folder = join(options.stateDir, name);
  }

  /**
   * Starts the process for the control plane in the same state folder, and restarts it whenever it ends.
   *
   * @throws EmulatorError when a port is taken or the process ends at once.
   */
  async start(): Promise<void> {
    await this.launch();
    this.timer ??= setInterval(() => {
      if (findProcess(this.options.stateDir, name)) return;
      this.working = this.working.then(() => this.launch()).catch(() => undefined);
    }, 2_000).unref();
  }

  /** Stops the process and those it has started. */
  async stop(): Promise<void> {
    await this.detach();
    await stopProcess(this.options.stateDir, name);
  }

  /** Leaves the process to the next `DataPlane` on the same state folder. */
  async detach(): Promise<void> {
    clearInterval(this.timer);
    this.timer = undefined;
    await this.working;
  }

  private async launch(): Promise<void> {
    const { stateDir, tools, ports } = this.options;
    const keys = await ensureCertificates(join(stateDir, "control-plane", "keys"));
    const noRequests = whyNoRequests(tools);
    await mkdir(this.folder, { recursive: true });
    const flags = {
      kubeconfig: join(stateDir, "control-plane", "kubeconfig"),
      istiod: `127.0.0.1:${ports.istiodXds}`,
      "istiod-metrics": `127.0.0.1:${ports.istiodMonitoring}`,
      prometheus: tools.prometheus ?? "",
      envoy: "path" in tools.envoy ? tools.envoy.path : "",
      dir: this.folder,
      kubelet: `127.0.0.1:${ports.kubelet}`,
      "kubelet-certificate": keys.kubelet.certificate,
      "kubelet-key": keys.kubelet.key,
      "client-ca": keys.ca,
      "no-requests": noRequests ?? "",
    };
    const args = Object.entries(flags).map(([flag, value]) => `--${flag}=${value}`);
    const version = [tools.dataplane, ...args].join(" ");
    const running = findProcess(stateDir, name);
    if (running && running.version !== version) await stopProcess(stateDir, name);
    await startProcess(stateDir, {
      name,
      file: tools.dataplane,
      args,
      version,
      ports: { "kubectl exec and port-forward": ports.kubelet },
      ready: async () => readStatus(stateDir)?.pid === findProcess(stateDir, name)?.pid,
    });
  }
}

/** What this machine lacks to send requests, in one line; undefined if it lacks nothing. */
export function whyNoRequests({ envoy, curl }: Pick<Tools, "envoy" | "curl">): string | undefined {
  if ("missing" in envoy) return envoy.missing;
  return "missing" in curl ? curl.missing : undefined;
}
