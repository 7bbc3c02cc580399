import { describe, expect, test } from "@jest/globals";

import { endpoint, OciError } from "../../../components/oke/oci/rest.js";
import { sweep, sweepFailure } from "../../../components/oke/sweep/sweep.js";
import type { LoadBalancer } from "../../../components/oke/sweep/sweep.js";

const quick = { interval: 1, timeout: 1_000 };

/** Load balancers that are listed once more after their deletion was requested. */
function service(balancers: LoadBalancer[], refuse: Record<string, number[]> = {}) {
  const calls: string[] = [];
  return {
    calls,
    list: async () => {
      const now = structuredClone(balancers);
      for (const one of balancers) {
        if (one.lifecycleState === "DELETING") one.lifecycleState = "DELETED";
      }
      return now;
    },
    remove: async (id: string) => {
      calls.push(id);
      const status = refuse[id]?.shift();
      if (status) throw new OciError(status, "Conflict", "busy");
      const found = balancers.find((one) => one.id === id);
      if (found) found.lifecycleState = "DELETING";
    },
  };
}

const ours = (id: string, lifecycleState = "ACTIVE") => ({
  id,
  displayName: `lb-${id}`,
  lifecycleState,
  subnetIds: ["subnet"],
});

describe("the sweep of load balancers", () => {
  test("deletes those in the subnet, waits until they are gone, and keeps others", async () => {
    const other = { ...ours("c"), subnetIds: ["elsewhere"] };
    const oci = service([ours("a"), ours("b"), other]);
    expect(await sweep(oci, "subnet", quick)).toEqual(["lb-a", "lb-b"]);
    expect(oci.calls).toEqual(["a", "b"]);
    expect(other.lifecycleState).toBe("ACTIVE");
  });

  test("does nothing if there are none", async () => {
    const oci = service([ours("a", "DELETED")]);
    expect(await sweep(oci, "subnet", quick)).toEqual([]);
    expect(oci.calls).toEqual([]);
  });

  test("waits for one that is being deleted", async () => {
    const oci = service([ours("a", "DELETING")]);
    expect(await sweep(oci, "subnet", quick)).toEqual([]);
    expect(oci.calls).toEqual([]);
  });

  test("tries again if OCI is overloaded or fails", async () => {
    const oci = service([ours("a")], { a: [429, 500] });
    const { list } = oci;
    const refusals = [503, 429];
    oci.list = async () => {
      const status = refusals.shift();
      if (status) throw new OciError(status, "TooManyRequests", "later");
      return list();
    };
    expect(await sweep(oci, "subnet", quick)).toEqual(["lb-a"]);
    expect(oci.calls).toEqual(["a", "a", "a"]);
  });

  test("reports OCI's error if it persists", async () => {
    const oci = service([ours("a")]);
    oci.list = async () => {
      throw new OciError(429, "TooManyRequests", "later");
    };
    await expect(sweep(oci, "subnet", { interval: 1, timeout: 20 })).rejects.toThrow("later");
  });

  test("tries again one that is being changed, and ignores one that is deleted", async () => {
    const oci = service([ours("a")], { a: [409, 409] });
    expect(await sweep(oci, "subnet", quick)).toEqual(["lb-a"]);
    expect(oci.calls).toEqual(["a", "a", "a"]);
  });

  test("stops if OCI refuses", async () => {
    const oci = service([ours("a")], { a: [401] });
    await expect(sweep(oci, "subnet", quick)).rejects.toThrow("Conflict (401): busy");
  });

  test("names those that are not deleted in time", async () => {
    const oci = service([ours("a")], { a: Array.from({ length: 1000 }, () => 409) });
    const error: unknown = await sweep(oci, "subnet", { interval: 1, timeout: 20 }).catch(
      (reason: unknown) => reason,
    );
    const said = sweepFailure(error);
    expect(said).toMatch(
      /has not deleted .*\. Still in subnet subnet: lb-a\.\nThey cost money\. Delete them/,
    );
    expect(said).not.toContain("Not checked");
  });

  test("reports that it could not check if OCI did not answer", () => {
    expect(sweepFailure(new TypeError("fetch failed"))).toMatch(
      /^Could not check for load balancers left behind: fetch failed\nThey cost money\. Look for them/,
    );
  });
});

describe("the URL of an OCI service", () => {
  test("depends on region and realm", () => {
    expect(endpoint("loadBalancers", "eu-frankfurt-1", {})).toBe(
      "https://iaas.eu-frankfurt-1.oraclecloud.com/20170115",
    );
    expect(endpoint("limits", "us-langley-1", {})).toBe(
      "https://limits.us-langley-1.oci.oraclegovcloud.com/20190729",
    );
    expect(endpoint("identity", "xx-nowhere-1", {})).toBe(
      "https://identity.xx-nowhere-1.oraclecloud.com/20160918",
    );
  });

  test("can be overridden as for the oci provider", () => {
    const env = {
      CLIENT_HOST_OVERRIDES:
        "oci_core.ComputeClient=http://127.0.0.1:1;oci_load_balancer.LoadBalancerClient=http://127.0.0.1:2",
    };
    expect(endpoint("loadBalancers", "eu-frankfurt-1", env)).toBe("http://127.0.0.1:2/20170115");
    expect(endpoint("network", "eu-frankfurt-1", env)).toMatch(/^https:\/\/iaas/);
  });
});
