import { Netmask } from "netmask";

/** An IPv4 range from `10.0.0.0/16`; undefined for anything that is not a range with all host bits zero. */
export function parseCidr(text: string): Netmask | undefined {
  if (!/^[\d.]+\/\d+$/.test(text)) return undefined;
  try {
    const range = new Netmask(text);
    // netmask also reads abbreviations and clears host bits.
    return range.toString() === text ? range : undefined;
  } catch {
    return undefined;
  }
}

/** Whether the two ranges overlap. */
export function overlap(a: Netmask, b: Netmask): boolean {
  return a.contains(b) || b.contains(a);
}

/** The three subnets of a VCN. */
export interface SubnetCidrs {
  api: string;
  loadBalancers: string;
  workers: string;
}

/** Largest prefix of a VCN that still holds the three subnets. */
export const smallestVcnPrefix = 26;

/** OCI reserves the first two addresses and the last one of every subnet: https://docs.oracle.com/en-us/iaas/Content/Network/Concepts/overview.htm */
const reservedBySubnet = 3;

/**
 * The subnets of a VCN, derived from its range: the API endpoint gets a /28 (Oracle's example,
 * https://docs.oracle.com/en-us/iaas/Content/ContEng/Concepts/contengnetworkconfigexample.htm), load balancers the
 * second quarter up to a /24, workers the second half up to a /20.
 *
 * @throws RangeError for a VCN smaller than /26.
 */
export function subnetCidrs(vcn: Netmask): SubnetCidrs {
  const { base, bitmask } = vcn;
  if (bitmask > smallestVcnPrefix) {
    throw new RangeError(`${vcn.toString()} is too small for three subnets: /26 or larger.`);
  }
  const quarter = new Netmask(`${base}/${bitmask + 2}`);
  return {
    api: `${base}/28`,
    loadBalancers: `${quarter.next(1).base}/${Math.max(bitmask + 2, 24)}`,
    workers: `${quarter.next(2).base}/${Math.max(bitmask + 1, 20)}`,
  };
}

/** The number of workers that fit in a VCN's worker subnet. */
export function workerCapacity(vcn: Netmask): number {
  return new Netmask(subnetCidrs(vcn).workers).size - reservedBySubnet;
}

/** Flannel's default range for Pods and OKE's for Services, set explicitly so that they stay. */
export const podsCidr = "10.244.0.0/16";
export const servicesCidr = "10.96.0.0/16";
