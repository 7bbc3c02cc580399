import { parseCidr } from "../../../components/oke/cidr.js";
import type { Item, Store } from "../state/store.js";

/** What OCI fills in for a subnet. */
export function subnetDefaults(item: Item, store: Store): Record<string, unknown> {
  const vcn: Partial<Item> = store.get(String(item["vcnId"]))?.item ?? {};
  const label = item["dnsLabel"];
  const range = parseCidr(String(item["cidrBlock"]));
  const first = range ? range.base + 1 : 0;
  const isPrivate = item["prohibitPublicIpOnVnic"] === true;
  return {
    routeTableId: vcn["defaultRouteTableId"],
    securityListIds: [vcn["defaultSecurityListId"]],
    dhcpOptionsId: vcn["defaultDhcpOptionsId"],
    prohibitPublicIpOnVnic: false,
    prohibitInternetIngress: isPrivate,
    virtualRouterIp: [24, 16, 8, 0].map((shift) => (first >>> shift) & 255).join("."),
    virtualRouterMac: "00:00:17:5A:9D:01",
    ipv4CidrBlocks: [item["cidrBlock"]],
    ...(label && vcn["vcnDomainName"]
      ? { subnetDomainName: `${String(label)}.${String(vcn["vcnDomainName"])}` }
      : {}),
  };
}

/** Why a subnet can not be where it is asked for. */
export function refusedSubnet(item: Item, store: Store): string | undefined {
  const block = String(item["cidrBlock"]);
  const range = parseCidr(block);
  if (!range) return `The requested CIDR ${block} is invalid`;
  const end = ({ base, prefix }: { base: number; prefix: number }) => base + 2 ** (32 - prefix);
  const vcn = store.get(String(item["vcnId"]))?.item;
  const inside = ((vcn?.["cidrBlocks"] ?? []) as string[]).some((outer) => {
    const vcnRange = parseCidr(outer);
    return vcnRange && range.base >= vcnRange.base && end(range) <= end(vcnRange);
  });
  if (!inside) return `The requested CIDR ${block} is not within the VCN's CIDR blocks`;
  for (const { item: other } of store.all("subnet")) {
    const taken = parseCidr(String(other["cidrBlock"]));
    if (other.id === item.id || other["vcnId"] !== item["vcnId"] || !taken) continue;
    if (range.base < end(taken) && taken.base < end(range)) {
      return `The requested CIDR ${block} is invalid: subnet ${other.id} with CIDR ${String(other["cidrBlock"])} overlaps with this CIDR.`;
    }
  }
  return undefined;
}
