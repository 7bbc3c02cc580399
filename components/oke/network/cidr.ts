/** An IPv4 range. */
export interface Cidr {
  /** The first address as an unsigned 32-bit number. */
  base: number;
  /** 0 to 32. */
  prefix: number;
}

/** `10.0.0.0/16` → its parts; undefined for anything that is not a range with all host bits zero. */
export function parseCidr(text: string): Cidr | undefined {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})\/(\d{1,2})$/.exec(text);
  if (!match) return undefined;
  const [a = 0, b = 0, c = 0, d = 0, prefix = 0] = match.slice(1).map(Number);
  if ([a, b, c, d].some((octet) => octet > 255) || prefix > 32) return undefined;
  const base = ((a << 24) | (b << 16) | (c << 8) | d) >>> 0;
  return base % size({ base, prefix }) === 0 ? { base, prefix } : undefined;
}

/** The range in the usual notation. */
export function formatCidr({ base, prefix }: Cidr): string {
  return `${[24, 16, 8, 0].map((shift) => (base >>> shift) & 255).join(".")}/${prefix}`;
}

/** How many addresses the range holds. */
export function size({ prefix }: Cidr): number {
  return 2 ** (32 - prefix);
}

/** Whether the two ranges have an address in common. */
export function overlap(a: Cidr, b: Cidr): boolean {
  return a.base < b.base + size(b) && b.base < a.base + size(a);
}

/** The three subnets of a VCN. */
export interface SubnetCidrs {
  api: string;
  loadBalancers: string;
  workers: string;
}

/** Largest prefix of a VCN that still holds the three subnets. */
export const smallestVcnPrefix = 26;

/** OCI keeps the first two addresses and the last one of every subnet: https://docs.oracle.com/en-us/iaas/Content/Network/Concepts/overview.htm */
const reservedBySubnet = 3;

/**
 * The subnets of a VCN, all derived from its range: the API endpoint gets a /28 (Oracle's example,
 * https://docs.oracle.com/en-us/iaas/Content/ContEng/Concepts/contengnetworkconfigexample.htm),
 * load balancers the second quarter up to a /24, workers the second half up to a /20.
 *
 * @throws RangeError for a VCN smaller than /26.
 */
export function subnetCidrs(vcn: Cidr): SubnetCidrs {
  if (vcn.prefix > smallestVcnPrefix) {
    throw new RangeError(`${formatCidr(vcn)} is too small for three subnets: /26 or larger.`);
  }
  const quarter = size(vcn) / 4;
  return {
    api: formatCidr({ base: vcn.base, prefix: 28 }),
    loadBalancers: formatCidr({ base: vcn.base + quarter, prefix: Math.max(vcn.prefix + 2, 24) }),
    workers: formatCidr({ base: vcn.base + 2 * quarter, prefix: Math.max(vcn.prefix + 1, 20) }),
  };
}

/** How many workers a VCN's worker subnet has addresses for. */
export function workerCapacity(vcn: Cidr): number {
  const workers = parseCidr(subnetCidrs(vcn).workers);
  return workers ? size(workers) - reservedBySubnet : 0;
}

/** What flannel gives to Pods and OKE to Services unless told otherwise; stated to OKE so that it stays so. */
export const podsCidr = "10.244.0.0/16";
export const servicesCidr = "10.96.0.0/16";
