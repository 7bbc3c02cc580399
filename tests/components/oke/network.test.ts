import { describe, expect, test } from "@jest/globals";

import {
  overlap,
  parseCidr,
  subnetCidrs,
  workerCapacity,
} from "../../../components/oke/network/cidr.js";
import { allServices } from "../../../components/oke/network/gateways.js";
import {
  apiRules,
  loadBalancerRules,
  securityListRules,
  workerRules,
} from "../../../components/oke/network/rules.js";
import type { Rule } from "../../../components/oke/network/rules.js";

const range = (text: string) => {
  const parsed = parseCidr(text);
  if (!parsed) throw new Error(`${text} is no range`);
  return parsed;
};

describe("ranges", () => {
  test.each(["10.0.0.0/16", "0.0.0.0/0", "255.255.255.255/32", "192.168.128.0/17"])(
    "parseCidr parses %s",
    (text) => {
      expect(range(text).toString()).toBe(text);
    },
  );

  test.each(["10.0.0.1/16", "10.0.0.0/33", "10.0.0.256/32", "10.0.0/8", "::/0", "", "10.0.0.0"])(
    "parseCidr refuses %j",
    (text) => {
      expect(parseCidr(text)).toBeUndefined();
    },
  );

  test.each([
    ["10.0.0.0/16", "10.0.255.0/24", true],
    ["10.0.0.0/16", "10.1.0.0/16", false],
    ["0.0.0.0/0", "10.1.0.0/16", true],
    ["10.0.1.0/24", "10.0.0.0/24", false],
  ])("%s and %s overlap: %s", (a, b, expected) => {
    expect(overlap(range(a), range(b))).toBe(expected);
    expect(overlap(range(b), range(a))).toBe(expected);
  });

  test.each([16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26])(
    "the subnets of a /%s are inside it and do not overlap",
    (prefix) => {
      const vcn = range(`10.32.0.0/${prefix}`);
      const subnets = Object.values(subnetCidrs(vcn)).map(range);
      for (const subnet of subnets) {
        expect(subnet.netLong).toBeGreaterThanOrEqual(vcn.netLong);
        expect(subnet.netLong + subnet.size).toBeLessThanOrEqual(vcn.netLong + vcn.size);
        expect(subnet.bitmask).toBeLessThanOrEqual(28);
        for (const other of subnets) expect(overlap(subnet, other)).toBe(other === subnet);
      }
    },
  );

  test("the default VCN's subnets", () => {
    expect(subnetCidrs(range("10.0.0.0/16"))).toEqual({
      api: "10.0.0.0/28",
      loadBalancers: "10.0.64.0/24",
      workers: "10.0.128.0/20",
    });
    expect(workerCapacity(range("10.0.0.0/16"))).toBe(4093);
  });

  test("a VCN smaller than /26 is refused", () => {
    expect(() => subnetCidrs(range("10.0.0.0/27"))).toThrow(/too small/);
  });
});

const peers = {
  api: "API",
  workers: "WORKERS",
  loadBalancers: "LB",
  apiClients: ["203.0.113.7/32", "198.51.100.0/24"],
  services: "OSN",
};

/** `in tcp 6443 from WORKERS`: a rule without its description. */
const summary = ({ direction, protocol, ports, peer }: Rule) =>
  [
    direction,
    protocol,
    ...(ports ? [ports[0] === ports[1] ? ports[0] : ports.join("-")] : []),
    peer,
  ].join(" ");

describe("rules", () => {
  test("of the API endpoint", () => {
    expect(apiRules(peers).map(summary)).toEqual([
      "in tcp 6443 203.0.113.7/32",
      "in tcp 6443 198.51.100.0/24",
      "in tcp 6443 WORKERS",
      "in tcp 12250 WORKERS",
      "in icmp WORKERS",
      "out tcp 443 OSN",
      "out icmp OSN",
      "out tcp WORKERS",
      "out icmp WORKERS",
    ]);
  });

  test("of the workers", () => {
    expect(workerRules(peers).map(summary)).toEqual([
      "in all WORKERS",
      "in tcp API",
      "in icmp 0.0.0.0/0",
      "in tcp 30000-32767 LB",
      "in udp 30000-32767 LB",
      "in tcp 10256 LB",
      "out all WORKERS",
      "out tcp 6443 API",
      "out tcp 12250 API",
      "out icmp API",
      "out tcp 443 OSN",
      "out icmp 0.0.0.0/0",
      "out all 0.0.0.0/0",
    ]);
  });

  test("of the load balancers", () => {
    expect(loadBalancerRules(peers).map(summary)).toEqual([
      "in tcp 80 0.0.0.0/0",
      "in tcp 443 0.0.0.0/0",
      "out tcp 30000-32767 WORKERS",
      "out udp 30000-32767 WORKERS",
      "out tcp 10256 WORKERS",
    ]);
  });

  test("match every ingress rule with an egress rule of its peer", () => {
    const reached = (rules: Rule[], direction: "in" | "out", ...peers: string[]) =>
      rules
        .filter((rule) => rule.direction === direction && peers.includes(rule.peer))
        .map(({ protocol, ports }) => JSON.stringify([protocol, ports]))
        .sort();
    const [api, workers, lb] = [apiRules(peers), workerRules(peers), loadBalancerRules(peers)];
    expect(reached(api, "out", "WORKERS")).toEqual(reached(workers, "in", "API", "0.0.0.0/0"));
    expect(reached(workers, "out", "API")).toEqual(reached(api, "in", "WORKERS"));
    expect(reached(lb, "out", "WORKERS")).toEqual(reached(workers, "in", "LB"));
  });

  test("allow the API server to call istiod's webhook on 15017", () => {
    const webhook = workerRules(peers).find(
      ({ direction, peer, protocol }) => direction === "in" && peer === "API" && protocol === "tcp",
    );
    expect(webhook).toBeDefined();
    expect(webhook?.ports).toBeUndefined();
  });

  test("become a security list with OCI's protocol numbers", () => {
    expect(securityListRules(apiRules(peers)).ingressSecurityRules[0]).toEqual({
      description: "Kubernetes API clients",
      protocol: "6",
      source: "203.0.113.7/32",
      sourceType: "CIDR_BLOCK",
      stateless: false,
      tcpOptions: { min: 6443, max: 6443 },
    });
    expect(securityListRules(apiRules(peers)).egressSecurityRules[1]).toEqual({
      description: "Path MTU discovery",
      protocol: "1",
      destination: "OSN",
      destinationType: "SERVICE_CIDR_BLOCK",
      stateless: false,
      icmpOptions: { type: 3, code: 4 },
    });
    const { egressSecurityRules } = securityListRules(workerRules(peers));
    expect(egressSecurityRules).toContainEqual(
      expect.objectContaining({ destination: "OSN", destinationType: "SERVICE_CIDR_BLOCK" }),
    );
    expect(egressSecurityRules).toContainEqual(
      expect.objectContaining({ protocol: "1", icmpOptions: { type: 3, code: 4 } }),
    );
    expect(egressSecurityRules).toContainEqual({
      description: expect.any(String),
      destination: "0.0.0.0/0",
      destinationType: "CIDR_BLOCK",
      protocol: "all",
      stateless: false,
    });
  });
});

describe("the service gateway's service", () => {
  test("is the entry for all services, at any position", () => {
    const all = { name: "All FRA Services In Oracle Services Network" };
    expect(allServices([{ name: "OCI FRA Object Storage" }, all])).toBe(all);
  });

  test("is reported missing with the policy that is needed", () => {
    expect(() => allServices([])).toThrow(/nothing.*virtual-network-family/s);
  });
});
