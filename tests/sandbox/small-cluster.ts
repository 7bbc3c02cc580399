import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import * as command from "@pulumi/command";
import * as oci from "@pulumi/oci";
import * as pulumi from "@pulumi/pulumi";
import { LocalWorkspace, type Stack, type UpResult } from "@pulumi/pulumi/automation/index.js";

import { Engine } from "../../tools/automation/engine.js";
import { inline } from "../../tools/automation/inline.js";
import { Cloud } from "../../emulator/oci/cloud.js";
import { Endpoint } from "../../emulator/oci/http/endpoint.js";
import { clientEnvironment } from "../../emulator/oci/tenancy/environment.js";
import { apiKey, compartmentId } from "../../emulator/oci/tenancy/identity.js";
import { Store } from "../../emulator/oci/state/store.js";
import { writeShim } from "../../emulator/plugin-discovery/stand-in.js";
import { cacheDir } from "../../tools/paths.js";
import { ensureTools } from "../../emulator/toolchain/index.js";
import { homeWithoutLogs } from "../../emulator/toolchain/pulumi-home.js";
import "./late-answers.js";

/** The settings that tests change. */
export interface Settings {
  size: number;
  port: number;
  tags: Record<string, string>;
}
type Outputs = Record<string, unknown>;

const asMade: Settings = { size: 1, port: 6443, tags: { team: "mesh" } };

/** A small cluster on the real engine and the stand-ins for the oci and command plugins, on an endpoint in this process. */
export class SmallCluster {
  /** Names of the running workers. */
  readonly nodes = new Set<string>();
  readonly folder = mkdtempSync(join(tmpdir(), "oci-"));
  readonly cloud: Cloud;
  settings = asMade;
  private endpoint!: Endpoint;
  stack!: Stack;
  private place: "nowhere" | "as made" | "changed" = "nowhere";

  private constructor() {
    this.cloud = new Cloud(
      new Store(),
      {
        startCluster: async () => ({ server: "https://127.0.0.1:6443", caPem: "CA" }),
        stopCluster: async () => this.nodes.clear(),
        addNode: async ({ name }) => void this.nodes.add(name),
        removeNode: async (name) => void this.nodes.delete(name),
      },
      this.folder,
    );
  }

  static async open(): Promise<SmallCluster> {
    const made = new SmallCluster();
    const { cloud, folder } = made;
    const key = apiKey(join(folder, "oci"));
    made.endpoint = await Endpoint.listen({ cloud, keys: { [key.keyId]: key.publicKey } });
    const shims = join(folder, "plugins");
    mkdirSync(shims);
    for (const name of ["oci", "command"] as const) await writeShim(name, shims);
    mkdirSync(join(folder, "state"));
    writeFileSync(join(folder, "Pulumi.yaml"), "name: life\nruntime: nodejs\n");
    const { pulumi: cli } = await ensureTools({ cacheDir });
    made.stack = await LocalWorkspace.createStack(
      {
        stackName: "test",
        projectName: "life",
        program: inline(() => program(made.settings, folder)),
      },
      {
        workDir: folder,
        pulumiCommand: (await Engine.open(cli)).command,
        envVars: {
          ...clientEnvironment(made.url, key),
          PATH: `${shims}:${process.env["PATH"]}`,
          ...homeWithoutLogs(join(folder, "pulumi-home")),
          PULUMI_BACKEND_URL: `file://${join(folder, "state")}`,
          PULUMI_CONFIG_PASSPHRASE: "test",
          PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
          PULUMI_SKIP_UPDATE_CHECK: "true",
        },
      },
    );
    return made;
  }

  get url(): string {
    return this.endpoint.url;
  }

  async close(): Promise<void> {
    await this.endpoint.close();
    rmSync(this.folder, { recursive: true });
  }

  /** Runs an `up` with the current settings. */
  async change(): Promise<UpResult> {
    this.place = "changed";
    return this.stack.up();
  }

  /** Destroys the cluster and creates it with the original settings. */
  async make(): Promise<UpResult> {
    await this.gone();
    this.settings = asMade;
    const made = await this.change();
    this.place = "as made";
    return made;
  }

