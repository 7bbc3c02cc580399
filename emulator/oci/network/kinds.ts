import { randomBytes } from "node:crypto";

import { cidrBlock, freeAddress } from "./addresses.js";
import { region } from "../tenancy/identity.js";
import { refusedSubnet, subnetDefaults } from "./subnets.js";
import type { Item, Store } from "../state/store.js";

/** How a resource of OCI behaves; all that the endpoint does with it follows from this. */
export interface Kind {
  /** Its word in OCIDs. */
  kind: string;
  /** Its word in messages. */
  title: string;
  /** Its collection: `/20160918/vcns`. */
  path: string;
  /** Properties without which a create is refused; `compartmentId` always is one. */
  required: string[];
  /** Properties that an update changes besides name and tags. */
  updatable?: string[];
  /** Properties that name other resources, one or a list, and the kind these are of. */
  refers?: Record<string, string>;
  /** What OCI fills in where the request leaves it open. */
  defaults?: (item: Item, store: Store) => Record<string, unknown>;
  /** Says why a create or an update is refused. */
  refuses?: (item: Item, store: Store) => string | undefined;
  /** Created together with one of this kind, and gone with it. */
  brings?: { kind: string; as: string; item?: Record<string, unknown> }[];
  /** Not to be had by a POST. */
  readOnly?: true;
}

const network = "/20160918";
const inVcn = { required: ["vcnId"], refers: { vcnId: "vcn" } };

/** The resources of OCI's network and storage services that a cluster leaves traces in. */
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
    refuses: ({ cidrBlocks }) => {
      const blocks = cidrBlocks as string[];
      const wrong = blocks.find((text) => {
        const block = cidrBlock(text);
        return !block || block.bitmask < 16 || block.bitmask > 30;
      });
      if (blocks.length === 0) return "cidrBlocks must have at least one entry";
      return wrong && `The requested CIDR ${wrong} is invalid: it must be between /16 and /30`;
    },
    brings: [
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
    refuses: ({ routeRules }, store) =>
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
    refuses: ({ ingressSecurityRules, egressSecurityRules }) =>
      (ingressSecurityRules as Rule[])
        .map(({ source }) => refusedPeer(source))
        .concat((egressSecurityRules as Rule[]).map((rule) => refusedPeer(rule.destination)))
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
    refers: {
      vcnId: "vcn",
      routeTableId: "routetable",
      securityListIds: "securitylist",
      dhcpOptionsId: "dhcpoptions",
    },
    defaults: subnetDefaults,
    refuses: refusedSubnet,
  },
  {
    kind: "vnic",
    title: "VNIC",
    path: `${network}/vnics`,
    required: ["subnetId"],
    refers: { subnetId: "subnet" },
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

/** A peer is a range or the name of a service's ranges. */
const refusedPeer = (peer = "") =>
  cidrBlock(peer) || /^[a-z]+(-[a-z0-9]+)+$/.test(peer)
    ? undefined
    : `${peer} is neither a CIDR block nor a service's`;

const publicAddress = () => `192.0.2.${(randomBytes(1)[0] ?? 0) % 254}`;

/** The services of the region that a service gateway leads to, in no order. */
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
