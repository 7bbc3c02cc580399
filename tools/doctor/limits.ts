import type { Settings } from "../../components/settings/types.js";
import { refused } from "./check-result.js";
import type { CheckResult } from "./check-result.js";

/** GETs a path, without the API version, from an OCI service. */
export type Ask = <T>(
  service: "identity" | "containerEngine" | "limits",
  path: string,
) => Promise<T | undefined>;

/** A service limit and how much of it the program needs. */
interface Need {
  check: string;
  service: string;
  limit: string;
  count: number;
  /** Whether the limit applies to each availability domain. */
  perDomain: boolean;
}

/** OCPU limits by shape: https://docs.oracle.com/en-us/iaas/Content/General/Concepts/servicelimits.htm */
const coreLimits: Record<string, string> = {
  "VM.Standard3.Flex": "standard3-core-count",
  "VM.Standard.E3.Flex": "standard-e3-core-ad-count",
  "VM.Standard.E4.Flex": "standard-e4-core-count",
  "VM.Standard.E5.Flex": "standard-e5-core-count",
  "VM.Optimized3.Flex": "optimized3-core-count",
};

/** What one stack needs of the tenancy's limits. */
export function needsOf({ nodes, gateway }: Settings): Need[] {
  const cores = coreLimits[nodes.shape];
  return [
    ...(cores
      ? [
          {
            check: `limit: OCPUs of ${nodes.shape}`,
            service: "compute",
            limit: cores,
            count: nodes.ocpus * nodes.count,
            perDomain: true,
          },
        ]
      : []),
    ...(gateway.serviceType === "LoadBalancer"
      ? [regional("limit: load balancers", "load-balancer", "lb-flexible-count")]
      : []),
    regional("limit: VCNs", "vcn", "vcn-count"),
    regional("limit: OKE clusters", "container-engine", "cluster-count"),
  ];
}

const regional = (check: string, service: string, limit: string): Need => ({
  check,
  service,
  limit,
  count: 1,
  perDomain: false,
});

/**
 * What is left of each limit. Workers spread over the availability domains, so their limits are added up. A limit that
 * OCI does not report is "not checked".
 *
 * @param domains names of the availability domains; empty if they could not be listed.
 * @param isRunning whether the stack is deployed and already uses its share; undefined: unknown.
 */
export async function limitRows(
  ask: Ask,
  settings: Settings,
  { domains, isRunning }: { domains: readonly string[]; isRunning?: boolean },
): Promise<CheckResult[]> {
  const needs = needsOf(settings);
  const answers = await Promise.all(
    needs.map((need) => availability(ask, need, settings.compartmentId ?? "", domains)),
  );
  // One policy covers all limits: if one was readable, another's "not found" does not mean a missing policy.
  const mayRead = answers.some(({ known }) => known > 0);
  return needs.map((need, i) => rowOf(need, answers[i] ?? nothing, { mayRead, isRunning }));
}

/** OCI's answers about one limit. */
interface Availability {
  left: number;
  /** How many answers had a number. */
  known: number;
  /** How many had none. */
  unknown: number;
  /** The error of one that failed. */
  error?: unknown;
}

const nothing: Availability = { left: 0, known: 0, unknown: 0 };

function rowOf(
  { check, service, limit, count }: Need,
  { left, known, unknown, error }: Availability,
  { mayRead, isRunning }: { mayRead: boolean; isRunning?: boolean },
): CheckResult {
  if (known > 0 && (left >= count || isRunning)) {
    const need = isRunning ? "the stack already uses its own" : `${count} needed`;
    return { check, state: "ok", found: `${left} left, ${need}` };
  }
  const named = `(${service}: ${limit})`;
  if (unknown === 0 && known > 0) {
    const found = `${left} left, ${count} needed ${named}`;
    if (isRunning === undefined) {
      const own = "whether the stack already uses its own is unknown";
      return { check, state: "not checked", found: `${found}; ${own}` };
    }
    return {
      check,
      state: "problem",
      found,
      remedy:
        "Request an increase in the console under Governance, Limits, Quotas and Usage, or free some. To use another shape: pulumi config set --path nodes.shape <shape>",
    };
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
  return { check, state: "not checked", found: `${why} ${named}` };
}

async function availability(
  ask: Ask,
  { service, limit, perDomain }: Need,
  compartmentId: string,
  domains: readonly string[],
): Promise<Availability> {
  const answers = await Promise.all(
    (perDomain ? domains : [undefined]).map(async (availabilityDomain) => {
      const query = new URLSearchParams({
        compartmentId,
        ...(availabilityDomain && { availabilityDomain }),
      });
      try {
        const answer = await ask<{ available?: number | null }>(
          "limits",
          `/services/${service}/limits/${limit}/resourceAvailability?${query}`,
        );
        return { available: answer?.available ?? undefined };
      } catch (error) {
        return { error };
      }
    }),
  );
  const numbers = answers.flatMap(({ available }) => available ?? []);
  return {
    left: numbers.reduce((sum, one) => sum + one, 0),
    known: numbers.length,
    unknown: answers.length - numbers.length,
    error: answers.find(({ error }) => error !== undefined)?.error,
  };
}