  /** Ensures the original settings, so that no test depends on another one. */
  async asNew(): Promise<void> {
    if (this.place !== "as made") await this.make();
  }

  /** Ensures that the cluster exists, with any settings. */
  async there(): Promise<void> {
    if (this.place === "nowhere") await this.make();
  }

  async gone(): Promise<void> {
    if (this.place !== "nowhere") await this.stack.destroy();
    this.place = "nowhere";
  }
}

async function program({ size, port, tags }: Settings, folder: string): Promise<Outputs> {
  const shared = { compartmentId, freeformTags: tags };
  const { availabilityDomains } = await oci.identity.getAvailabilityDomains({ compartmentId });
  const { sources } = await oci.containerengine.getNodePoolOption({ nodePoolOptionId: "all" });
  const image = sources.find(({ sourceName }) =>
    /^Oracle-Linux-9.7-2.*-OKE-1.35.2/.test(sourceName),
  );
  const vcn = new oci.core.Vcn("vcn", { ...shared, cidrBlocks: ["10.0.0.0/16"], dnsLabel: "oke" });
  const inVcn = { ...shared, vcnId: vcn.id };
  const gateway = new oci.core.InternetGateway("internet", { ...inVcn, enabled: true });
  const routes = new oci.core.RouteTable("routes", {
    ...inVcn,
    routeRules: [{ destination: "0.0.0.0/0", networkEntityId: gateway.id }],
  });
  const rules = new oci.core.SecurityList("rules", {
    ...inVcn,
    ingressSecurityRules: [
      { source: "10.0.0.0/16", protocol: "all", stateless: false },
      { source: "0.0.0.0/0", protocol: "6", tcpOptions: { min: port, max: port } },
    ],
    egressSecurityRules: [{ destination: "0.0.0.0/0", protocol: "all" }],
  });
  const subnet = (name: string, cidrBlock: string) =>
    new oci.core.Subnet(name, {
      ...inVcn,
      cidrBlock,
      routeTableId: routes.id,
      securityListIds: [rules.id],
    });
  const api = subnet("api", "10.0.0.0/28");
  const workers = subnet("workers", "10.0.1.0/24");
  const balancers = subnet("load-balancers", "10.0.2.0/24");
  const cluster = new oci.containerengine.Cluster("cluster", {
    ...shared,
    name: "mesh",
    vcnId: vcn.id,
    kubernetesVersion: "v1.35.2",
    clusterPodNetworkOptions: [{ cniType: "FLANNEL_OVERLAY" }],
    endpointConfig: { subnetId: api.id, isPublicIpEnabled: true },
    options: { serviceLbSubnetIds: [balancers.id] },
  });
  const pool = new oci.containerengine.NodePool("pool", {
    ...shared,
    name: "workers",
    clusterId: cluster.id,
    kubernetesVersion: "v1.35.2",
    nodeShape: "VM.Standard.E4.Flex",
    nodeShapeConfig: { ocpus: 2, memoryInGbs: 16 },
    nodeSourceDetails: {
      sourceType: "IMAGE",
      imageId: image?.imageId ?? "",
      bootVolumeSizeInGbs: "50",
    },
    nodeConfigDetails: {
      size,
      placementConfigs: availabilityDomains.map(({ name }) => ({
        availabilityDomain: name,
        subnetId: workers.id,
      })),
    },
    nodeMetadata: { user_data: "IyEvYmluL2Jhc2gK" },
  });
  const said = new command.local.Command("said", {
    create: 'echo "$GREETING after ${PULUMI_COMMAND_STDOUT:-nothing}"',
    delete: `echo gone > ${join(folder, "gone")}`,
    environment: { GREETING: pulumi.interpolate`${size} workers` },
  });
  const kubeconfig = cluster.id.apply(
    async (clusterId) =>
      (await oci.containerengine.getClusterKubeConfig({ clusterId, tokenVersion: "2.0.0" }))
        .content,
  );
  return {
    clusterId: cluster.id,
    endpoint: cluster.endpoints[0]!.publicEndpoint,
    domain: vcn.vcnDomainName,
    kubeconfig: pulumi.secret(kubeconfig),
    node: pool.nodes[0]!.name,
    said: said.stdout,
  };
}
