import type { Item, Store } from "../state/store.js";
import { cidrBlock, overlap } from "./addresses.js";

/** The properties that OCI fills in. */
export function subnetDefaults(item: Item, store: Store): Record<string, unknown> {
  const vcn: Partial<Item> = store.get(String(item["vcnId"]))?.item ?? {};
  const label = item["dnsLabel"];
  const isPrivate = item["prohibitPublicIpOnVnic"] === true;
  return {
    routeTableId: vcn["defaultRouteTableId"],
    securityListIds: [vcn["defaultSecurityListId"]],
    dhcpOptionsId: vcn["defaultDhcpOptionsId"],
    prohibitPublicIpOnVnic: false,
    prohibitInternetIngress: isPrivate,
    virtualRouterIp: cidrBlock(String(item["cidrBlock"]))?.first,
    virtualRouterMac: "00:00:17:5A:9D:01",
    ipv4CidrBlocks: [item["cidrBlock"]],
    ...(label && vcn["vcnDomainName"]
      ? { subnetDomainName: `${String(label)}.${String(vcn["vcnDomainName"])}` }
      : {}),
  };
}

/** Why OCI rejects a subnet; undefined if it accepts the subnet. */
export function validateSubnet(item: Item, store: Store): string | undefined {
  const text = String(item["cidrBlock"]);
  const block = cidrBlock(text);
  if (!block) return `The requested CIDR ${text} is invalid`;
  const vcn = store.get(String(item["vcnId"]))?.item;
  const vcnBlocks = (vcn?.["cidrBlocks"] ?? []) as string[];
  const isInside = vcnBlocks.some((outer) => cidrBlock(outer)?.contains(block));
  if (!isInside) return `The requested CIDR ${text} is not within the VCN's CIDR blocks`;
  for (const { item: other } of store.all("subnet")) {
    const taken = cidrBlock(String(other["cidrBlock"]));
    if (other.id === item.id || other["vcnId"] !== item["vcnId"] || !taken) continue;
    if (overlap(block, taken)) {
      return `The requested CIDR ${text} is invalid: subnet ${other.id} with CIDR ${String(other["cidrBlock"])} overlaps with this CIDR.`;
    }
  }
  return undefined;
}
