import { randomBytes } from "node:crypto";

import { cidrBlock, freeAddress } from "./addresses.js";
import { region } from "../tenancy/identity.js";
import { subnetDefaults, validateSubnet } from "./subnets.js";
import type { Item, Store } from "../state/store.js";

/** How the endpoint treats one kind of resource. */
export interface Kind {
  /** Resource type in OCIDs. */
  kind: string;
  /** Name in messages. */
  title: string;
  /** Path of the collection: `/20160918/vcns`. */
  path: string;
  /** Properties that a create must have, besides `compartmentId`. */
  required: string[];
  /** Properties that an update can change, besides name and tags. */
  updatable?: string[];
  /** Properties that hold the OCID of another resource, or a list of them, and the kind of that resource. */
  references?: Record<string, string>;
  /** Values for the properties that the request leaves out. */
  defaults?: (item: Item, store: Store) => Record<string, unknown>;
  /** Why a create or an update is rejected; undefined if it is accepted. */
  validate?: (item: Item, store: Store) => string | undefined;
  /** Resources created and deleted with each of this kind, and the property that holds their OCID. */
  companions?: { kind: string; as: string; item?: Record<string, unknown> }[];
  /** Created only by the endpoint itself. */
  readOnly?: true;
}

const network = "/20160918";
const inVcn = { required: ["vcnId"], references: { vcnId: "vcn" } };

/** The network, compute and storage resources of a cluster and its network. */
export const kinds: Kind[] = [
  {
    kind: "vcn",
    title: "VCN",
    path: `${network}/vcns`,
    required: [],
    defaults: ({ id, cidrBlocks, cidrBlock, dnsLabel }) => ({
      cidrBlocks: cidrBlocks ?? (cidrBlock ? [cidrBlock] : []),
      cidrBlock: cidrBlock ?? (cidrBlocks as string[] | undefined)?.[0],
      ...(dnsLabel ? { vcnDomainName: `${String(dnsLabel)}.oraclevcn.com` } : {}),
      displayName: `vcn${id.slice(-8)}`,
    }),
    validate: ({ cidrBlocks }) => {
      const blocks = cidrBlocks as string[];
      const wrong = blocks.find((text) => {
        const block = cidrBlock(text);
        return !block || block.bitmask < 16 || block.bitmask > 30;
      });
      if (blocks.length === 0) return "cidrBlocks must have at least one entry";
      return wrong && `The requested CIDR ${wrong} is invalid: it must be between /16 and /30`;
    },
    companions: [
      { kind: "routetable", as: "defaultRouteTableId", item: { routeRules: [] } },
      {
        kind: "securitylist",
        as: "defaultSecurityListId",
        item: { ingressSecurityRules: [], egressSecurityRules: [] },
      },
      { kind: "dhcpoptions", as: "defaultDhcpOptionsId" },
    ],
  },
  {
    kind: "internetgateway",
    title: "Internet Gateway",
    path: `${network}/internetGateways`,
    ...inVcn,
    updatable: ["isEnabled", "routeTableId"],
    defaults: () => ({ isEnabled: true }),
  },
  {
    kind: "natgateway",
    title: "NAT Gateway",
    path: `${network}/natGateways`,
    ...inVcn,
    updatable: ["blockTraffic", "routeTableId"],
    defaults: () => ({ blockTraffic: false, natIp: publicAddress() }),
  },
  {
    kind: "servicegateway",
    title: "Service Gateway",
    path: `${network}/serviceGateways`,
    ...inVcn,
    required: ["vcnId", "services"],
    updatable: ["blockTraffic", "services", "routeTableId"],
    defaults: () => ({ blockTraffic: false }),
  },
  {
    kind: "routetable",
    title: "Route Table",
    path: `${network}/routeTables`,
    ...inVcn,
    updatable: ["routeRules"],
    defaults: () => ({ routeRules: [] }),
    validate: ({ routeRules }, store) =>
      (routeRules as { networkEntityId: string }[])
        .filter(({ networkEntityId }) => !store.get(networkEntityId))
        .map(({ networkEntityId }) => `The network entity ${networkEntityId} does not exist`)[0],
  },
  {
    kind: "securitylist",
    title: "Security List",
    path: `${network}/securityLists`,
    ...inVcn,
    required: ["vcnId", "egressSecurityRules", "ingressSecurityRules"],
    updatable: ["egressSecurityRules", "ingressSecurityRules"],
    validate: ({ ingressSecurityRules, egressSecurityRules }) =>
      (ingressSecurityRules as Rule[])
        .map(({ source }) => validatePeer(source))
        .concat((egressSecurityRules as Rule[]).map((rule) => validatePeer(rule.destination)))
        .find(Boolean),
  },
  { kind: "dhcpoptions", title: "DHCP Options", path: `${network}/dhcps`, ...inVcn },
  {
    kind: "networksecuritygroup",
    title: "Network Security Group",
    path: `${network}/networkSecurityGroups`,
    ...inVcn,
  },
  {
    kind: "subnet",
    title: "Subnet",
    path: `${network}/subnets`,
    required: ["vcnId", "cidrBlock"],
    updatable: ["cidrBlock", "dhcpOptionsId", "routeTableId", "securityListIds"],
    references: {
      vcnId: "vcn",
      routeTableId: "routetable",
      securityListIds: "securitylist",
      dhcpOptionsId: "dhcpoptions",
    },
    defaults: subnetDefaults,
    validate: validateSubnet,
  },
  {
    kind: "vnic",
    title: "VNIC",
    path: `${network}/vnics`,
    required: ["subnetId"],
    references: { subnetId: "subnet" },
    defaults: ({ subnetId }, store) => ({ privateIp: freeAddress(store, String(subnetId)) }),
    readOnly: true,
  },
  {
    kind: "instance",
    title: "Instance",
    path: `${network}/instances`,
    required: ["shape"],
    readOnly: true,
  },
  {
    kind: "bootvolume",
    title: "Boot Volume",
    path: `${network}/bootVolumes`,
    required: ["availabilityDomain"],
  },
  {
    kind: "volume",
    title: "Volume",
    path: `${network}/volumes`,
    required: ["availabilityDomain"],
    updatable: ["sizeInGBs"],
    defaults: () => ({ sizeInGBs: 50 }),
  },
];

interface Rule {
  source?: string;
  destination?: string;
}

/** The other end of a security rule: a CIDR block, or the name of a service's blocks. */
const validatePeer = (peer = "") =>
  cidrBlock(peer) || /^[a-z]+(-[a-z0-9]+)+$/.test(peer)
    ? undefined
    : `${peer} is neither a CIDR block nor a service`;

const publicAddress = () => `192.0.2.${(randomBytes(1)[0] ?? 0) % 254}`;

/** The services that a service gateway reaches, in no particular order. */
export const services = [
  {
    id: `ocid1.service.oc1.${region}.aaaaaaaaobjectstorage`,
    name: "OCI FRA Object Storage",
    description: "OCI FRA Object Storage",
    cidrBlock: "oci-fra-objectstorage",
  },
  {
    id: `ocid1.service.oc1.${region}.aaaaaaaaallservices`,
    name: "All FRA Services In Oracle Services Network",
    description: "All FRA Services In Oracle Services Network",
    cidrBlock: "all-fra-services-in-oracle-services-network",
  },
];
