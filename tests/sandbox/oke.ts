import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";

import { afterAll, afterEach, beforeAll, expect } from "@jest/globals";
import { LocalWorkspace, type Stack } from "@pulumi/pulumi/automation/index.js";
import { stringify } from "yaml";

import okeAmbientMesh from "../../index.js";
import { inline } from "../../tools/automation/inline.js";
import { Cloud } from "../../emulator/oci/cloud.js";
import { Endpoint } from "../../emulator/oci/http/endpoint.js";
import { clientEnvironment } from "../../emulator/oci/tenancy/environment.js";
import { apiKey, compartmentId } from "../../emulator/oci/tenancy/identity.js";
import { changeOffers } from "../../emulator/oci/clusters/offers.js";
import { Store } from "../../emulator/oci/state/store.js";
import { cacheDir, root } from "../../tools/paths.js";
import { forcePatches, provideKubernetes } from "../../emulator/plugin-discovery/discover.js";
import { writeShim } from "../../emulator/plugin-discovery/stand-in.js";
import { ensureTools } from "../../emulator/toolchain/index.js";
import { ensureKubernetesPlugin } from "../../emulator/toolchain/kubernetes-plugin.js";
import { findPulumi } from "../../emulator/toolchain/pulumi.js";
import { homeWithoutLogs } from "../../emulator/toolchain/pulumi-home.js";
import "./late-answers.js";

/** Settings by key, as in a stack's file. */
export type Config = Record<string, unknown>;

/** An image that the endpoint offers, and settings that choose its release. */
export const ol8 = (version: string) => `Oracle-Linux-8.10-2026.06.15-0-OKE-${version}-1505`;
export const onOl8 = (more: Config = {}) => ({ nodes: { os: "8.10" }, ...more });

/** A tenancy for the tests of a file; faults and changed offers are reset after each test. */
export function tenancyOfFile(): () => Tenancy {
  let tenancy: Tenancy | undefined;
  beforeAll(async () => {
    tenancy = await Tenancy.open();
  }, 20 * 60_000);
  afterAll(() => tenancy?.close());
  afterEach(() => {
    if (!tenancy) return;
    tenancy.cloud.faults.clear();
    changeOffers(tenancy.store, undefined);
  });
  return () => tenancy as Tenancy;
}

/**
 * The program's OKE half on the real engine, against an OCI endpoint in this process whose clusters are records
 * without an API server.
 */
export class Tenancy {
  /** The settings of the last successful `up`; undefined if something has changed since. */
  private deployed?: string;

  private constructor(
    readonly folder: string,
    readonly store: Store,
    readonly cloud: Cloud,
    /** Names of the running workers. */
    readonly nodes: ReadonlySet<string>,
    private readonly endpoint: Endpoint,
    readonly stack: Stack,
  ) {}

  static async open(): Promise<Tenancy> {
    const memory = join(cacheDir, "pulumi-versions.json");
    const pulumi = findPulumi(memory)?.path ?? (await ensureTools({ cacheDir })).pulumi;
    // The Automation API runs `pulumi` from this process's PATH.
    process.env["PATH"] = [dirname(pulumi), process.env["PATH"]].join(delimiter);
    const folder = mkdtempSync(join(tmpdir(), "oke-"));
    const nodes = new Set<string>();
    const store = new Store();
    const cloud = new Cloud(
      store,
      {
        startCluster: async () => ({ server: "https://127.0.0.1:1", caPem: "CA" }),
        stopCluster: async () => nodes.clear(),
        addNode: async ({ name }) => void nodes.add(name),
        removeNode: async (name) => void nodes.delete(name),
      },
      folder,
    );
    const key = apiKey(join(folder, "oci"));
    const endpoint = await Endpoint.listen({ cloud, keys: { [key.keyId]: key.publicKey } });
    for (const name of ["plugins", "state", "tmp"]) mkdirSync(join(folder, name));
    // Helpers run by their path relative to the project's folder.
    for (const name of ["components", "node_modules", "package.json", "tsconfig.json"]) {
      symlinkSync(join(root, name), join(folder, name));
    }
    for (const name of ["oci", "command"] as const) {
      await writeShim(name, join(folder, "plugins"));
    }
    const build = () => ensureKubernetesPlugin(cacheDir, () => undefined);
    await provideKubernetes(join(folder, "plugins"), {
      stateDir: folder,
      cacheDir,
      pulumi,
      build,
    });
    writeFileSync(join(folder, "Pulumi.yaml"), "name: oke-ambient-mesh\nruntime: nodejs\n");
    const stack = await LocalWorkspace.createStack(
      { stackName: "dev", projectName: "oke-ambient-mesh", program },
      {
        workDir: folder,
        envVars: {
          ...clientEnvironment(endpoint.url, key),
          ...forcePatches,
          PATH: [join(folder, "plugins"), process.env["PATH"]].join(delimiter),
          TMPDIR: join(folder, "tmp"),
          ...homeWithoutLogs(join(folder, "pulumi-home")),
          PULUMI_BACKEND_URL: `file://${join(folder, "state")}`,
          PULUMI_CONFIG_PASSPHRASE: "test",
          PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
          PULUMI_SKIP_UPDATE_CHECK: "true",
        },
      },
    );
    return new Tenancy(folder, store, cloud, nodes, endpoint, stack);
  }

