import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { promisify } from "node:util";

import { afterAll, afterEach, beforeAll, test } from "@jest/globals";
import * as k8s from "@pulumi/kubernetes";
import type { Output } from "@pulumi/pulumi";
import { LocalWorkspace, type Stack } from "@pulumi/pulumi/automation/index.js";

import { ControlPlane } from "../../../emulator/control-plane/index.js";
import { Engine } from "../../../tools/automation/engine.js";
import { inline } from "../../../tools/automation/inline.js";
import { cacheDir, stateDir } from "../../../tools/paths.js";
import { discoverPlugins } from "../../../emulator/plugin-discovery/discover.js";
import { findOnMachine } from "../../../emulator/plugin-discovery/search.js";
import { allocatePorts } from "../../../emulator/processes/ports.js";
import type { Run } from "../../../tools/sandbox/recovery/releases.js";
import { homeWithoutLogs } from "../../../emulator/toolchain/pulumi-home.js";
import { ensureTools } from "../../../emulator/toolchain/index.js";
import {
  ensureKubernetesPlugin,
  pinnedKubernetesPlugin,
} from "../../../emulator/toolchain/kubernetes-plugin.js";
import "../late-answers.js";

const execute = promisify(execFile);

/** A program that registers resources with the given provider of the test's cluster. */
export type Program = (provider: k8s.Provider) => Record<string, Output<unknown>> | void;

/** Numbers of resources by operation (`create`, `update`, `replace`, `delete`), without unchanged ones. */
export type Changes = Record<string, number>;

const minutes = 60_000;

const kubernetesVersion =
  (await findOnMachine("kubernetes", { stateDir: stateDir("plugins") }))?.version ??
  pinnedKubernetesPlugin();

/** `test` for a kubernetes plugin of this version or newer; skipped, with the reason in its title, for older ones. */
export function from(major: number, minor: number) {
  const [hasMajor = 0, hasMinor = 0] = kubernetesVersion.split(".").map(Number);
  const isNew = hasMajor > major || (hasMajor === major && hasMinor >= minor);
  return (title: string, work: () => Promise<void>, timeout: number): void => {
    if (isNew) test(title, work, timeout);
    else
      test.skip(
        `${title} (needs kubernetes plugin ${major}.${minor}, this is ${kubernetesVersion})`,
        work,
      );
  };
}

/**
 * A bench for the tests of a file, and a folder for their files. The stacks of a test are destroyed after it.
 *
 * @param name the cluster's, unique for each file, because files may run in parallel.
 */
export function benchFor(name: string): { bench: () => PluginBench; folder: string } {
  const folder = mkdtempSync(join(tmpdir(), `${name}-`));
  let bench: PluginBench;
  beforeAll(async () => {
    bench = await PluginBench.open(name);
  }, 20 * minutes);
  afterEach(() => bench.clear(), 5 * minutes);
  afterAll(async () => {
    await bench?.close();
    rmSync(folder, { recursive: true, force: true });
  }, minutes);
  return { bench: () => bench, folder };
}

/** An API server with a node, and the plugins. */
export class PluginBench {
  private used: TestStack[] = [];

  private constructor(
    private readonly name: string,
    private readonly cluster: ControlPlane,
    private readonly engine: Engine,
    private readonly kubeconfig: string,
    private readonly environment: Record<string, string>,
  ) {}

