import * as oci from "@pulumi/oci";
import * as pulumi from "@pulumi/pulumi";

import {
  availabilityOf,
  type Created,
  increase,
  needsOf,
  shortage,
  type Wanted,
} from "./limits.js";

/**
 * Warns of limits that leave too little for what will be created; asks nothing if that is nothing. It does not refuse:
 * OCI's counts may be behind, and a quota or an increase may be on its way. A limit that can't be read is left out.
 *
 * @param created what the stack does not have yet.
 * @param availabilityDomains names, over which the workers spread.
 */
export async function warnOfLimits(
  settings: Wanted,
  created: Created,
  { compartmentId, availabilityDomains }: { compartmentId: string; availabilityDomains: string[] },
): Promise<void> {
  const needs = needsOf(settings).filter(({ part }) => created[part]);
  const found = await Promise.all(
    needs.map(async (need) => {
      const availability = await availabilityOf(need, availabilityDomains, async (_, domain) => {
        const { available } = await oci.limits.getResourceAvailability({
          compartmentId,
          serviceName: need.service,
          limitName: need.limit,
          ...(domain !== undefined && { availabilityDomain: domain }),
        });
        return available;
      });
      const short = shortage(need, availability);
      return short === undefined ? [] : [`  ${need.what}: ${short}`];
    }),
  );
  const lines = found.flat();
  if (lines.length === 0) return;
  await pulumi.log.warn(
    [
      "The tenancy's limits leave too little for what this stack is about to create, and OCI would refuse it with LimitExceeded:",
      ...lines,
      `${increase}. To check them again: npm run doctor`,
    ].join("\n"),
  );
}
