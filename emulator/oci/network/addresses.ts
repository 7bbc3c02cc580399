import { createHash } from "node:crypto";

import { long2ip, Netmask } from "netmask";

import type { Store } from "../state/store.js";

/** `10.0.0.0/16` as a block of addresses; undefined for any other text, such as one whose host bits are not zero. */
export function cidrBlock(text: string): Netmask | undefined {
  try {
    const block = new Netmask(text);
    return block.toString() === text ? block : undefined;
  } catch {
    return undefined;
  }
}

/** Whether two blocks overlap: then one contains the other. */
export const overlap = (a: Netmask, b: Netmask): boolean => a.contains(b) || b.contains(a);

/** The first address of a subnet without a VNIC. OCI reserves the first two. */
export function freeAddress(store: Store, subnetId: string): string {
  const block = cidrBlock(String(store.get(subnetId)?.item["cidrBlock"]));
  const taken = new Set(store.all("vnic").map(({ item }) => item["privateIp"]));
  for (let offset = 2; ; offset += 1) {
    const address = long2ip((block?.netLong ?? 0) + offset);
    if (!taken.has(address)) return address;
  }
}

/**
 * A load balancer's public address: on loopback, so that the data plane can listen on it, and in a range that differs
 * by emulator, so that two can run side by side.
 *
 * @param emulator identifies the emulator on this machine: its state folder.
 */
export function loopbackAddress(store: Store, emulator: string): string {
  const taken = store
    .all("loadbalancer")
    .flatMap(({ item }) => item["ipAddresses"] as { ipAddress: string }[])
    .map(({ ipAddress }) => ipAddress);
  const digest = createHash("sha256").update(emulator).digest();
  // 127.16.0.0/12: resolvers and distributions use addresses in 127.0.0.0/16.
  const base = [127, 16 + ((digest[0] ?? 0) % 16), digest[1] ?? 0];
  for (let last = 1; ; last += 1) {
    const address = [...base, last].join(".");
    if (!taken.includes(address)) return address;
  }
}
