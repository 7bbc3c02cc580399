import { isFlexible } from "../../components/oke/shapes.js";
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

/** Limits of a shape's OCPUs and memory: https://docs.oracle.com/en-us/iaas/Content/Quotas/Concepts/resourcequotas_topic-Compute_Quotas.htm */
const shapeLimits: Record<string, { ocpus: string; memory: string }> = {
  "VM.Standard3.Flex": { ocpus: "standard3-core-count", memory: "standard3-memory-count" },
  // The name without `-ad` is an older, regional limit.
  "VM.Standard.E3.Flex": { ocpus: "standard-e3-core-ad-count", memory: "standard-e3-memory-count" },
  "VM.Standard.E4.Flex": { ocpus: "standard-e4-core-count", memory: "standard-e4-memory-count" },
  "VM.Standard.E5.Flex": { ocpus: "standard-e5-core-count", memory: "standard-e5-memory-count" },
  "VM.Standard.E6.Flex": { ocpus: "standard-e6-core-count", memory: "standard-e6-memory-count" },
  "VM.Optimized3.Flex": { ocpus: "optimized3-core-count", memory: "optimized3-memory-count" },
};

/** What one stack needs of the tenancy's limits, as far as their names are known. */
export function needsOf({ nodes, gateway }: Settings): Need[] {
  const limits = shapeLimits[nodes.shape];
  const compute = (what: string, limit: string, each: number): Need => ({
    check: `limit: ${what} of ${nodes.shape}`,
    service: "compute",
    limit,
    count: each * nodes.count,
    perDomain: true,
  });
  return [
    ...(limits
      ? [
          compute("OCPUs", limits.ocpus, nodes.ocpus),
          compute("GB of memory", limits.memory, nodes.memoryGb),
        ]
      : []),
    ...(gateway.serviceType === "LoadBalancer"
      ? [regional("limit: load balancers", "load-balancer", "lb-flexible-count")]
      : []),
    regional("limit: VCNs", "vcn", "vcn-count"),
    regional("limit: OKE clusters", "container-engine", "cluster-count"),
  ];
}

/** The workers' limits of a shape for which no limit is known. */
function unknownShape({ nodes: { shape, ocpus, memoryGb, count } }: Settings): CheckResult[] {
  if (shape in shapeLimits) return [];
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
  return [
    ...unknownShape(settings),
    ...needs.map((need, i) => rowOf(need, answers[i] ?? nothing, { mayRead, isRunning })),
  ];
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
