import { mkdir } from "node:fs/promises";
import { join } from "node:path";

import { ensureCertificates } from "../control-plane/certificates.js";
import type { Ports } from "../processes/ports.js";
import { findProcess, startProcess, stopProcess } from "../processes/process.js";
import type { Tools } from "../toolchain/index.js";
import { dataPlaneName as name, said } from "./status.js";

/**
 * The sandbox's data plane: a process that carries requests as the cluster's objects and istiod
 * say. It follows both by itself; nothing has to be told to it, and it may run before istiod does.
 */
export class DataPlane {
  private readonly folder: string;
  private timer?: NodeJS.Timeout;
  private working: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly at: {
      stateDir: string;
      tools: Pick<Tools, "dataplane" | "envoy" | "curl">;
      ports: Ports;
    },
  ) {
    this.folder = join(at.stateDir, name);
  }

  /**
   * Starts the process on the control plane that runs in the same state folder, and again whenever
   * it ends.
   *
   * @throws EmulatorError when a port is taken or it dies at once.
   */
  async start(): Promise<void> {
    await this.launch();
    this.timer ??= setInterval(() => {
      if (findProcess(this.at.stateDir, name)) return;
      this.working = this.working.then(() => this.launch()).catch(() => undefined);
    }, 2_000).unref();
  }

  /** Ends the process and all it started. */
  async stop(): Promise<void> {
    await this.detach();
    await stopProcess(this.at.stateDir, name);
  }

  /** Leaves the process to the next `DataPlane` on this state folder. */
  async detach(): Promise<void> {
    clearInterval(this.timer);
    this.timer = undefined;
    await this.working;
  }

  private async launch(): Promise<void> {
    const { stateDir, tools, ports } = this.at;
    const keys = await ensureCertificates(join(stateDir, "control-plane", "keys"));
    const why = whyNoRequests(tools);
    await mkdir(this.folder, { recursive: true });
    const flags = {
      kubeconfig: join(stateDir, "control-plane", "kubeconfig"),
      istiod: `127.0.0.1:${ports.istiodXds}`,
      envoy: "path" in tools.envoy ? tools.envoy.path : "",
      dir: this.folder,
      kubelet: `127.0.0.1:${ports.kubelet}`,
      "kubelet-certificate": keys.kubelet.certificate,
      "kubelet-key": keys.kubelet.key,
      "client-ca": keys.ca,
      "no-requests": why ?? "",
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
      ports: { "kubectl exec": ports.kubelet },
      ready: async () => said(stateDir)?.pid === findProcess(stateDir, name)?.pid,
    });
  }
}

/** What this machine lacks for requests to be sent, in one line; undefined: nothing. */
export function whyNoRequests({ envoy, curl }: Pick<Tools, "envoy" | "curl">): string | undefined {
  if ("missing" in envoy) return envoy.missing;
  return "missing" in curl ? curl.missing : undefined;
}
