import { execFile } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { promisify } from "node:util";

import * as k8s from "@pulumi/kubernetes";
import type { Output } from "@pulumi/pulumi";
import { LocalWorkspace, type Stack } from "@pulumi/pulumi/automation/index.js";

import { ControlPlane } from "../../sandbox/control-plane/index.js";
import { Engine } from "../../sandbox/engine.js";
import { stateDir } from "../../sandbox/paths.js";
import { discoverPlugins } from "../../sandbox/plugins/discover.js";
import { allocatePorts } from "../../sandbox/ports.js";
import type { Run } from "../../sandbox/releases.js";
import { ensureTools } from "../../sandbox/tools/index.js";
import "./late-answers.js";

const execute = promisify(execFile);
const name = "plugins-test";

/** What a test's program registers, by a provider of the test's own cluster. */
export type Program = (provider: k8s.Provider) => Record<string, Output<unknown>> | void;

/** Numbers by operation (`create`, `update`, `replace`, `delete`), without those that are the same. */
export type Changes = Record<string, number>;

/** An API server with nodes, and the plugins (`SANDBOX_PLUGINS=real`: the real ones) on it. */
export class PluginBench {
  private constructor(
    private readonly cluster: ControlPlane,
    private readonly engine: Engine,
    readonly kubeconfig: string,
    private readonly environment: Record<string, string>,
  ) {}

  static async open(): Promise<PluginBench> {
    const state = stateDir(name);
    mkdirSync(join(state, "pulumi"), { recursive: true });
    const report = () => undefined;
    const tools = await ensureTools(report);
    const engine = await Engine.open(tools.pulumi);
    const plugins = await discoverPlugins({ name, tools, report });
    const ports = await allocatePorts(state);
    const cluster = new ControlPlane({ stateDir: state, tools, ports });
    const { kubeconfigPath } = await cluster.start({
      clusterId: name,
      kubernetesVersion: "v1.36.1",
      tokenReviewUrl: `http://127.0.0.1:${ports.oci}/tokenreview`,
    });
    await cluster.addNode({
      name: "node",
      shape: "VM.Standard.E4.Flex",
      ocpus: 2,
      memoryGb: 16,
      kubeletVersion: "v1.36.1",
      osImage: "Oracle Linux Server 8.10",
    });
    const path = [plugins.environment["PATH"], tools.bin].join(delimiter);
    return new PluginBench(cluster, engine, kubeconfigPath, {
      ...plugins.environment,
      PATH: path,
      KUBECONFIG: kubeconfigPath,
      PULUMI_BACKEND_URL: `file://${join(state, "pulumi")}`,
      PULUMI_CONFIG_PASSPHRASE: "not a secret",
      PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
    });
  }

  async close(): Promise<void> {
    await this.cluster.remove();
    rmSync(stateDir(name), { recursive: true, force: true });
  }

  /** A stack of its own for one case. */
  async stack(stackName: string, settings: k8s.ProviderArgs = {}): Promise<TestStack> {
    const workDir = join(stateDir(name), stackName);
    mkdirSync(workDir, { recursive: true });
    writeFileSync(join(workDir, "Pulumi.yaml"), "name: plugins\nruntime: nodejs\n");
    const stack = await LocalWorkspace.createOrSelectStack(
      { stackName, projectName: "plugins", program: async () => ({}) },
      { workDir, pulumiCommand: this.engine.command, envVars: this.environment },
    );
    const kubeconfig = readFileSync(this.kubeconfig, "utf8");
    return new TestStack(stack, workDir, {
      kubeconfig,
      clusterIdentifier: name,
      upsertExistingObjects: false,
      ...settings,
    });
  }

  kubectl(...args: string[]): Promise<string> {
    return this.run("kubectl", ...args);
  }

  /** Runs a program by hand against the test's own cluster. */
  readonly run: Run = async (program, ...args) => {
    const env = { ...process.env, ...this.environment };
    return (await execute(program, args, { env })).stdout;
  };

  /** An object as it is in the cluster; undefined where there is none. */
  async object<T>(...which: string[]): Promise<T | undefined> {
    const text = await this.kubectl("get", ...which, "--ignore-not-found", "-o", "json");
    return text ? (JSON.parse(text) as T) : undefined;
  }
}

/** A stack that is brought up with one program after another. */
export class TestStack {
  constructor(
    private readonly stack: Stack,
    readonly folder: string,
    private readonly settings: k8s.ProviderArgs,
  ) {}

  async up(program: Program): Promise<{ changes: Changes; outputs: Record<string, unknown> }> {
    const { summary, outputs } = await this.stack.up({ program: this.wrap(program) });
    const values = Object.entries(outputs).map(([key, { value }]) => [key, value as unknown]);
    return { changes: without(summary.resourceChanges), outputs: Object.fromEntries(values) };
  }

  async preview(program: Program): Promise<Changes> {
    return without((await this.stack.preview({ program: this.wrap(program) })).changeSummary);
  }

  async refresh(): Promise<Changes> {
    return without((await this.stack.refresh()).summary.resourceChanges);
  }

  async destroy(): Promise<Changes> {
    return without((await this.stack.destroy()).summary.resourceChanges);
  }

  /** The state as it lies on the disk. */
  state(): string {
    const file = `${this.stack.name}.json`;
    return readFileSync(
      join(stateDir(name), "pulumi", ".pulumi", "stacks", "plugins", file),
      "utf8",
    );
  }

  private wrap(program: Program) {
    return async () =>
      program(new k8s.Provider("cluster", this.settings)) as Record<string, unknown> | undefined;
  }
}

function without(changes: Partial<Record<string, number>> = {}): Changes {
  const entries = Object.entries(changes).filter(([operation]) => operation !== "same");
  return Object.fromEntries(entries) as Changes;
}