  async close(): Promise<void> {
    await this.endpoint.close();
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** Writes the stack's file. */
  configure(config: Config): void {
    const all = {
      compartmentId,
      network: { apiAllowedCidrs: ["203.0.113.7/32"] },
      stage: "cluster",
      verify: false,
      ...config,
    };
    const entries = Object.entries(all).map(([key, value]) => [`oke-ambient-mesh:${key}`, value]);
    const text = stringify({ config: Object.fromEntries(entries) as Config });
    writeFileSync(join(this.folder, "Pulumi.dev.yaml"), text);
  }

  /** Runs an `up` with that configuration; returns its steps, output and error. */
  async up(config: Config = {}): Promise<Outcome> {
    this.configure(config);
    const outcome = await run((options) => this.stack.up(options));
    if (outcome.error === undefined) this.deployed = JSON.stringify(config);
    else if (Object.keys(outcome.steps).length > 0) this.deployed = undefined;
    return outcome;
  }

  async preview(config: Config = {}): Promise<Outcome> {
    this.configure(config);
    return run((options) => this.stack.preview(options));
  }

  async destroy(): Promise<Outcome> {
    this.deployed = undefined;
    return run((options) => this.stack.destroy(options));
  }

  /** Deploys a stack with exactly these settings unless it is deployed, so that no test depends on another one. */
  async at(config: Config): Promise<void> {
    if (this.deployed === JSON.stringify(config)) return;
    await this.gone();
    expect((await this.up(config)).error).toBeUndefined();
  }

  /** Destroys the stack if OCI has resources. */
  async gone(): Promise<void> {
    if (this.live().length > 0) expect((await this.destroy()).error).toBeUndefined();
  }

  /** Kinds of all resources in OCI, sorted. */
  live(): string[] {
    return this.store
      .all()
      .filter(({ item }) => item.lifecycleState !== "DELETED")
      .map(({ kind }) => kind)
      .sort();
  }

  /** A cluster's or pool's record. */
  item(kind: "cluster" | "nodepool") {
    return this.store
      .all(kind)
      .map(({ item }) => item)
      .find(({ lifecycleState }) => lifecycleState !== "DELETED");
  }
}

/** Runs an operation of the engine; returns its steps, output and error. */
export async function run(
  operation: (options: Pick<Parameters<Stack["up"]>[0] & object, "onEvent">) => Promise<unknown>,
): Promise<Outcome> {
  const steps: Record<string, string> = {};
  let said = "";
  const onEvent: NonNullable<Parameters<Stack["up"]>[0]>["onEvent"] = (event) => {
    const { metadata } = event.resourcePreEvent ?? {};
    if (metadata && !["same", "read", "refresh"].includes(metadata.op)) {
      steps[metadata.urn.split("::").at(-1) ?? ""] = metadata.op;
    }
    const { message, severity } = event.diagnosticEvent ?? {};
    // The engine sends debug messages too, although the type does not have them.
    if (message && (severity as string) !== "debug") said += message;
  };
  try {
    await operation({ onEvent });
    return { steps, said, error: undefined };
  } catch (error) {
    return { steps, said, error: error instanceof Error ? error.message : String(error) };
  }
}

/** The program as the sandbox runs it. */
export const program = inline(okeAmbientMesh);

/** The result of an operation. */
export interface Outcome {
  /** By logical name; the last of a replacement's steps. */
  steps: Record<string, string>;
  /** The text of the diagnostics. */
  said: string;
  error: string | undefined;
}
