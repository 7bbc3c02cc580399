import type { Settings } from "../components/settings/types.js";
import { refused } from "./row.js";
import type { Row } from "./row.js";

/** Asks OCI: a service of its REST API, and a path after the version. */
export type Ask = <T>(
  service: "identity" | "containerEngine" | "limits",
  path: string,
) => Promise<T | undefined>;

/** One service limit that the program needs something of. */
interface Need {
  check: string;
  service: string;
  limit: string;
  count: number;
  /** Counted in each availability domain. */
  perDomain: boolean;
}

/** Limits of OCPUs by shape: https://docs.oracle.com/en-us/iaas/Content/General/Concepts/servicelimits.htm */
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
 * What is left of each limit. Workers spread over the availability domains, so what all of them have left together
 * counts.
 *
 * @param isRunning the stack stands already: what it has is used up, and needed no second time.
 */
export async function limitRows(
  ask: Ask,
  settings: Settings,
  { domains, isRunning }: { domains: readonly string[]; isRunning: boolean },
): Promise<Row[]> {
  return Promise.all(
    needsOf(settings).map(async (need): Promise<Row> => {
      const { check, service, limit, count } = need;
      try {
        const left = (
          await Promise.all(
            (need.perDomain ? domains : [undefined]).map((domain) =>
              availability(ask, need, settings.compartmentId ?? "", domain),
            ),
          )
        ).reduce((sum, one) => sum + one, 0);
        if (left >= count || isRunning) {
          return {
            check,
            state: "ok",
            found: `${left} left, ${isRunning ? "the stack has its own" : `${count} needed`}`,
          };
        }
        return {
          check,
          state: "problem",
          found: `${left} left, ${count} needed (${service}: ${limit})`,
          remedy:
            "Ask for more in the console under Governance, Limits, Quotas and Usage, or free some; another shape: pulumi config set --path nodes.shape <shape>",
        };
      } catch (error) {
        return refused(
          check,
          error,
          "Allow group <group> to read resource-availability in tenancy",
        );
      }
    }),
  );
}

async function availability(
  ask: Ask,
  { service, limit }: Need,
  compartmentId: string,
  domain: string | undefined,
): Promise<number> {
  const query = new URLSearchParams({
    compartmentId,
    ...(domain && { availabilityDomain: domain }),
  });
  const answer = await ask<{ available?: number }>(
    "limits",
    `/services/${service}/limits/${limit}/resourceAvailability?${query}`,
  );
  return answer?.available ?? 0;
}
