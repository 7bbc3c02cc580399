import { request } from "../oci/rest.js";
import type { Caller } from "../oci/rest.js";
import { sweepVariables } from "./command.js";
import { loadIdentity } from "../token/identity.js";
import { sweep, sweepFailure } from "./sweep.js";
import type { LoadBalancer } from "./sweep.js";

/**
 * Runs in a destroy, after the cluster and before the load balancers' subnet. It reports its own failures without
 * stopping the destroy: if a load balancer is left, deleting the subnet fails and names it.
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
