import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";

import {
  ControlPlane,
  type ControlPlaneProcess,
  administrators,
} from "../../emulator/control-plane/index.js";
import { cacheDir, stateDir } from "../../tools/paths.js";
import { type Ports, allocatePorts } from "../../emulator/processes/ports.js";
import { type Tools, ensureTools } from "../../emulator/toolchain/index.js";

const execute = promisify(execFile);

export const worker = {
  name: "10.0.10.12",
  shape: "VM.Standard.E4.Flex",
  ocpus: 2,
  memoryGb: 16,
  kubeletVersion: "v1.33.1",
  osImage: "Oracle Linux Server 7.9",
};

/** A control plane for one test file, with a token review that accepts only the token "known". */
export class OwnControlPlane {
  private constructor(
    readonly stateDir: string,
    readonly tools: Tools,
    readonly ports: Ports,
    readonly plane: ControlPlane,
    private readonly reviews: Server,
  ) {}

  static async open({ prometheus = false } = {}): Promise<OwnControlPlane> {
    const tools = await ensureTools({ cacheDir, prometheus });
    const stateDir = newStateDir("test-control-plane-");
    const ports = await allocatePorts(stateDir);
    const reviews = tokenReviews();
    await new Promise<void>((up) => reviews.listen(ports.oci, "127.0.0.1", up));
    const plane = new ControlPlane({ stateDir, tools, ports });
    return new OwnControlPlane(stateDir, tools, ports, plane, reviews);
  }

  async close(): Promise<void> {
    await this.plane.remove();
    await new Promise((closed) => this.reviews.close(closed));
    rmSync(this.stateDir, { recursive: true, force: true });
  }

  /** The request that starts it, or another one on the same folder. */
  request(clusterId = "one"): Parameters<ControlPlane["start"]>[0] {
    const tokenReviewUrl = `http://127.0.0.1:${this.ports.oci}/`;
    return { clusterId, kubernetesVersion: "v1.36.1", tokenReviewUrl };
  }

  kubectl(...args: string[]): Promise<string> {
    return this.run("kubectl", ...args);
  }

  helm(...args: string[]): Promise<string> {
    return this.run("helm", "-n", "istio-system", ...args);
  }

  pidOf(name: ControlPlaneProcess): number | undefined {
    return this.plane.status().find((row) => row.name === name)?.pid;
  }

  private async run(tool: string, ...args: string[]): Promise<string> {
    const kubeconfig = join(this.stateDir, "control-plane", "kubeconfig");
    const file = join(this.tools.bin, tool);
    return (await execute(file, ["--kubeconfig", kubeconfig, ...args])).stdout;
  }
}

/** A folder beside those of the sandboxes, so that its ports differ from theirs. */
export function newStateDir(prefix: string): string {
  mkdirSync(dirname(stateDir(prefix)), { recursive: true });
  return mkdtempSync(stateDir(prefix));
}

function tokenReviews(): Server {
  return createServer((call, answer) => {
    let text = "";
    call.on("data", (part) => (text += part));
    call.on("end", () => {
      const { spec } = JSON.parse(text) as { spec: { token: string } };
      const authenticated = spec.token === "known";
      const user = { username: "ocid1.user.oc1..me", groups: [administrators] };
      answer.setHeader("content-type", "application/json");
      answer.end(
        JSON.stringify({
          apiVersion: "authentication.k8s.io/v1",
          kind: "TokenReview",
          status: { authenticated, ...(authenticated && { user }) },
        }),
      );
    });
  });
}

export async function until(what: () => Promise<boolean>, seconds = 30): Promise<void> {
  const deadline = Date.now() + seconds * 1_000;
  while (!(await what())) {
    if (Date.now() > deadline)
      throw new Error(`The condition did not hold within ${seconds} s: ${what.toString()}`);
    await sleep(100);
  }
}