  static async open(name: string): Promise<PluginBench> {
    const state = stateDir(name);
    const tools = await ensureTools({ cacheDir });
    const engine = await Engine.open(tools.pulumi);
    const build = () => ensureKubernetesPlugin(cacheDir, () => undefined);
    const plugins = await discoverPlugins({
      stateDir: state,
      cacheDir,
      pulumi: tools.pulumi,
      build,
    });
    const ports = await allocatePorts(state);
    const cluster = new ControlPlane({ stateDir: state, tools, ports });
    // Remove what a killed run has left.
    await cluster.remove();
    rmSync(join(state, "pulumi"), { recursive: true, force: true });
    const temporary = join(state, "tmp");
    for (const folder of [join(state, "pulumi"), temporary]) mkdirSync(folder, { recursive: true });
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
    return new PluginBench(name, cluster, engine, kubeconfigPath, {
      ...plugins.environment,
      PATH: path,
      KUBECONFIG: kubeconfigPath,
      TMPDIR: temporary,
      ...homeWithoutLogs(join(state, "pulumi-home")),
      PULUMI_BACKEND_URL: `file://${join(state, "pulumi")}`,
      PULUMI_CONFIG_PASSPHRASE: "not a secret",
      PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
    });
  }

  async close(): Promise<void> {
    await this.cluster.remove();
    rmSync(stateDir(this.name), { recursive: true, force: true });
  }

  /** Creates a stack for one test, which {@link clear} destroys. */
  async stack(stackName: string, settings: k8s.ProviderArgs = {}): Promise<TestStack> {
    const workDir = join(stateDir(this.name), stackName);
    mkdirSync(workDir, { recursive: true });
    writeFileSync(join(workDir, "Pulumi.yaml"), "name: plugins\nruntime: nodejs\n");
    const stack = await LocalWorkspace.createOrSelectStack(
      { stackName, projectName: "plugins", program: async () => ({}) },
      { workDir, pulumiCommand: this.engine.command, envVars: this.environment },
    );
    const file = join(stateDir(this.name), "pulumi", ".pulumi", "stacks", "plugins", stackName);
    const made = new TestStack(stack, `${file}.json`, {
      kubeconfig: readFileSync(this.kubeconfig, "utf8"),
      clusterIdentifier: this.name,
      upsertExistingObjects: false,
      ...settings,
    });
    this.used.push(made);
    return made;
  }

  /** Destroys the stacks of a test, the last one first. */
  async clear(): Promise<void> {
    const used = this.used.reverse();
    this.used = [];
    for (const stack of used) await stack.destroy();
  }

  kubectl(...args: string[]): Promise<string> {
    return this.run("kubectl", ...args);
  }

  /** Runs a program against the test's cluster. */
  readonly run: Run = async (program, ...args) => {
    const env = { ...process.env, ...this.environment };
    return (await execute(program, args, { env })).stdout;
  };

  /** An object in the cluster; undefined if it does not exist. */
  async object<T>(...which: string[]): Promise<T | undefined> {
    const text = await this.kubectl("get", ...which, "--ignore-not-found", "-o", "json");
    return text ? (JSON.parse(text) as T) : undefined;
  }

  async appears(...which: string[]): Promise<void> {
    for (let attempt = 0; attempt < 100; attempt++) {
      // kubectl fails until the kind is defined.
      if (await this.object(...which).catch(() => undefined)) return;
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
    throw new Error(`${which.join(" ")} was not created in time`);
  }
}

interface Recorded {
  urn: string;
  outputs?: Record<string, unknown>;
}

/** A stack that is updated with different programs. */
export class TestStack {
  constructor(
    private readonly stack: Stack,
    private readonly file: string,
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

  /** The content of the state file. */
  state(): string {
    return readFileSync(this.file, "utf8");
  }

  /** A resource's outputs in the state, by its logical name. */
  outputs(name: string): Record<string, unknown> | undefined {
    const { checkpoint } = JSON.parse(this.state()) as {
      checkpoint: { latest: { resources: Recorded[] } };
    };
    return checkpoint.latest.resources.find(({ urn }) => urn.endsWith(`::${name}`))?.outputs;
  }

  private wrap(program: Program) {
    return inline(
      async () =>
        program(new k8s.Provider("cluster", this.settings)) as Record<string, unknown> | undefined,
    );
  }
}

function without(changes: Partial<Record<string, number>> = {}): Changes {
  const entries = Object.entries(changes).filter(([operation]) => operation !== "same");
  return Object.fromEntries(entries) as Changes;
}
