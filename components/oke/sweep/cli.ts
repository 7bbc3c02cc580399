import { request } from "../oci/rest.js";
import type { Caller } from "../oci/rest.js";
import { sweepVariables } from "./command.js";
import { loadIdentity } from "../token/identity.js";
import { sweep, sweepFailure } from "./sweep.js";
import type { LoadBalancer } from "./sweep.js";

/**
 * Runs when the network is destroyed, between the cluster and the load balancers' subnet. What can't be checked or
 * removed is said and does not stop the teardown: were a load balancer left, deleting the subnet would fail and name it.
 */
async function main(): Promise<void> {
  const compartmentId = process.env[sweepVariables.compartmentId] ?? "";
  const subnetId = process.env[sweepVariables.subnetId] ?? "";
  const identity = await loadIdentity();
  const region = identity.region;
  if (!region) throw new Error("no region in the environment or in ~/.oci/config");
  const caller: Caller = { identity, region };
  const compartment = encodeURIComponent(compartmentId);
  const removed = await sweep(
    {
      list: async () =>
        (await request<LoadBalancer[]>(
          caller,
          "GET",
          "loadBalancers",
          `/loadBalancers?compartmentId=${compartment}&limit=1000`,
        )) ?? [],
      remove: async (id) => {
        await request(
          caller,
          "DELETE",
          "loadBalancers",
          `/loadBalancers/${encodeURIComponent(id)}`,
        );
      },
    },
    subnetId,
  );
  process.stdout.write(
    removed.length > 0
      ? `Removed load balancers that Kubernetes left behind: ${removed.join(", ")}\n`
      : "No load balancer was left behind.\n",
  );
}

try {
  await main();
} catch (error) {
  process.stdout.write(sweepFailure(error));
}
