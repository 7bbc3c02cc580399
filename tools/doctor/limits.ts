import {
  availabilityOf,
  type Availability,
  type Created,
  hasKnownLimits,
  increase,
  type Need,
  needsOf,
  shortage,
} from "../../components/oke/limits.js";
import { isFlexible } from "../../components/oke/shapes.js";
import type { Settings } from "../../components/settings/types.js";
import { refused } from "./check-result.js";
import type { CheckResult } from "./check-result.js";

/** GETs a path, without the API version, from an OCI service. */
export type Ask = <T>(
  service: "identity" | "containerEngine" | "limits",
  path: string,
) => Promise<T | undefined>;

/** The workers' limits of a shape for which no limit is known. */
function unknownShape({ nodes: { shape, ocpus, memoryGb, count } }: Settings): CheckResult[] {
  if (hasKnownLimits(shape)) return [];
  const size = isFlexible(shape) ? ` of ${ocpus} OCPUs and ${memoryGb} GB` : "";
  return [
    {
      check: `limit: ${shape}`,
      state: "not checked",
      found: `the limits of this shape are not known here; ${count} ${count === 1 ? "worker" : "workers"}${size} needed`,
      remedy:
        "In the console under Governance, Limits, Quotas and Usage, service Compute, look for the shape's series",
    },
  ];
}

/**
 * What is left of each limit. Workers spread over the availability domains, so their limits are added up. A limit that
 * OCI does not report is "not checked".
 *
 * @param domains names of the availability domains; empty if they could not be listed.
 * @param creates what an `up` would create; the stack already uses its share of the rest. Undefined: unknown.
 */
export async function limitRows(
  ask: Ask,
  settings: Settings,
  { domains, creates }: { domains: readonly string[]; creates?: Created },
): Promise<CheckResult[]> {
  const needs = needsOf(settings);
  const { compartmentId = "" } = settings;
  const available = async ({ service, limit }: Need, domain?: string) => {
    const query = new URLSearchParams({
      compartmentId,
      ...(domain && { availabilityDomain: domain }),
    });
    const path = `/services/${service}/limits/${limit}/resourceAvailability?${query}`;
    return (await ask<{ available?: number | null }>("limits", path))?.available;
  };
  const answers = await Promise.all(needs.map((need) => availabilityOf(need, domains, available)));
  // One policy covers all limits: if one was readable, another's "not found" does not mean a missing policy.
  const mayRead = answers.some(({ known }) => known > 0);
  return [
    ...unknownShape(settings),
    ...needs.map((need, i) => rowOf(need, answers[i] ?? nothing, { mayRead, creates })),
  ];
}

const nothing: Availability = { left: 0, known: 0, unknown: 0 };

function rowOf(
  need: Need,
  availability: Availability,
  { mayRead, creates }: { mayRead: boolean; creates?: Created },
): CheckResult {
  const isUsed = creates?.[need.part] === false;
  const { service, limit, count } = need;
  const { left, known, unknown, error } = availability;
  const check = `limit: ${need.what}`;
  if (known > 0 && (left >= count || isUsed)) {
    const used = isUsed ? "the stack already uses its own" : `${count} needed`;
    return { check, state: "ok", found: `${left} left, ${used}` };
  }
  const found = shortage(need, availability);
  if (found !== undefined) {
    if (creates === undefined) {
      const own = "whether the stack already uses its own is unknown";
      return { check, state: "not checked", found: `${found}; ${own}` };
    }
    return { check, state: "problem", found, remedy: increase };
  }
  if (error !== undefined) {
    const policy = "Allow group <group> to read resource-availability in tenancy";
    const row = refused(check, error, policy);
    if (!mayRead || row.remedy !== policy) return row;
  }
  const why =
    known + unknown === 0
      ? "the availability domains could not be listed"
      : "OCI does not report how many are left";
  return { check, state: "not checked", found: `${why} (${service}: ${limit})` };
}
