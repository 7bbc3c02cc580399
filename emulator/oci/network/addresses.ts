import { createHash } from "node:crypto";

import { formatCidr, parseCidr } from "../../../components/oke/cidr.js";
import type { Store } from "../state/store.js";

/** The first address of a subnet that no VNIC has; OCI keeps two at its beginning. */
export function freeAddress(store: Store, subnetId: string): string {
  const range = parseCidr(String(store.get(subnetId)?.item["cidrBlock"]));
  const taken = new Set(store.all("vnic").map(({ item }) => item["privateIp"]));
  for (let base = (range?.base ?? 0) + 2; ; base += 1) {
    const address = formatCidr({ base, prefix: 32 }).replace("/32", "");
    if (!taken.has(address)) return address;
  }
}

/**
 * A load balancer's public address: a loopback one, so that something can listen there, and another
 * one in every sandbox, so that two can do so side by side.
 */
export function loopbackAddress(store: Store, sandbox: string): string {
  const taken = store
    .all("loadbalancer")
    .flatMap(({ item }) => item["ipAddresses"] as { ipAddress: string }[])
    .map(({ ipAddress }) => ipAddress);
  const digest = createHash("sha256").update(sandbox).digest();
  // 127.16.0.0/12: away from 127.0.0.1 and from what resolvers and distributions use in 127.0.0.0/16.
  const base = [127, 16 + ((digest[0] ?? 0) % 16), digest[1] ?? 0];
  for (let last = 1; ; last += 1) {
    const address = [...base, last].join(".");
    if (!taken.includes(address)) return address;
  }
}
