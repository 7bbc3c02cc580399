import { parseCidr, subnetCidrs, type SubnetCidrs } from "../oke/network/cidr.js";
import type { SealedProperties } from "../resources/sealing.js";
import { isSearchable } from "../resources/secret-texts.js";

/** Where a setting is in resources, for values that a search for their text does not find. */
interface Flow {
  setting: string;
  type: string;
  /** Inputs that contain it, or are chosen by it. */
  inputs?: string[];
  /** Inputs with something that the program takes from it. */
  derived?: string[];
  /** Outputs in which a provider repeats it, or what follows from it, under another name than its input's. */
  outputs?: string[];
}

const nodePool = "oci:ContainerEngine/nodePool:NodePool";
const release = "kubernetes:helm.sh/v3:Release";
const provider = "pulumi:providers:kubernetes";
const image = ["nodeImageId", "nodeImageName", "nodeSources", "nodes"];

const flows: readonly Flow[] = [
  { setting: "network.vcnCidr", type: "oci:Core/vcn:Vcn", outputs: ["cidrBlock"] },
  {
    setting: "network.vcnCidr",
    type: "oci:Core/subnet:Subnet",
    outputs: ["ipv4cidrBlocks", "virtualRouterIp"],
  },
  {
    setting: "network.vcnCidr",
    type: "oci:ContainerEngine/cluster:Cluster",
    outputs: ["endpoints"],
  },
  // The workers' addresses.
  { setting: "network.vcnCidr", type: nodePool, outputs: ["nodes"] },
  { setting: "nodes.os", type: nodePool, inputs: ["nodeSourceDetails"], outputs: image },
  { setting: "nodes.imageId", type: nodePool, outputs: image },
  { setting: "nodes.shape", type: nodePool, inputs: ["nodeShape"], outputs: image },
  { setting: "nodes.ocpus", type: nodePool, inputs: ["nodeShapeConfig"] },
  { setting: "nodes.memoryGb", type: nodePool, inputs: ["nodeShapeConfig"] },
  { setting: "nodes.count", type: nodePool, inputs: ["nodeConfigDetails"], outputs: ["nodes"] },
  { setting: "nodes.bootVolumeGb", type: nodePool, inputs: ["nodeSourceDetails"] },
  {
    setting: "existing.kubeconfig",
    type: provider,
    inputs: ["kubeconfig"],
    // Its current context.
    derived: ["context"],
  },
  { setting: "existing.context", type: provider, inputs: ["context"] },
  { setting: "mesh.chartRepository", type: release, inputs: ["chart", "repositoryOpts"] },
  { setting: "mesh.version", type: release, inputs: ["values"], outputs: ["status"] },
  { setting: "mesh.imageHub", type: release, inputs: ["values"] },
  { setting: "mesh.platform", type: release, inputs: ["values"] },
];

/** The resources' properties that encrypted settings flow into. */
export function sealedProperties(valueOfSecret: (setting: string) => unknown): SealedProperties {
  const sealed: SealedProperties = {};
  for (const { setting, type, inputs = [], derived = [], outputs = [] } of flows) {
    const value = valueOfSecret(setting);
    if (value === undefined) continue;
    const of = (sealed[type] ??= { inputs: [], outputs: [] });
    of.inputs.push(...derived, ...(isSearchable(value) ? [] : inputs));
    of.outputs.push(...outputs);
  }
  return sealed;
}

/** Texts that resources may not show, beside those of the encrypted values. */
export function derivedTexts(valueOfSecret: (setting: string) => unknown): string[] {
  const vcn = parseCidr(String(valueOfSecret("network.vcnCidr")));
  const { api, loadBalancers, workers } = vcn ? subnetCidrs(vcn) : ({} as Partial<SubnetCidrs>);
  // Versions are short, but nothing else contains them.
  const texts = [
    api,
    loadBalancers,
    workers,
    ...["mesh.version", "mesh.gatewayApi"].map(valueOfSecret),
  ];
  return texts.filter((text) => typeof text === "string");
}
