import type { Service } from "../../../components/oke/oci/rest.js";

/** An OCI object, reduced to what identifies its owner. */
export interface OciObject {
  id: string;
  displayName?: string;
  name?: string;
  lifecycleState?: string;
  freeformTags?: Record<string, string>;
  vcnId?: string;
  subnetId?: string;
  subnetIds?: string[];
  clusterId?: string;
  /** Of a load balancer. */
  ipAddresses?: { ipAddress?: string }[];
  /** Of a private IP. */
  ipAddress?: string;
  vnicId?: string;
  /** Of a VNIC's attachment. */
  instanceId?: string;
  /** Of a VCN, deleted with it. */
  defaultRouteTableId?: string;
  defaultSecurityListId?: string;
}

/** A kind of OCI object that a stack may leave behind. */
export interface OciKind {
  kind: string;
  service: Service;
  /** Path of its list, without the API version. */
  path: string;
  /** The command that removes one (https://docs.oracle.com/en-us/iaas/tools/oci-cli/latest/oci_cli_docs/). */
  remove: (id: string) => string;
}

const iaas = "network" as const;
const cli =
  (command: string, option: string) =>
  (id: string): string =>
    `oci ${command} --${option} ${id} --force`;

/**
 * In the order in which they can be removed. Compute and block volumes share the network's endpoint
 * (https://docs.oracle.com/en-us/iaas/api/#/en/iaas/20160918/).
 */
export const ociKinds: readonly OciKind[] = [
  {
    kind: "load balancer",
    service: "loadBalancers",
    path: "/loadBalancers",
    remove: cli("lb load-balancer delete", "load-balancer-id"),
  },
  {
    kind: "node pool",
    service: "containerEngine",
    path: "/nodePools",
    remove: cli("ce node-pool delete", "node-pool-id"),
  },
  {
    kind: "cluster",
    service: "containerEngine",
    path: "/clusters",
    remove: cli("ce cluster delete", "cluster-id"),
  },
  {
    kind: "instance",
    service: iaas,
    path: "/instances",
    remove: cli("compute instance terminate", "instance-id"),
  },
  {
    kind: "block volume",
    service: iaas,
    path: "/volumes",
    remove: cli("bv volume delete", "volume-id"),
  },
  {
    kind: "boot volume",
    service: iaas,
    path: "/bootVolumes",
    remove: cli("bv boot-volume delete", "boot-volume-id"),
  },
  {
    kind: "subnet",
    service: iaas,
    path: "/subnets",
    remove: cli("network subnet delete", "subnet-id"),
  },
  {
    kind: "network security group",
    service: iaas,
    path: "/networkSecurityGroups",
    remove: cli("network nsg delete", "nsg-id"),
  },
  {
    kind: "security list",
    service: iaas,
    path: "/securityLists",
    remove: cli("network security-list delete", "security-list-id"),
  },
  {
    kind: "route table",
    service: iaas,
    path: "/routeTables",
    remove: cli("network route-table delete", "rt-id"),
  },
  {
    kind: "internet gateway",
    service: iaas,
    path: "/internetGateways",
    remove: cli("network internet-gateway delete", "ig-id"),
  },
  {
    kind: "NAT gateway",
    service: iaas,
    path: "/natGateways",
    remove: cli("network nat-gateway delete", "nat-gateway-id"),
  },
  {
    kind: "service gateway",
    service: iaas,
    path: "/serviceGateways",
    remove: cli("network service-gateway delete", "service-gateway-id"),
  },
  { kind: "VCN", service: iaas, path: "/vcns", remove: cli("network vcn delete", "vcn-id") },
];
